"""Which pre-validations end soon, or have ended, while names are under them: what staff are warned of, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Customer
from subscriptions.explain.prevalidations import ending_level, ending_text
from subscriptions.models import Domain, Prevalidation, Subscription
from subscriptions.rules.instants import day_text
from subscriptions.rules.prevalidations import (
    WARNING_DAYS,
    PrevalidationStatus,
    RenewalMode,
    days_of_step,
    warning_step,
)
from subscriptions.rules.terms import utc_day
from subscriptions.selectors.prevalidations import renewal_mode

SHOWN = 5  # on the page of a customer or a subscription
STEPS = (0, *sorted(WARNING_DAYS))


def ending_prevalidations(now: datetime) -> QuerySet[Prevalidation]:
    """Give those that have ended or will within the first warning's days, with names under them that are in reach."""
    _, last = days_of_step(WARNING_DAYS[0], utc_day(now))
    names = Domain.objects.present().in_reach(now).filter(ov_anchor_order_number=OuterRef("ov_anchor_order_number"))
    valid = Prevalidation.objects.filter(recorded_status=PrevalidationStatus.VALID, valid_until__lte=last)
    return valid.filter(Exists(names))


@dataclass(frozen=True, slots=True)
class EndingOne:
    """A pre-validation that ends soon or has ended, with what to do about it."""

    prevalidation: Prevalidation
    step: int
    mode: RenewalMode

    @property
    def level(self) -> str:
        """How pressing it is."""
        return ending_level(self.step)

    @property
    def words(self) -> str:
        """That it ends, or has ended, after its organization's name."""
        day = day_text(self.prevalidation.valid_until or date.max)
        return f" {'lapsed after' if self.step == 0 else 'ends on'} {day}"

    @property
    def text(self) -> str:
        """What to do about it."""
        return ending_text(self.step, self.mode)


def ending_of_customer(customer: Customer, now: datetime) -> list[EndingOne]:
    """Give the customer's that end soon, with names under them: those that end first, not all."""
    return _with_steps(ending_prevalidations(now).filter(customer=customer), now)


def ending_of_subscription(subscription: Subscription, now: datetime) -> list[EndingOne]:
    """Give those that names of a subscription are under and that end soon."""
    if not subscription.server.needs_prevalidation:
        return []
    numbers = subscription.domains.present().order_by().values("ov_anchor_order_number")
    return _with_steps(ending_prevalidations(now).filter(ov_anchor_order_number__in=numbers), now)


def endings_of(prevalidations: Sequence[Prevalidation], now: datetime) -> list[EndingOne]:
    """Give those of some pre-validations that end soon, with names under them."""
    return _with_steps(ending_prevalidations(now).filter(pk__in=[each.pk for each in prevalidations]), now)


def _with_steps(rows: QuerySet[Prevalidation], now: datetime) -> list[EndingOne]:
    shown: Iterable[Prevalidation] = list(rows.order_by("valid_until", "pk")[:SHOWN])
    if not shown:
        return []
    today, mode = utc_day(now), renewal_mode()
    steps = ((each, warning_step(each.valid_until, today)) for each in shown if each.valid_until is not None)
    return [EndingOne(each, step, mode) for each, step in steps if step is not None]
