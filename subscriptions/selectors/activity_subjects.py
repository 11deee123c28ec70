"""What events of the audit trail are about: its page, and the amount it is about. A few look-ups for a whole page."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.urls import reverse

from accounts.models import AuditEvent, Customer, Mail
from subscriptions.models import (
    CustomerRequest,
    Domain,
    Finding,
    Operation,
    Order,
    Prevalidation,
    Quote,
    Subscription,
    UnassignedAccount,
)
from subscriptions.rules.prices import all_shown, shown

# What has a page of its own, by the kind that an event writes down.
PAGES: dict[str, tuple[type[Model], str]] = {
    "customer": (Customer, "customer-detail"),
    "subscription": (Subscription, "subscription-detail"),
    "quote": (Quote, "quote-detail"),
    "order": (Order, "order-detail"),
    "operation": (Operation, "operation-detail"),
    "prevalidation": (Prevalidation, "prevalidation-detail"),
    "finding": (Finding, "finding-detail"),
    "unassignedaccount": (UnassignedAccount, "account-detail"),
    "customerrequest": (CustomerRequest, "request-detail"),
    "mail": (Mail, "mail-detail"),
}


def with_subjects(events: Iterable[AuditEvent]) -> list[AuditEvent]:
    """Give events for staff, each now with `subject_url`, empty where what it is about is gone, and `amount`."""
    shown_events = list(events)
    there = {kind: _there(kind, codes) for kind, codes in _codes(shown_events).items()}
    for event in shown_events:
        found = there.get(event.target_kind, {}).get(event.target_code)
        vars(event).update(subject_url=_page(event.target_kind, found), amount=_amount(found))
    return shown_events


def with_own_subjects(events: Iterable[AuditEvent], own: "QuerySet[Subscription]") -> list[AuditEvent]:
    """Give events for a customer's people, each now with `subject_url` where it is about a subscription of `own`."""
    shown_events = list(events)
    codes = _codes(shown_events).get("subscription", set())
    there = set(own.filter(code__in=codes).order_by().values_list("code", flat=True)) if codes else set()
    for event in shown_events:
        is_there = event.target_kind == "subscription" and event.target_code in there
        url = reverse("subscriptions:my-subscription", args=[event.target_code]) if is_there else ""
        vars(event).update(subject_url=url, amount="")
    return shown_events


def _codes(events: Iterable[AuditEvent]) -> dict[str, set[UUID]]:
    codes: dict[str, set[UUID]] = {}
    for event in events:
        if event.target_code is not None:
            codes.setdefault(event.target_kind, set()).add(event.target_code)
    return codes


def _there(kind: str, codes: set[UUID]) -> dict[UUID | None, Any]:
    if kind == "domain":
        names = Domain.objects.filter(code__in=codes).select_related("subscription", "operation")
        return {name.code: name for name in names}
    if kind not in PAGES:
        return {}
    model: Any = PAGES[kind][0]
    return {row.code: row for row in model.objects.filter(code__in=codes)}


def _page(kind: str, found: Any) -> str:
    if found is None:
        return ""
    if isinstance(found, Domain):
        return reverse("subscriptions:name-list", args=[found.subscription.code], query={"q": found.name})
    return reverse(f"subscriptions:{PAGES[kind][1]}", args=[found.code])


def _amount(found: Any) -> str:
    """Say which money something is about: what was charged, else what was confirmed or asked."""
    if isinstance(found, Domain):
        found = found.operation
    if isinstance(found, Operation):
        if found.charged is not None:
            return f"{shown(found.charged, found.charged_currency)} charged"
        return f"{shown(found.price, found.currency)} confirmed" if found.price is not None else ""
    if isinstance(found, Order | Quote) and any(found.amounts.values()):
        return f"{all_shown(found.amounts)} {'confirmed' if isinstance(found, Order) else 'quoted'}"
    return ""
