"""What ends on which day of a month: certificates, terms and pre-validations, each as its list shows it."""

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Certificate, Prevalidation, Subscription
from subscriptions.rules.terms import last_day, whole_day
from subscriptions.selectors.activity import start_of_day

MOST_COUNTED = 1000  # certificates of one day; of more it is only said that there are
YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class Ends:
    """So many of one sort that end on a day, and where the list of just these is."""

    sort: str
    number: int
    url: str
    is_exact: bool = True

    @property
    def words(self) -> str:
        """How many of what."""
        one, several = {
            "certificates": ("certificate", "certificates"),
            "terms": ("term", "terms"),
            "prevalidations": ("pre-validation", "pre-validations"),
        }[self.sort]
        number = f"{self.number:,}" if self.is_exact else f"more than {self.number:,}"
        return f"{number} {one if self.number == 1 and self.is_exact else several}"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar."""

    day: date
    is_today: bool
    ends: Sequence[Ends]

    @property
    def weekday(self) -> int:
        """The column it stands in, from 1 for Monday."""
        return self.day.isoweekday()


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar, with those before and after it where there are any."""

    first: date
    previous: date | None
    following: date | None
    days: Sequence[Day]

    @property
    def is_empty(self) -> bool:
        """Whether nothing ends in it."""
        return not any(day.ends for day in self.days)


def month_of(text: str) -> date:
    """Give the first day of the month that an address asks for, as 2026-12; of anything else, of this month."""
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        asked = timezone.localdate()
    return (asked if asked.year in YEARS else timezone.localdate()).replace(day=1)


def ends_in(first: date) -> Month:
    """Give what ends on each day of a month.

    A certificate ends at an instant, which is on one day in the reader's time zone; a term and a pre-validation end
    with a day that is the same for everyone. At most MOST_COUNTED rows are counted a day.
    """
    days = [first + timedelta(days=number) for number in range(monthrange(first.year, first.month)[1])]
    terms, prevalidations, today = _terms(days), _prevalidations(days), timezone.localdate()
    previous, following = days[0] - timedelta(days=1), days[-1] + timedelta(days=1)
    return Month(
        first=first,
        previous=previous.replace(day=1) if previous.year in YEARS else None,
        following=following if following.year in YEARS else None,
        days=[
            Day(
                day=day,
                is_today=day == today,
                ends=[
                    ends
                    for ends in (
                        _certificates(day),
                        Ends("terms", terms[day], _list("subscription-list", last_day=day)),
                        Ends("prevalidations", prevalidations[day], _list("prevalidation-list", since=day, until=day)),
                    )
                    if ends.number
                ],
            )
            for day in days
        ],
    )


def _list(route: str, **query: date) -> str:
    return reverse(f"subscriptions:{route}", query={name: day.isoformat() for name, day in query.items()})


def _certificates(day: date) -> Ends:
    ending = Certificate.objects.present().filter(
        sort_at__gte=start_of_day(day), sort_at__lt=start_of_day(day + timedelta(days=1))
    )
    number = ending.order_by().values("pk")[: MOST_COUNTED + 1].count()
    url = _list("certificate-list", since=day, until=day)
    return Ends("certificates", min(number, MOST_COUNTED), url, is_exact=number <= MOST_COUNTED)


def _terms(days: Sequence[date]) -> Counter[date]:
    """Terms end with few different instants: they are counted by these."""
    within = whole_day(days[0])[0], whole_day(days[-1])[1]
    ending = Subscription.objects.filter(expires_at__range=within).order_by().values_list("expires_at")
    counted: Counter[date] = Counter()
    for expires_at, number in ending.annotate(number=Count("pk")):
        if expires_at is not None:
            counted[last_day(expires_at)] += number
    return counted


def _prevalidations(days: Sequence[date]) -> Counter[date]:
    ending = Prevalidation.objects.filter(valid_until__range=(days[0], days[-1])).order_by().values_list("valid_until")
    return Counter({day: number for day, number in ending.annotate(number=Count("pk")) if day is not None})
