"""What a name costs and until when it is paid for. Cents in, cents out; pure."""

from datetime import UTC, datetime, time, timedelta

DAYS_OF_YEAR = 365
TERM_DAYS = (365, 730, 1095)
REFUND_PERIOD = timedelta(days=30)


def cost_cents(annual_cents: int, days: int) -> int:
    """The price of so many days, rounded half up to a cent; the CA's own formula is not published."""
    return (2 * annual_cents * days + DAYS_OF_YEAR) // (2 * DAYS_OF_YEAR)


def expiry(start: datetime, days: int, *, first_day_counts: bool) -> datetime:
    """The end of a term at 23:59:59 UTC; its first day is the one after the start, or the day itself."""
    last_day = start.astimezone(UTC).date() + timedelta(days=days - first_day_counts)
    return datetime.combine(last_day, time(23, 59, 59), tzinfo=UTC)


def extended(expires_at: datetime, days: int) -> datetime:
    """The end after an extension, which begins where the term ends, whenever it was paid for."""
    return expires_at + timedelta(days=days)


def full_days_left(now: datetime, expires_at: datetime) -> int:
    """The whole days between now and the expiry, never negative."""
    return max((expires_at - now).days, 0)
