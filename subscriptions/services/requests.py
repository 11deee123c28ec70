"""What customers ask for: asked and withdrawn by their people, answered by staff. The request half.

Every move is a conditional update: of two people who act at once one wins, and the other is told. Nothing here charges,
reserves a name, or tells whether somebody else has one.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import outbox
from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from accounts.roles import RESELLER_PERMISSIONS, Permission
from accounts.throttles import Limit
from subscriptions.happenings import Happening
from subscriptions.models import CustomerRequest, Operation, Quote, Subscription
from subscriptions.rules.names import MAX_NAMES_PER_QUOTE, MOST_WRITINGS
from subscriptions.rules.terms import TERM_DAYS
from subscriptions.selectors.requests import (
    names_there_for_customers,
    removable_names,
    why_not_askable,
)
from subscriptions.services.customers import hold_open_customers

Kind = CustomerRequest.Kind
State = CustomerRequest.State
# So that no one fills the list of staff: a morning's work at once, then one each quarter of an hour.
ASKED = Limit("requests_of_person", 20, timedelta(minutes=15))
TOO_MANY = (
    "These are many requests in a short time. Wait a quarter of an hour, or put more names into one. Nothing was sent."
)
ANSWERING = [role for role, permissions in RESELLER_PERMISSIONS.items() if Permission.BUY in permissions]
MOVED = {
    State.QUOTED: Happening.REQUEST_QUOTED,
    State.ORDERED: Happening.REQUEST_ORDERED,
    State.DONE: Happening.REQUEST_DONE,
    State.DECLINED: Happening.REQUEST_DECLINED,
    State.WITHDRAWN: Happening.REQUEST_WITHDRAWN,
}
NO_TURN = "It is “{state}” by now: its state has changed since this page was opened. Nothing was changed."
NO_ORDER = "The customer’s request for this is “{state}” by now. Nothing was ordered."


# --- The customer's people ------------------------------------------------------------------------------------------


def ask_for_names(
    *, actor: User, subscription: Subscription, names: Sequence[str], typed_text: str, note: str, form_token: UUID
) -> CustomerRequest:
    """Write a request for names as they were typed; the same form sent twice gives the same request.

    Raises ServiceError where one cannot be added, is there or was asked for already, or where none can be added now.
    """
    if earlier := _earlier(form_token, subscription):
        return earlier
    _check_can_ask(subscription, Kind.NAMES)
    checked = names_there_for_customers(subscription).check(names[: MAX_NAMES_PER_QUOTE * MOST_WRITINGS])
    wanted = [one.name for one in checked if not one.problem and not one.is_repeated]
    if any(one.problem for one in checked) or not 0 < len(wanted) <= MAX_NAMES_PER_QUOTE:
        raise ServiceError("Not every one of these names can be asked for. Nothing was sent.")
    about = {"names": wanted, "typed_text": typed_text}
    return _ask(actor, subscription, Kind.NAMES, note=note, form_token=form_token, **about)


def ask_for_extension(
    *, actor: User, subscription: Subscription, years: int, note: str, form_token: UUID
) -> CustomerRequest:
    """Write a request for an extension; the same form sent twice gives the same request.

    Raises ServiceError where it cannot be extended soon, or was asked for already.
    """
    if earlier := _earlier(form_token, subscription):
        return earlier
    if years not in TERM_DAYS:
        raise ServiceError("A subscription is extended by 1, 2 or 3 years.")
    _check_can_ask(subscription, Kind.EXTENSION)
    try:
        return _ask(actor, subscription, Kind.EXTENSION, note=note, form_token=form_token, years=years)
    except IntegrityError as error:
        raise ServiceError("Its extension was asked for already.") from error


def ask_for_removal(
    *, actor: User, subscription: Subscription, codes: Collection[UUID], note: str, form_token: UUID
) -> CustomerRequest:
    """Write a request that the names with these codes are taken out; the same form sent twice gives the same request.

    Raises ServiceError where one is gone or was asked for already, or where none can be taken out now.
    """
    if earlier := _earlier(form_token, subscription):
        return earlier
    _check_can_ask(subscription, Kind.REMOVAL)
    there = removable_names(subscription).filter(code__in=codes)
    names = sorted(there.values_list("name", flat=True))
    if not names:
        raise ServiceError("Choose at least one name. Nothing was sent.")
    if len(names) != len(codes):
        raise ServiceError("One of these names is gone, or its removal was asked for already. Nothing was sent.")
    return _ask(actor, subscription, Kind.REMOVAL, note=note, form_token=form_token, names=names)


def _earlier(form_token: UUID, subscription: Subscription) -> CustomerRequest | None:
    return CustomerRequest.objects.filter(form_token=form_token, subscription=subscription).first()


def _check_can_ask(subscription: Subscription, kind: Kind) -> None:
    if reason := why_not_askable(subscription, kind, timezone.now()):
        raise ServiceError(f"{reason} Nothing was sent.")


@transaction.atomic
def _ask(actor: User, subscription: Subscription, kind: Kind, **fields: Any) -> CustomerRequest:
    # Who archives the customer or moves the subscription comes before all of this, or finds the request.
    hold_open_customers([subscription.customer_id])
    if not Subscription.objects.filter(pk=subscription.pk, customer=subscription.customer_id).exists():
        raise ServiceError("The subscription belongs to somebody else by now. Nothing was sent.")
    token = fields.pop("form_token")
    defaults = {"subscription": subscription, "kind": kind, "created_by": actor, "changed_by": actor, **fields}
    asked, is_new = CustomerRequest.objects.get_or_create(form_token=token, defaults=defaults)
    if not is_new:
        return asked
    if not ASKED.of(actor.pk).take(timezone.now()):
        raise ServiceError(TOO_MANY)
    _record(Happening.REQUEST_MADE, asked, actor)
    for person in User.objects.filter(is_active=True, reseller_role__in=ANSWERING).order_by("pk"):
        outbox.offer("request_made", person=person, about=asked)
    return asked


@transaction.atomic
def withdraw(*, actor: User, asked: CustomerRequest) -> None:
    """Take a request back; raise ServiceError where it is ordered or answered by now."""
    _move(asked, State.WITHDRAWN, actor=actor)


# --- Staff ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def decline(*, actor: User, asked: CustomerRequest, reason: str) -> None:
    """Say no, with a reason that the customer reads; raise ServiceError where it is ordered or answered by now."""
    if not reason.strip():
        raise ServiceError("Say why: the customer reads it. Nothing was changed.")
    _move(asked, State.DECLINED, actor=actor, reason=reason)
    outbox.offer("request_answered", person=asked.created_by, about=asked)


@transaction.atomic
def mark_done(*, actor: User, asked: CustomerRequest, reason: str) -> None:
    """Say that it was done another way than by its own order, with words that the customer reads."""
    if not reason.strip():
        raise ServiceError("Say what was done: the customer reads it. Nothing was changed.")
    _move(asked, State.DONE, actor=actor, reason=reason)
    outbox.offer("request_answered", person=asked.created_by, about=asked)


def take_up(asked: CustomerRequest, quote: Quote, *, actor: User) -> None:
    """Note, in the transaction that writes a quote, that it is for a request.

    Whoever has a quote for it can get another one. Raises ServiceError where the request is no longer open, or where
    somebody else has a quote for it that can still be confirmed.
    """
    if asked.subscription_id not in quote.lines.values_list("subscription", flat=True):
        raise ServiceError("The request is about another subscription.")
    now = timezone.now()
    _lock(asked)
    others = asked.quotes.filter(order=None).exclude(pk=quote.pk).exclude(created_by=actor)
    alive = others.filter(Q(state__in=[Quote.State.QUEUED, Quote.State.PRICING]) | Q(valid_until__gt=now))
    if asked.state == State.QUOTED and (other := alive.select_related("created_by").first()) is not None:
        raise ServiceError(f"{other.created_by or 'Somebody'} is getting a quote for this request already.")
    _move(asked, State.QUOTED, actor=actor)
    Quote.objects.filter(pk=quote.pk).update(asked_for=asked)


def note_ordered(asked: CustomerRequest, operations: Sequence[Operation], *, actor: User) -> None:
    """Note, in the transaction that queues operations, that they are what was asked for.

    Raises ServiceError where the request was withdrawn, answered or ordered meanwhile: then nothing is ordered.
    """
    _move(asked, State.ORDERED, actor=actor, otherwise=NO_ORDER)
    asked.operations.set(operations)


# --- Moves ----------------------------------------------------------------------------------------------------------


def _lock(asked: CustomerRequest) -> None:
    """Have others wait who move this request, and read it as it is now."""
    CustomerRequest.objects.filter(pk=asked.pk).update(form_token=asked.form_token)
    asked.refresh_from_db()


def _move(asked: CustomerRequest, to_state: State, *, actor: User, reason: str = "", otherwise: str = NO_TURN) -> None:
    """Move a request that is unanswered; raise ServiceError, which says `otherwise`, where it is not any more."""
    now = timezone.now()
    changes = {"state": to_state, "reason": reason, "changed_by": actor, "changed_at": now}
    if CustomerRequest.objects.filter(pk=asked.pk, state__in=CustomerRequest.UNANSWERED).update(**changes) != 1:
        asked.refresh_from_db()
        raise ServiceError(otherwise.format(state=asked.get_state_display()))
    for name, value in changes.items():
        setattr(asked, name, value)
    _record(MOVED[to_state], asked, actor)


def _record(happening: Happening, asked: CustomerRequest, actor: User) -> None:
    record_event(
        happening,
        actor=actor,
        target=asked,
        customer=asked.subscription.customer,
        what=asked.title,
        names=asked.names,
        reason=asked.reason,
    )
