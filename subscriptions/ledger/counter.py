"""The newest event number this process has seen: the database never gives a lower one but after it went back."""


class LedgerWentBackError(Exception):
    """The database gave an event a number that this process has seen already: it went back to an earlier state."""


class Counter:
    """What this process has seen of events that were written for good."""

    newest = 0

    @classmethod
    def note(cls, number: int) -> None:
        """Remember the number of an event that was committed."""
        cls.newest = max(cls.newest, number)


def forget_counter() -> None:
    """Begin to count events anew: what was seen before a restore is dealt with."""
    Counter.newest = 0
