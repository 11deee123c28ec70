"""What moving a subscription to another customer is about: whether it can be moved, and who knows its key."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from accounts.models import AuditEvent
from subscriptions.explain.happenings import SHOWED_THE_KEY
from subscriptions.models import (
    AcmeAccount,
    CustomerRequest,
    Domain,
    Operation,
    Order,
    Prevalidation,
    Quote,
    QuoteLine,
    Subscription,
)

SHOWN = 50  # people


def why_not_moved(subscription: Subscription) -> str:
    """Give why a subscription cannot go to another customer now, or an empty text."""
    if subscription.creation != Subscription.Creation.CREATED:
        return "Its ACME account is not made yet."
    if Operation.objects.filter(subscription=subscription, state__in=Operation.UNSETTLED).exists():
        return "Operations of it are under way, or wait for a decision."
    if CustomerRequest.objects.filter(subscription=subscription, state__in=CustomerRequest.UNDER_WAY).exists():
        return "A request about it waits for an answer."
    if _has_open_quote(subscription):
        return "A quote for it can still be confirmed: confirm it, or wait until it is no longer valid."
    shared = [one for one in prevalidations_of(subscription) if _is_used_elsewhere(one, subscription)]
    if shared:
        return (
            f"Its names are under pre-validation {shared[0].ov_anchor_order_number}, as are others of "
            f"{subscription.customer}: move the names to a pre-validation of their own first."
        )
    awaited = [one for one in prevalidations_of(subscription) if _is_awaited_elsewhere(one, subscription)]
    if awaited:
        return (
            f"Names of others of {subscription.customer} are being quoted or ordered under pre-validation "
            f"{awaited[0].ov_anchor_order_number}, which would go along."
        )
    return ""


def _has_open_quote(subscription: Subscription) -> bool:
    return _open_lines().filter(subscription=subscription).exists()


def _open_lines() -> "QuerySet[QuoteLine]":
    """Give the lines of quotes that can still be confirmed, or are being priced."""
    waiting = Q(quote__state__in=[Quote.State.QUEUED, Quote.State.PRICING])
    holding = Q(quote__state=Quote.State.READY, quote__valid_until__gt=timezone.now())
    return QuoteLine.objects.filter(waiting | holding).exclude(quote__in=Order.objects.values("quote"))


def prevalidations_of(subscription: Subscription) -> list[Prevalidation]:
    """Give the pre-validations that a subscription or its names are under: they go along with it."""
    numbers = subscription.domains.present().exclude(ov_anchor_order_number="").values("ov_anchor_order_number")
    of_names = Q(customer=subscription.customer_id, ov_anchor_order_number__in=numbers)
    return list(Prevalidation.objects.filter(of_names | Q(pk=subscription.prevalidation_id)).order_by("pk"))


def _is_used_elsewhere(one: Prevalidation, subscription: Subscription) -> bool:
    names = Domain.objects.present().filter(ov_anchor_order_number=one.ov_anchor_order_number)
    others = Subscription.objects.filter(prevalidation=one).exclude(pk=subscription.pk)
    return names.exclude(subscription=subscription).exists() or others.exists()


def _is_awaited_elsewhere(one: Prevalidation, subscription: Subscription) -> bool:
    """Whether names of other subscriptions may come under a pre-validation by what is quoted or ordered by now."""
    ordered = Operation.objects.filter(
        ov_anchor_order_number=one.ov_anchor_order_number, state__in=Operation.UNSETTLED
    ).exclude(subscription=subscription)
    return ordered.exists() or _open_lines().filter(prevalidation=one).exclude(subscription=subscription).exists()


@dataclass(frozen=True, slots=True)
class Knower:
    """Somebody who has revealed the key, and when last."""

    name: str
    email: str
    customer: str
    at: datetime


def who_knows_the_key(subscription: Subscription) -> list[Knower]:
    """Give who has revealed the EAB HMAC key of a subscription, the latest first: they know it for good."""
    shown = AuditEvent.objects.filter(action__in=SHOWED_THE_KEY, target_code=subscription.code).order_by()
    people = shown.values_list("actor_name", "actor_email", "customer_name").annotate(last=Max("at"))
    return [Knower(*one) for one in people.order_by("-last")[:SHOWN]]


def clients_that_go_on(subscription: Subscription) -> int:
    """Give how many ACME clients are registered with its key: they go on getting certificates."""
    return AcmeAccount.objects.of_clients().filter(binding__subscription=subscription).count()
