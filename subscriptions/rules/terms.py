"""Terms, and what the CA lets be done until when: every day count and every window."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

TERM_DAYS = {1: 365, 2: 730, 3: 1095}  # "Create an ACME account" in the CaaS guide
REFUND_DAYS = 29  # the guide says "within 30 days" in one place and "less than 30 days" in another
EXTENSION_DAYS_BEFORE = 99  # "Extend domains" in the guide: 100 days before the expiry to 30 days after it, without
EXTENSION_DAYS_AFTER = 29  # saying whether the first and the last day count
READINGS_APART = timedelta(minutes=5)  # at least, between two readings that are to prove something together
OPEN_FOR_LONG = timedelta(days=1)  # a charge that is not confirmed, or not listed, by then is a finding
CLOSING_TIME = timedelta(minutes=10)  # before the end of a term, in which nothing is added to it any more


def refundable_until(charged_at: datetime) -> datetime:
    """Give until when the CA surely gives the price of a name back that is removed."""
    return charged_at + timedelta(days=REFUND_DAYS)


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which something can be done."""

    opens_at: datetime
    closes_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether it lies behind `now`."""
        return now > self.closes_at


def extension_window(expires_at: datetime) -> Window:
    """Give when the CA surely takes the extension of a subscription."""
    opens_at = expires_at - timedelta(days=EXTENSION_DAYS_BEFORE)
    return Window(opens_at, expires_at + timedelta(days=EXTENSION_DAYS_AFTER))


def fits_term(expires_at: datetime, *, first_added_at: datetime, years: int) -> bool:
    """Whether an expiry is that of a term of so many years, counted from the first name, to within two days.

    The guide's "Subscription overview" counts "from the next calendar day"; the exact formula is not published.
    """
    return abs(expires_at - first_added_at - timedelta(days=TERM_DAYS[years])) <= timedelta(days=2)


def expiry_of(expiries: Iterable[datetime | None]) -> datetime | None:
    """Give the end of the term that a listing of names shows: the latest of theirs, or none where none is told."""
    return max((instant for instant in expiries if instant is not None), default=None)
