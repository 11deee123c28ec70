"""Whether to reach out at all, and how long one may take."""

import time

from django.conf import settings

from .errors import Off, TimedOut

WHOLE = 10.0  # seconds for a call, where whoever makes it says nothing else


def is_on() -> bool:
    """Whether the portal may reach out at all (`OUTBOUND`)."""
    return bool(settings.OUTBOUND)


def end_of(until: float | None, at: str) -> float:
    """Give when a call has to be over, by `time.monotonic()`; raises Off where there may be none."""
    if not is_on():
        raise Off(at)
    return time.monotonic() + WHOLE if until is None else until


def seconds_left(until: float, step: float, at: str) -> float:
    """Give how many seconds a step may take, `step` at most; raises TimedOut where there are none left."""
    left = min(step, until - time.monotonic())
    if left <= 0:
        raise TimedOut(at)
    return left
