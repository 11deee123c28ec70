"""What uses a pre-validation, and so what may be changed of it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from subscriptions.models import Domain, Operation, Order, Prevalidation, Quote, QuoteLine, Subscription
from subscriptions.rules.prevalidations import Doubt, PrevalidationStatus, doubts_about
from subscriptions.selectors.prevalidations import today

# A change of one of these brings up the doubts about the days.
OF_ITS_DAYS = frozenset({"recorded_status", "valid_from", "valid_until"})


@dataclass(frozen=True, slots=True)
class Uses:
    """Whether there is, or ever was, something that a pre-validation is needed for."""

    names: bool
    subscriptions: bool
    quotes: bool

    @property
    def why_not_deleted(self) -> str:
        """Why it stays, or an empty text where it may go."""
        if self.names:
            return "Names are, or were, under it: it stays for their history."
        if self.subscriptions:
            return "Subscriptions are for it: it stays."
        return "Prices were asked for under it: it stays for the quotes’ history." if self.quotes else ""


def uses_of(prevalidation: Prevalidation) -> Uses:
    """Give what uses it, or ever has."""
    number = prevalidation.ov_anchor_order_number
    return Uses(
        names=Domain.objects.filter(ov_anchor_order_number=number).exists() or _is_under_way(number),
        subscriptions=Subscription.objects.filter(prevalidation=prevalidation).exists(),
        quotes=QuoteLine.objects.filter(prevalidation=prevalidation).exists(),
    )


def _is_under_way(number: str) -> bool:
    unsettled = Operation.objects.filter(state__in=Operation.UNSETTLED)
    return unsettled.filter(ov_anchor_order_number=number).exists()


def why_it_stays(prevalidation: Prevalidation) -> str:
    """Give why its order number, type and customer cannot be corrected now, or an empty text."""
    number = prevalidation.ov_anchor_order_number
    if Domain.objects.present().filter(ov_anchor_order_number=number).exists():
        return "Names are under it: its order number, type and customer stay."
    if _is_under_way(number):
        return "Names are on their way under it: its order number, type and customer stay."
    waiting = Q(quote__state__in=[Quote.State.QUEUED, Quote.State.PRICING])
    holding = Q(quote__state=Quote.State.READY, quote__valid_until__gt=timezone.now())
    asked = QuoteLine.objects.filter(waiting | holding, prevalidation=prevalidation)
    if asked.exclude(quote__in=Order.objects.values("quote")).exists():
        return "A quote under it can still be confirmed: its order number, type and customer stay until that is over."
    return ""


def why_not_replaced(prevalidation: Prevalidation, recorded: str) -> str:
    """Give why it cannot be recorded as replaced, where that is wanted: names are under it yet."""
    present = Domain.objects.present().filter(ov_anchor_order_number=prevalidation.ov_anchor_order_number)
    if recorded != PrevalidationStatus.REPLACED or not present.exists():
        return ""
    return "Names are under it: move them to another pre-validation, and it is recorded as replaced by itself."


def doubts_of(prevalidation: Prevalidation, changed: Collection[str]) -> list[Doubt]:
    """Give what is to be asked before a record is saved in which these fields are changed."""
    doubts = doubts_about(
        number=prevalidation.ov_anchor_order_number,
        recorded=prevalidation.recorded_status,
        valid_from=prevalidation.valid_from,
        valid_until=prevalidation.valid_until,
        today=today(),
    )
    asked = set(changed) | ({"valid_until"} if OF_ITS_DAYS.intersection(changed) else set())
    return [doubt for doubt in doubts if doubt.field in asked]
