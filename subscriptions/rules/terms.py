"""Terms, and what the CA lets be done until when: every day count and every window."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

TERM_DAYS = {1: 365, 2: 730, 3: 1095}  # "Create an ACME account" in the CaaS guide
TERM_TOLERANCE_DAYS = 2  # the guide counts "from the next calendar day"; the exact formula is not published
REFUND_DAYS = 29  # the guide says "within 30 days" in one place and "less than 30 days" in another
EXTENSION_DAYS_BEFORE = 99  # "Extend domains" in the guide: 100 days before the expiry to 30 days after it, without
EXTENSION_DAYS_AFTER = 29  # saying whether the first and the last day count
NEW_TERM_DAYS_AFTER = 32  # the guide does not say when a name starts the next term: once the 30 days are surely over
READINGS_APART = timedelta(minutes=5)  # at least, between two readings that are to prove something together
LISTED_LATE = timedelta(hours=2)  # after a change made here: a list may be from before it, for one can be an hour old
OPEN_FOR_LONG = timedelta(days=1)  # a charge that is not confirmed, or not listed, by then is a finding
CLOSING_TIME = timedelta(minutes=10)  # before the end of a term, in which nothing is added to it any more
TOLD_DAYS = 30  # how long pages say that the provider has deactivated one client: it is in the list for ever
ASKED_EARLY_DAYS = 30  # before the CA takes an extension, a customer can already ask for it
ENDING_DAYS = (100, 60, 30, 7)  # how long before a term's end its customer is told, again and again
RECENT_DAYS = 7  # how long the dashboard keeps what went wrong and is over


def utc_day(instant: datetime) -> date:
    """Give the day of an instant in UTC."""
    return instant.astimezone(UTC).date()


def last_day(end: date) -> date:
    """Give the last day of what ends at an instant: the day in UTC, as the CA counts them ("Create an ACME account").

    It is the same day for everyone, wherever it is read: a term ends with a day, a certificate at an instant. What is a
    day already stays as it is.
    """
    return utc_day(end) if isinstance(end, datetime) else end


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=UTC)


def whole_day(day: date) -> tuple[datetime, datetime]:
    """Give the first and the last instant of a day in UTC."""
    return _begin_of(day), _end_of(day)


def refundable_until(charged_at: datetime) -> datetime:
    """Give until when the CA surely gives the price of a name back that is removed: the end of the last such day."""
    return _end_of(utc_day(charged_at) + timedelta(days=REFUND_DAYS))


def refundable_since(now: datetime) -> datetime:
    """Give since when a name must have been charged for to be surely refundable at `now`: the begin of that day."""
    return _begin_of(utc_day(now) - timedelta(days=REFUND_DAYS))


@dataclass(frozen=True, slots=True)
class Window:
    """A time of whole days in UTC in which something can be done; its first and its last instant belong to it."""

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
    return _days_around(last_day(expires_at), before=EXTENSION_DAYS_BEFORE, after=EXTENSION_DAYS_AFTER)


def extension_asked_from(expires_at: datetime) -> datetime:
    """Give from when on a customer can ask for the extension of a subscription: some time before the CA takes it."""
    return extension_window(expires_at).opens_at - timedelta(days=ASKED_EARLY_DAYS)


def ending_step(expires_at: datetime, now: datetime) -> int | None:
    """Give which of ENDING_DAYS a term has come to; 0 on its last day and -1 after it, None before and long after."""
    left = (last_day(expires_at) - utc_day(now)).days
    if expires_at <= now:
        return None if extension_window(expires_at).is_over(now) else -1
    return 0 if left <= 0 else min((days for days in ENDING_DAYS if left <= days), default=None)


def new_term_from(expires_at: datetime) -> datetime:
    """Give from when on the next name added starts a new term: the CA takes no extension of this one any more.

    It is the begin of a day, so that what pages say of that day is so in all of it.
    """
    return _begin_of(last_day(expires_at) + timedelta(days=NEW_TERM_DAYS_AFTER))


def years_text(years: int) -> str:
    """Give a term in words: "1 year", "2 years"."""
    return "1 year" if years == 1 else f"{years} years"


def removable_until(expires_at: datetime) -> datetime:
    """Give until when the CA surely takes names out: as long as it would extend ("Unsuccessful responses")."""
    return extension_window(expires_at).closes_at


def extendable_expiries(now: datetime) -> Window:
    """Give between which instants the expiry of a subscription lies whose extension the CA surely takes at `now`."""
    return _days_around(utc_day(now), before=EXTENSION_DAYS_AFTER, after=EXTENSION_DAYS_BEFORE)


def _days_around(day: date, *, before: int, after: int) -> Window:
    return Window(_begin_of(day - timedelta(days=before)), _end_of(day + timedelta(days=after)))


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
