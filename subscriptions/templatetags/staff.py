"""Tags of the staff pages: states that follow from a row."""

import json
from collections.abc import Sequence
from datetime import date, datetime

from django import template
from django.template.context import Context
from django.urls import reverse
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
from subscriptions.models import AcmeServer, Domain, Operation, Order, Prevalidation, Quote, QuoteLine, Subscription
from subscriptions.rules import terms
from subscriptions.rules.prevalidations import PrevalidationStatus
from subscriptions.rules.written_names import written
from subscriptions.selectors import buying, mails, prevalidations
from subscriptions.selectors.connection import state_of_server
from subscriptions.templatetags.ui import badge, name_tag, pageheader

register = template.Library()


@register.filter
def order_state(order: Order) -> OrderState:
    """`{{ order|order_state }}`: one word for an order with its counts (from `selectors.rows.with_counts`)."""
    counts = {name: getattr(order, name) for name in ("done", "refused", "canceled", "attention", "working")}
    return buying.order_state(**counts, is_stopped=order.stopped_at is not None)


@register.simple_tag
def quote_badge(quote: Quote) -> SafeString:
    """`{% quote_badge quote %}`: how a quote (from `selectors.quotes.quotes`) is, and how good its prices are."""
    order = getattr(quote, "order", None)
    if order is None and quote.state != Quote.State.READY:
        return badge("quote", quote.state)
    return badge("quote_age", buying.age_of(quote, timezone.now(), is_confirmed=order is not None))


@register.filter
def of_customers(bought: Order | Quote) -> str:
    """`{{ order|of_customers }}`: whose it is (its subscriptions from `rows.with_counts` or `quotes.with_lines`)."""
    names = dict.fromkeys(subscription.customer.name for subscription in vars(bought)["subscriptions"])
    return ", ".join(names)


@register.filter
def of_subscriptions(bought: Order | Quote) -> str:
    """`{{ order|of_subscriptions }}`: what it is for: a subscription, or how many."""
    subscriptions: list[Subscription] = vars(bought)["subscriptions"]
    if len(subscriptions) != 1:
        return f"{len(subscriptions)} subscriptions"
    return subscriptions[0].title


@register.filter
def subject(operation: Operation) -> str:
    """`{{ operation|subject }}`: the name that an operation is about, else what it does."""
    if not operation.domain_name:
        return kind_of(operation).title(operation)
    return name_tag(operation.domain_name)


@register.filter
def bought(line: QuoteLine) -> str:
    """`{{ line|bought }}`: what a line of a quote is about: a name, else a subscription, for a label or a title."""
    return str(written(line.name)) if line.name else line.subscription.title


@register.simple_block_tag(takes_context=True, end_name="endboughtheader")
def boughtheader(
    context: Context,
    content: str,
    *,
    title: object,
    subscriptions: Sequence[Subscription],
    badge_kind: str,
    badge_state: str,
) -> SafeString:
    """`{% boughtheader title="Order" subscriptions=… %}`: a page header that leads to what was bought for."""
    crumbs: dict[str, str] = {"subtitle": f"For {len(subscriptions)} subscriptions."}
    if len(subscriptions) == 1:
        (subscription,) = subscriptions
        crumbs = {
            "parent": subscription.title,
            "parent_url": reverse("subscriptions:subscription-detail", args=[subscription.code]),
            "grandparent": subscription.customer.name,
            "grandparent_url": reverse("subscriptions:customer-detail", args=[subscription.customer.code]),
        }
    return pageheader(context, content, title=str(title), badge_kind=badge_kind, badge_state=badge_state, **crumbs)


@register.filter
def prevalidation_state(prevalidation: Prevalidation) -> PrevalidationStatus:
    """`{{ prevalidation|prevalidation_state }}`: how far a pre-validation is today, in UTC."""
    return prevalidations.status_today(prevalidation)


@register.filter
def notice_label(name: str) -> str:
    """`{{ mail.notice|notice_label }}`: what a kind of mail is called."""
    return mails.label_of(name)


@register.simple_tag
def certificate_badge(domain: Domain) -> SafeString:
    """`{% certificate_badge domain %}`: the state of a name's certificate."""
    return badge("certificate", certificate_state(getattr(domain, "certificate", None), timezone.now()))


@register.filter
def refundable_until(charged_at: datetime) -> date | None:
    """`{{ domain.charged_at|refundable_until }}`: the last day on which the CA refunds a name; nothing after it."""
    until = terms.refundable_until(charged_at)
    return terms.last_day(until) if until >= timezone.now() else None


@register.filter
def sentence(event: AuditEvent) -> str:
    """`{{ event|sentence }}`: what happened, in words."""
    return happenings.sentence(event)


@register.filter
def changes(event: AuditEvent) -> list[happenings.Change]:
    """`{% for change in event|changes %}`: what an event changed, field by field."""
    return happenings.changes(event)


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
    """`{{ server|server_state }}`: no longer listed, offered, or hidden."""
    return state_of_server(server)


@register.filter
def as_json(value: object) -> str:
    """`{{ operation.reply|as_json }}`: evidence, laid out to be read."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


@register.filter
def kind_word(kind: str) -> str:
    """`{{ held.kind|kind_word }}`: what a kind of operation does; one of another version is told by its own name."""
    return str(dict(Operation.Kind.choices).get(kind, kind))
