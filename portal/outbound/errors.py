"""Why a call to the outside gave nothing."""


class OutboundError(Exception):
    """A call to the outside that gave nothing: `at` (which address or name), `why` (one word of those below).

    `redirects`: the addresses an HTTP request was sent on to before, in their order.
    """

    why: str = "unreachable"

    def __init__(self, at: str, why: str = "") -> None:
        self.at, self.redirects = at, tuple[str, ...]()
        self.why = why or self.why
        super().__init__(f"{at}: {self.why}")


class Off(OutboundError):  # noqa: N818 - it names what happened
    """The portal may not reach out (`OUTBOUND`)."""

    why = "off"


class Refused(OutboundError):  # noqa: N818
    """What is not gone to: `not_public`, or of a redirect `port`, `scheme`, `userinfo`, `too_many`."""

    why = "not_public"


class Unreachable(OutboundError):  # noqa: N818
    """Nobody is there: `unreachable`, `no_name`, `no_address`, `no_route` (this machine has no way
    there, as to IPv6)."""


class TimedOut(OutboundError):  # noqa: N818
    """No answer within the time."""

    why = "timed_out"


class Unreadable(OutboundError):  # noqa: N818
    """An answer that cannot be understood or is too long: `unreadable`; `certificate` where TLS does not hold."""

    why = "unreadable"
