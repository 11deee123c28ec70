"""The headers of the CA's answers that are read: its clock, and how long it asks to wait (RFC 9110)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 3600  # seconds; a longer wish is a slip, and an endless one would keep a call for ever


def http_date(text: str) -> datetime | None:
    """The instant of a `Date` header (RFC 9110 6.6.1), None for one that is missing or none."""
    try:
        instant = parsedate_to_datetime(text)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def seconds_to_wait(text: str, *, now: datetime) -> int | None:
    """The wish of a `Retry-After` header (RFC 9110 10.2.3), at most LONGEST_WAIT; None where it names none."""
    if text.isascii() and text.isdecimal():
        # Cut first: Python reads no number of thousands of digits.
        return min(int(text[:9]), LONGEST_WAIT)
    until = http_date(text)
    return None if until is None else min(max(0, round((until - now).total_seconds())), LONGEST_WAIT)
