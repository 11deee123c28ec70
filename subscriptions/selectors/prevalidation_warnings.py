"""Which pre-validations end soon, or have ended, while names are under them: what staff are warned of, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from accounts.models import Customer
from subscriptions.explain.prevalidations import ending_level, ending_text, ending_title
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


@dataclass(frozen=True, slots=True)
class Ending:
    """How many pre-validations end in the days of a step; `code` is that of the only one, where there is one."""

    step: int
    number: int
    code: UUID | None
    mode: RenewalMode

    @property
    def level(self) -> str:
        """How pressing it is."""
        return ending_level(self.step)

    @property
    def title(self) -> str:
        """How many, and when."""
        return ending_title(self.step, self.number)

    @property
    def text(self) -> str:
        """What to do about them."""
        return ending_text(self.step, self.mode)

    @property
    def query(self) -> str:
        """What the list is asked for to show them."""
        return f"ends={self.step}" if self.step else f"state={PrevalidationStatus.LAPSED.value}"

    @property
    def action(self) -> str:
        """The one action."""
        return "Look"


def _ending(now: datetime) -> QuerySet[Prevalidation]:
    """Give those that have ended or will within the first warning's days, with names under them that are in reach."""
    _, last = days_of_step(WARNING_DAYS[0], utc_day(now))
    names = Domain.objects.present().in_reach(now).filter(ov_anchor_order_number=OuterRef("ov_anchor_order_number"))
    valid = Prevalidation.objects.filter(recorded_status=PrevalidationStatus.VALID, valid_until__lte=last)
    return valid.filter(Exists(names))


def endings(now: datetime) -> list[Ending]:
    """Give how many end in the days of each step, the most pressing first; nothing for a step that has none."""
    today = utc_day(now)
    within = {step: Q(valid_until__range=days_of_step(step, today)) for step in STEPS}
    counts = _ending(now).aggregate(
        **{f"number_{step}": Count("pk", filter=condition) for step, condition in within.items()},
        **{f"first_{step}": Min("pk", filter=condition) for step, condition in within.items()},
    )
    if not any(counts[f"number_{step}"] for step in STEPS):
        return []
    mode = renewal_mode()
    only = [counts[f"first_{step}"] for step in STEPS if counts[f"number_{step}"] == 1]
    codes = dict(Prevalidation.objects.filter(pk__in=[*only, 0]).values_list("pk", "code"))
    return [
        Ending(step, number, codes.get(counts[f"first_{step}"]), mode)
        for step in STEPS
        if (number := counts[f"number_{step}"])
    ]


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
    return _with_steps(_ending(now).filter(customer=customer), now)


def ending_of_subscription(subscription: Subscription, now: datetime) -> list[EndingOne]:
    """Give those that names of a subscription are under and that end soon."""
    if not subscription.server.needs_prevalidation:
        return []
    numbers = subscription.domains.present().order_by().values("ov_anchor_order_number")
    return _with_steps(_ending(now).filter(ov_anchor_order_number__in=numbers), now)


def endings_of(prevalidations: Sequence[Prevalidation], now: datetime) -> list[EndingOne]:
    """Give those of some pre-validations that end soon, with names under them."""
    return _with_steps(_ending(now).filter(pk__in=[each.pk for each in prevalidations]), now)


def _with_steps(rows: QuerySet[Prevalidation], now: datetime) -> list[EndingOne]:
    shown: Iterable[Prevalidation] = list(rows.order_by("valid_until", "pk")[:SHOWN])
    if not shown:
        return []
    today, mode = utc_day(now), renewal_mode()
    steps = ((each, warning_step(each.valid_until, today)) for each in shown if each.valid_until is not None)
    return [EndingOne(each, step, mode) for each, step in steps if step is not None]
