"""Reads about what customers ask for: what can be asked for now, what waits, and what is left to do of one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from accounts.models import AuditEvent
from subscriptions.explain.states import mark_of
from subscriptions.models import CustomerRequest, Domain, Quote, Subscription
from subscriptions.rules.instants import day_text
from subscriptions.rules.terms import extension_asked_from, extension_window, last_day
from subscriptions.rules.written_names import looked_for, written
from subscriptions.selectors.account_states import why_stopped
from subscriptions.selectors.names import NamesThere
from subscriptions.selectors.removals import why_not_removable
from subscriptions.selectors.terms import why_no_name_can_be_added, why_not_extendable

Kind = CustomerRequest.Kind
State = CustomerRequest.State
CSV_HEADING = ("Customer", "Subscription", "Request", "Names", "Note", "State", "Reason", "Asked by", "Asked ({zone})")
SHOWN_STEPS = 20


# --- What can be asked for ------------------------------------------------------------------------------------------


def why_not_askable(subscription: Subscription, kind: str, now: datetime) -> str:
    """Give why a customer cannot ask for this now, in the customer's words; an empty text where it can."""
    if subscription.creation != Subscription.Creation.CREATED:
        return "The ACME account is not ready yet."
    if kind == Kind.NAMES:
        return why_no_name_can_be_added(subscription, now)
    if kind == Kind.REMOVAL:
        return why_not_removable(subscription, now) or _why_no_name(subscription)
    if unsettled_extension(subscription) is not None:
        return "Its extension was asked for already."
    return _why_not_extendable_soon(subscription, now)


def _why_no_name(subscription: Subscription) -> str:
    return "" if Domain.objects.present().filter(subscription=subscription).exists() else "It has no name."


def _why_not_extendable_soon(subscription: Subscription, now: datetime) -> str:
    """Give why an extension cannot be asked for: it can some time before the CA takes it, so that staff have that."""
    ends_at = subscription.expires_at
    if ends_at is None or why_stopped(subscription):
        return why_not_extendable(subscription, now)
    asked_from = extension_asked_from(ends_at)
    if now < asked_from:
        return f"Its extension can be asked for from {day_text(last_day(asked_from))} on."
    return why_not_extendable(subscription, max(now, extension_window(ends_at).opens_at))


def unsettled_extension(subscription: Subscription) -> CustomerRequest | None:
    """Give the request for an extension of a subscription that is not answered or not done, if there is one."""
    rows = CustomerRequest.objects.filter(subscription=subscription, kind=Kind.EXTENSION)
    return rows.filter(state__in=CustomerRequest.UNDER_WAY).first()


def names_asked_for(subscription: Subscription, kind: str = Kind.NAMES) -> frozenset[str]:
    """Give the names that are in requests of a kind which are not answered or not done."""
    rows = CustomerRequest.objects.filter(subscription=subscription, kind=kind, state__in=CustomerRequest.UNDER_WAY)
    return frozenset(name for names in rows.values_list("names", flat=True) for name in names)


def names_there_for_customers(subscription: Subscription) -> NamesThere:
    """Give what names that a customer asks for are checked against, those of the customer's other requests too."""
    return replace(NamesThere.of(subscription), asked=names_asked_for(subscription))


def removable_names(subscription: Subscription, search: str = "") -> "QuerySet[Domain]":
    """Give the names of a subscription whose removal can be asked for; `search` is part of a name."""
    rows = Domain.objects.present().filter(subscription=subscription).select_related("companion_of")
    rows = rows.exclude(name__in=names_asked_for(subscription, Kind.REMOVAL))
    return rows.filter(name__icontains=looked_for(search)) if search else rows


# --- What was asked for ---------------------------------------------------------------------------------------------


def requests() -> "QuerySet[CustomerRequest]":
    """Give all requests, those that wait for staff first, each sort from the newest on."""
    is_answered = Case(When(state=State.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = CustomerRequest.objects.annotate(is_answered=is_answered)
    return rows.select_related("subscription__customer", "subscription__server", "created_by", "changed_by").order_by(
        "is_answered", "-created_at", "-pk"
    )


def open_requests() -> "QuerySet[CustomerRequest]":
    """Give the requests that wait for staff."""
    return requests().filter(state=State.OPEN)


def requests_under_way(subscription: Subscription) -> "QuerySet[CustomerRequest]":
    """Give the requests about a subscription that are not answered or not done."""
    return requests().filter(subscription=subscription, state__in=CustomerRequest.UNDER_WAY)


def own_request_holds(text: str) -> Q:
    """Give the condition that a request is of a customer or subscription, or for a name, that holds a text."""
    own = Q(subscription__customer__name__icontains=text) | Q(subscription__label__icontains=text)
    return own | Q(names__icontains=looked_for(text))


def request_holds(text: str) -> Q:
    """Give the same, or that who asked has it in the address, which only staff may find out."""
    return own_request_holds(text) | Q(created_by__email__icontains=text)


def newest_quote(asked: CustomerRequest) -> Quote | None:
    """Give the quote that was asked for last for a request."""
    return asked.quotes.select_related("created_by", "order").first()


def names_left(asked: CustomerRequest) -> list[str]:
    """Give the names of a request that there is something to do about yet."""
    present = Domain.objects.present().filter(subscription=asked.subscription_id, name__in=asked.names)
    there = set(present.values_list("name", flat=True))
    if asked.kind == Kind.REMOVAL:
        return [name for name in asked.names if name in there]
    return [name for name in asked.names if name not in there]


def steps_of_request(asked: CustomerRequest) -> "QuerySet[AuditEvent]":
    """Give what happened to a request, the latest first."""
    return AuditEvent.objects.filter(target_code=asked.code)[:SHOWN_STEPS]


def request_cells(asked_for: "QuerySet[CustomerRequest]") -> Iterator[tuple[str | datetime, ...]]:
    """Give requests (from `requests`) one by one as rows of a file, however many there are."""
    for asked in asked_for.iterator(chunk_size=1000):
        yield (
            asked.subscription.customer.name,
            asked.subscription.title,
            asked.title,
            " ".join(str(written(name)) for name in asked.names),
            asked.note,
            mark_of("request", asked.state).word,
            asked.reason,
            str(asked.created_by or ""),
            asked.created_at,
        )
