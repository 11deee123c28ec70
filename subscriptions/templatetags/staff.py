"""Tags of the staff pages: states that follow from a row."""

import json
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django_filters import FilterSet

from accounts.models import AuditEvent, User
from accounts.roles import Permission
from subscriptions.explain import happenings
from subscriptions.explain.certificates import certificate_state
from subscriptions.explain.refusals import advice as advice_on
from subscriptions.explain.states import OrderState, ServerState
from subscriptions.kinds import kind_of
from subscriptions.models import AcmeServer, Domain, Operation, Order, Prevalidation, QuoteLine
from subscriptions.rules import terms
from subscriptions.rules.prevalidations import Validity
from subscriptions.selectors import buying, prevalidations
from subscriptions.templatetags.ui import badge

register = template.Library()


@register.filter
def order_state(order: Order) -> OrderState:
    """`{{ order|order_state }}`: one word for an order with its counts (from `selectors.rows.with_counts`)."""
    counts = {name: getattr(order, name) for name in ("done", "refused", "canceled", "attention", "working")}
    return buying.order_state(**counts, is_stopped=order.stopped_at is not None)


@register.filter
def prevalidation_state(prevalidation: Prevalidation) -> Validity:
    """`{{ prevalidation|prevalidation_state }}`: valid, ending or passed, today in UTC."""
    return prevalidations.prevalidation_state(prevalidation)


@register.simple_tag
def certificate_badge(domain: Domain) -> SafeString:
    """`{% certificate_badge domain %}`: the state of a name's certificate."""
    return badge("certificate", certificate_state(getattr(domain, "certificate", None), timezone.now()))


@register.filter
def refundable_until(charged_at: datetime) -> datetime | None:
    """`{{ domain.charged_at|refundable_until }}`: until when the CA refunds a name; nothing once that is over."""
    until = terms.refundable_until(charged_at)
    return until if until >= timezone.now() else None


@register.filter
def about(seconds: float) -> str:
    """`{{ progress.seconds_left|about }}`: "about 3 minutes left"."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute left"
    return "about 1 minute left" if minutes == 1 else f"about {minutes} minutes left"


@register.filter
def sentence(event: AuditEvent) -> str:
    """`{{ event|sentence }}`: what happened, in words."""
    return happenings.sentence(event)


@register.filter
def heading(operation: Operation) -> str:
    """`{{ operation|heading }}`: what an operation does, in its kind's words."""
    return kind_of(operation).title(operation)


@register.filter
def advice(refused: Operation | QuoteLine) -> str:
    """`{{ operation|advice }}`: what to do about a refusal of the CA."""
    return advice_on(refused.error_reason)


# --- The person, the list, and evidence -----------------------------------------------------------------------------


@register.filter
def may(user: User, permission: str) -> bool:
    """`{{ user|may:"buy" }}`: whether the person's role at the reseller gives a permission."""
    return user.may(Permission(permission))


@register.filter
def is_used(filter_set: FilterSet) -> bool:
    """`{{ filter|is_used }}`: whether the list is searched or filtered."""
    values = filter_set.form.cleaned_data
    return any(values[name] not in (None, "") for name in values if name != "sort")


@register.filter
def server_state(server: AcmeServer) -> ServerState:
    """`{{ server|server_state }}`: gone from the CA's last list, offered, or hidden by staff."""
    if server.listed_at is None:
        return ServerState.GONE
    return ServerState.OFFERED if server.is_offered else ServerState.HIDDEN


@register.filter
def as_json(value: object) -> str:
    """`{{ operation.reply|as_json }}`: evidence, laid out to be read."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


@register.filter
def kind_word(kind: str) -> str:
    """`{{ held.kind|kind_word }}`: what a kind of operation does; one of another version is told by its own name."""
    return str(dict(Operation.Kind.choices).get(kind, kind))
