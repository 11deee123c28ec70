"""What was seen from outside of the names that a quote would add: warnings, and no reason to wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from subscriptions.explain.preflight import LookWords, is_off, looks_of, problems_of
from subscriptions.models import NameCheck, Quote
from subscriptions.selectors.rows import version_of

FOLLOWED = timedelta(minutes=5)  # a page that stays open longer asks no more
BEGINS_WITHIN = timedelta(seconds=30)  # of the prices; later there is no worker for it
SHOWN = 25


@dataclass(frozen=True, slots=True)
class WarnedName:
    """A name of a quote of which something is wrong that can stop an order, and what."""

    name: str
    words: Sequence[LookWords]


@dataclass(frozen=True, slots=True)
class QuoteChecks:
    """How far the looks at a quote's names are, and what they found. `names` is how many it would add."""

    quote: Quote
    names: int
    begun: int
    ended: int
    is_off: bool
    is_working: bool
    warned: Sequence[WarnedName]

    @property
    def shown(self) -> Sequence[WarnedName]:
        """The first of the warnings."""
        return self.warned[:SHOWN]

    @property
    def more(self) -> int:
        """How many warnings are not shown."""
        return max(0, len(self.warned) - SHOWN)

    @property
    def version(self) -> str:
        """A text that differs when what is shown differs."""
        return version_of(self.begun, self.ended, len(self.warned), self.is_working)


def quote_checks(quote: Quote, now: datetime, *, names: int) -> QuoteChecks | None:
    """Give what was seen of the names of a quote that can be confirmed; None where there is nothing to look at."""
    if not names or not quote.is_valid(now):
        return None
    checks = list(NameCheck.objects.filter(quote=quote).order_by("pk"))
    priced_at = quote.priced_at or quote.created_at
    is_beginning = not checks and now - priced_at < BEGINS_WITHIN
    is_followed = now - priced_at < FOLLOWED
    looks = [(check.name, looks_of(check.looks)) for check in checks]
    return QuoteChecks(
        quote=quote,
        names=names,
        begun=len(checks),
        ended=sum(not check.is_working for check in checks),
        is_off=any(is_off(seen) for _, seen in looks),
        is_working=is_followed and (is_beginning or any(check.is_working for check in checks)),
        warned=[WarnedName(name, words) for name, seen in looks if (words := problems_of(seen))],
    )
