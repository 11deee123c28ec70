"""Terms, and what the CA lets be done until when: every day count and every window."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

TERM_DAYS = {1: 365, 2: 730, 3: 1095}  # "Create an ACME account" in the CaaS guide
TERM_TOLERANCE_DAYS = 2  # the guide counts "from the next calendar day"; the exact formula is not published
REFUND_DAYS = 29  # the guide says "within 30 days" in one place and "less than 30 days" in another
EXTENSION_DAYS_BEFORE = 99  # "Extend domains" in the guide: 100 days before the expiry to 30 days after it, without
EXTENSION_DAYS_AFTER = 29  # saying whether the first and the last day count
READINGS_APART = timedelta(minutes=5)  # at least, between two readings that are to prove something together
OPEN_FOR_LONG = timedelta(days=1)  # a charge that is not confirmed, or not listed, by then is a finding
CLOSING_TIME = timedelta(minutes=10)  # before the end of a term, in which nothing is added to it any more
RECENT_DAYS = 7  # how long the dashboard keeps what went wrong and is over


def utc_day(instant: datetime) -> date:
    """Give the day of an instant in UTC."""
    return instant.astimezone(UTC).date()


def refundable_until(charged_at: datetime) -> datetime:
    """Give until when the CA surely gives the price of a name back that is removed."""
    return charged_at + timedelta(days=REFUND_DAYS)


def refundable_since(now: datetime) -> datetime:
    """Give since when a name must have been charged for to be surely refundable at `now`."""
    return now - timedelta(days=REFUND_DAYS)


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which something can be done; its first and its last instant belong to it."""

    opens_at: datetime
    closes_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether it lies behind `now`."""
        return now > self.closes_at

    def holds(self, now: datetime) -> bool:
        """Whether `now` lies in it."""
        return self.opens_at <= now <= self.closes_at


def extension_window(expires_at: datetime) -> Window:
    """Give when the CA surely takes the extension of a subscription."""
    opens_at = expires_at - timedelta(days=EXTENSION_DAYS_BEFORE)
    return Window(opens_at, expires_at + timedelta(days=EXTENSION_DAYS_AFTER))


def extendable_expiries(now: datetime) -> Window:
    """Give between which instants the expiry of a subscription lies whose extension the CA surely takes at `now`."""
    return Window(now - timedelta(days=EXTENSION_DAYS_AFTER), now + timedelta(days=EXTENSION_DAYS_BEFORE))


def expiry_of(expiries: Iterable[datetime | None]) -> datetime | None:
    """Give the expiry of a subscription from those of its listed names: the latest; None where none has any.

    The names of a term share its end ("Subscription overview" in the guide); one of an older term may be listed yet.
    """
    return max((expiry for expiry in expiries if expiry is not None), default=None)


def possible_terms(expires_at: datetime | None, *, seen_at: datetime) -> tuple[int, ...]:
    """Give the terms in years that an expiry allows which was seen at an instant: the term had begun by then.

    All of them where it says nothing: there is none yet, it is over, or extensions have moved it out of reach.
    """
    if expires_at is None:
        return tuple(TERM_DAYS)
    ahead = expires_at - seen_at - timedelta(days=TERM_TOLERANCE_DAYS)
    return tuple(years for years, days in TERM_DAYS.items() if ahead <= timedelta(days=days)) or tuple(TERM_DAYS)


def fits_term(expires_at: datetime, *, first_added_at: datetime, years: int) -> bool:
    """Whether an expiry is that of a term of so many years, counted from the first name, to within two days.

    See "Subscription overview" in the guide.
    """
    difference = expires_at - first_added_at - timedelta(days=TERM_DAYS[years])
    return abs(difference) <= timedelta(days=TERM_TOLERANCE_DAYS)
