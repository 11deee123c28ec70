"""Reads for the pages of reseller staff. How many queries a page takes does not depend on how many rows there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db.models import Case, Count, Exists, F, Max, Model, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, Least, Lower
from django.utils import timezone

from accounts.models import AuditEvent, Customer, Membership, User
from accounts.plain_names import plain_name
from portal.lookups import ByteOrder
from subscriptions.explain.happenings import OF_SIGN_IN
from subscriptions.kinds import MAKING
from subscriptions.models import (
    Domain,
    Operation,
    OperationEvent,
    Order,
    Prevalidation,
    Subscription,
    UnassignedAccount,
)
from subscriptions.rules.prices import summed
from subscriptions.rules.terms import refundable_since, refundable_until
from subscriptions.selectors.account_states import unsettled_change_of
from subscriptions.selectors.terms import Term, term_of
from subscriptions.selectors.waits import Wait, wait_of, wait_of_reading

State = Operation.State
CUSTOMER_HEADING = (
    "Customer", "Your reference", "Address for notices", "Subscriptions", "Names", "People", "Since ({zone})",
)  # fmt: skip
OPTIONS_SHOWN = 20
ACTIVITY_SHOWN = 10
ORDER_COUNTS = {
    "line_count": Count("pk"),
    "done": Count("pk", filter=Q(state=State.SUCCEEDED)),
    "refused": Count("pk", filter=Q(state=State.REFUSED)),
    "canceled": Count("pk", filter=Q(state=State.CANCELED)),
    "attention": Count("pk", filter=Q(state=State.ATTENTION)),
    "working": Count("pk", filter=Q(state__in=Operation.WORKING)),
    "open": Count("pk", filter=Operation.OPEN_CHARGE),
}
# When a name was charged for at the latest. Of one that was only found at the CA that is not known.
CHARGED_AT = Case(
    When(
        is_free=False,
        operation__isnull=False,
        then=Least(F("added_at"), Coalesce(F("operation__sent_at"), F("added_at"))),
    )
)


def _count_of(rows: "QuerySet[Model]", of: str) -> Coalesce:
    """Count rows of another table per row, by a subquery: a join would multiply the counts with each other."""
    counted = rows.filter(**{of: OuterRef("pk")}).order_by().values(of).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def version_of(*parts: object) -> str:
    """Give a short text that differs when one of the parts differs: a page tells by it what it shows."""
    return sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:16]


# --- Customers ------------------------------------------------------------------------------------------------------


def customers() -> "QuerySet[Customer]":
    """Give all customers with how many subscriptions, names and people each has."""
    names = Domain.objects.present()
    return Customer.objects.annotate(
        subscription_count=_count_of(Subscription.objects.all(), "customer"),
        domain_count=_count_of(names, "subscription__customer"),
        person_count=_count_of(Membership.objects.all(), "customer"),
        sort_name=Lower("name"),
    )


def customer_rows(customers: "QuerySet[Customer]") -> Iterator[tuple[str | int | datetime, ...]]:
    """Give customers (from `customers`) one by one as rows of a file, however many there are."""
    counts = ["subscription_count", "domain_count", "person_count"]
    rows = customers.values_list("name", "reference", "contact_email", *counts, "created_at")
    yield from rows.iterator(chunk_size=1000)


def customer_names(text: str) -> list[str]:
    """Give the names of the first customers whose name or reference holds `text`."""
    said = Q(plain_name__contains=plain_name(text)) | Q(reference__icontains=text)
    matching = Customer.objects.filter(said, archived_at=None)
    return list(matching.values_list("name", flat=True)[:OPTIONS_SHOWN])


def look_alike_customers() -> "QuerySet[Customer]":
    """Give the customers that were named like an older one before that was refused, and are so yet."""
    others = Customer.objects.filter(plain_name=OuterRef("plain_name")).exclude(pk=OuterRef("pk"))
    return Customer.objects.filter(Exists(others), is_look_alike=True)


def activity_of(customer: Customer) -> "QuerySet[AuditEvent]":
    """Give the latest events about a customer, newest first, but what its people did about their sign-in."""
    return AuditEvent.objects.filter(customer_code=customer.code).exclude(action__in=OF_SIGN_IN)[:ACTIVITY_SHOWN]


# --- Subscriptions --------------------------------------------------------------------------------------------------


def subscriptions() -> "QuerySet[Subscription]":
    """Give all subscriptions with how many names each has."""
    names = Domain.objects.present()
    subscriptions = Subscription.objects.select_related("customer", "server")
    return subscriptions.annotate(domain_count=_count_of(names, "subscription"), sort_customer=Lower("customer__name"))


def with_state(subscriptions: "QuerySet[Subscription]", state: str, now: datetime) -> "QuerySet[Subscription]":
    """Give the subscriptions that are in a state (a value of Subscription.State) at `now`."""
    created = Q(creation=Subscription.Creation.CREATED)
    usable = created & Q(account_state=Subscription.AccountState.OPEN)
    conditions = {
        Subscription.State.CREATING: Q(creation=Subscription.Creation.CREATING),
        Subscription.State.FAILED: Q(creation=Subscription.Creation.FAILED),
        Subscription.State.READY: usable & Q(expires_at=None),
        Subscription.State.RUNNING: usable & Q(expires_at__gt=now),
        Subscription.State.LAPSED: usable & Q(expires_at__lte=now),
        Subscription.State.SUSPENDED: created & Q(account_state=Subscription.AccountState.SUSPENDED),
        Subscription.State.DEACTIVATED: created & Q(account_state=Subscription.AccountState.DEACTIVATED),
    }
    return subscriptions.filter(conditions[Subscription.State(state)])


@dataclass(frozen=True, slots=True)
class SubscriptionStatus:
    """How far a subscription is: its account at the CA, and the names under way."""

    subscription: Subscription
    making: Operation | None
    names: int
    being_added: int
    in_attention: int
    refundable: int
    last_charged_at: datetime | None
    assigned: UnassignedAccount | None
    term: Term
    change: Operation | None
    wait: Wait | None  # of what makes its account, or reads the key of an assigned one

    @property
    def is_changing(self) -> bool:
        """Whether its ACME account is being suspended, reinstated or deactivated at this moment."""
        change = self.change
        return change is not None and change.state in Operation.WORKING and change.not_before <= timezone.now()

    @property
    def is_being_read(self) -> bool:
        """Whether a person has assigned its account at the CA, and a worker has not read the key yet."""
        return self.subscription.creation == Subscription.Creation.CREATING and self.assigned is not None

    @property
    def state_word(self) -> str:
        """The word for its state where that is not the state's own."""
        if not self.is_being_read or self.assigned is None:
            return ""
        return "Key not read" if self.assigned.problem else "Key being read"

    @property
    def is_said_by_staff(self) -> bool:
        """Whether its type and term are a person's word, which the CA has not confirmed."""
        is_made = self.subscription.creation == Subscription.Creation.CREATED
        return self.subscription.binding.is_said_by_staff if is_made else self.is_being_read

    @property
    def refundable_until(self) -> datetime | None:
        """Until when the CA refunds the name that was charged for last."""
        return refundable_until(self.last_charged_at) if self.last_charged_at else None

    @property
    def is_waiting(self) -> bool:
        """Whether something will change by itself soon."""
        is_creating = self.subscription.creation == Subscription.Creation.CREATING
        account_waits = is_creating and self.making is not None and self.making.state in Operation.WORKING
        key_waits = self.is_being_read and self.assigned is not None and not self.assigned.problem
        term_waits = self.term.under_way is not None and self.term.under_way.state in Operation.WORKING
        return account_waits or key_waits or term_waits or self.is_changing or self.being_added > 0

    @property
    def version(self) -> str:
        """A text that differs when what is shown differs."""
        subscription = self.subscription
        account = self.making.state if self.making else self.assigned.problem if self.assigned else ""
        parts = (
            subscription.state,
            account,
            subscription.expires_at,
            self.names,
            self.being_added,
            self.in_attention,
            self.term.under_way and self.term.under_way.state,
            subscription.synced_at,
            self.change.state if self.change else "",
            self.wait.title if self.wait else "",
        )
        return version_of(*parts)


def subscription_status(subscription: Subscription) -> SubscriptionStatus:
    """Give how far a subscription is."""
    operations = Operation.objects.filter(subscription=subscription)
    counts = operations.order_by().aggregate(
        being_added=Count("pk", filter=Operation.BEING_ADDED),
        in_attention=Count("pk", filter=Q(state=State.ATTENTION)),
    )
    making = operations.filter(kind=MAKING.name).first()
    return SubscriptionStatus(
        subscription=subscription,
        making=making,
        wait=_wait(subscription, making),
        assigned=UnassignedAccount.objects.filter(subscription=subscription).first(),
        term=term_of(subscription),
        change=unsettled_change_of(subscription),
        **_name_counts(subscription),
        **counts,
    )


def _wait(subscription: Subscription, making: Operation | None) -> Wait | None:
    if subscription.creation != Subscription.Creation.CREATING:
        return None
    return wait_of_reading(timezone.now()) if making is None else wait_of(making, timezone.now())


def _name_counts(subscription: Subscription) -> dict[str, Any]:
    refundable = Q(charged_at__gte=refundable_since(timezone.now()))
    domains = subscription.domains.present().annotate(charged_at=CHARGED_AT)
    return domains.order_by().aggregate(
        names=Count("pk"),
        refundable=Count("pk", filter=refundable),
        last_charged_at=Max("charged_at", filter=refundable),
    )


def domains_of(subscription: Subscription) -> "QuerySet[Domain]":
    """Give the names of a subscription, with what brought them, their certificate and their pre-validation."""
    prevalidation = Prevalidation.objects.filter(ov_anchor_order_number=OuterRef("ov_anchor_order_number"))
    domains = subscription.domains.present().annotate(
        charged_at=CHARGED_AT,
        organization_name=Subquery(prevalidation.values("organization_name")[:1]),
        prevalidation_valid_until=Subquery(prevalidation.values("valid_until")[:1]),
    )
    return domains.select_related("certificate__covered_by", "companion_of", "operation")


def latest_orders_of(subscription: Subscription) -> list[Order]:
    """Give the latest orders of a subscription, with their counts."""
    own = Operation.objects.filter(order=OuterRef("pk"), subscription=subscription)
    return with_counts(orders().filter(Exists(own))[:ACTIVITY_SHOWN])


# --- Orders and operations ------------------------------------------------------------------------------------------


def orders() -> "QuerySet[Order]":
    """Give all orders, newest first; `with_counts` brings what their operations are."""
    return Order.objects.select_related("confirmed_by")


def with_counts(orders: Iterable[Order]) -> list[Order]:
    """Give these orders of one page, each now with its subscriptions, how its operations are, and what was charged.

    Amounts are by currency. A query for all orders would group the whole ledger to show 25 of them.
    """
    shown = list(orders)
    counts: dict[int, dict[str, int]] = {order.pk: dict.fromkeys(ORDER_COUNTS, 0) for order in shown}
    charges: dict[int, dict[str, Decimal]] = {order.pk: {} for order in shown}
    subscriptions: dict[int, set[int]] = {order.pk: set() for order in shown}
    of_page = Operation.objects.filter(order__in=counts.keys()).order_by()
    grouped = of_page.values("order", "subscription", "charged_currency")
    for row in grouped.annotate(**ORDER_COUNTS, charged=Sum("charged")):
        group: dict[str, Any] = dict(row)
        subscriptions[group["order"]].add(group["subscription"])
        for name in ORDER_COUNTS:
            counts[group["order"]][name] += group[name]
        if group["charged"] is not None:
            so_far = charges[group["order"]].get(group["charged_currency"], Decimal(0))
            charges[group["order"]][group["charged_currency"]] = so_far + summed(group["charged"])
    known = Subscription.objects.select_related("customer", "server").in_bulk(set().union(*subscriptions.values()))
    for order in shown:
        own = [known[pk] for pk in sorted(subscriptions[order.pk])]
        vars(order).update(counts[order.pk], charges=charges[order.pk], subscriptions=own)
    return shown


def operations() -> "QuerySet[Operation]":
    """Give the whole ledger, newest first."""
    rows = Operation.objects.select_related("subscription__customer", "subscription__server", "created_by")
    return rows.annotate(name_by_bytes=ByteOrder("domain_name"))


def people_who_confirmed() -> "QuerySet[User]":
    """Give the people who confirmed an operation, those who no longer work here included."""
    return User.objects.filter(Exists(Operation.objects.filter(created_by=OuterRef("pk"))))


def events_of(operation: Operation) -> "QuerySet[OperationEvent]":
    """Give the steps of an operation, oldest first."""
    return OperationEvent.objects.filter(operation=operation).select_related("actor")
