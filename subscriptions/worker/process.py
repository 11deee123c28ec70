"""What this worker process remembers of itself: since when it has compared the CA with the ledger."""

from datetime import datetime

from subscriptions.ledger.moves import forget_counter
from subscriptions.ledger.reading import forget_baselines
from subscriptions.ledger.restored import hold_after_restore

_since: datetime | None = None


def begin(now: datetime) -> None:
    """Note, in the database's time, that this worker begins, or that the database has gone back.

    What was read before counts as not compared: the first change on each binding is preceded by a reading.
    """
    global _since
    _since = now


def compares_since() -> datetime | None:
    """Give since when readings count as compared by this process; none outside a worker."""
    return _since


def note_restore(now: datetime) -> None:
    """Hold every change at the CA: the database went back."""
    forget_counter()
    forget_baselines()
    hold_after_restore()
    begin(now)
