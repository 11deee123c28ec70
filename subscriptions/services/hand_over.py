"""Handing subscriptions over to their customer's people: the request half.

Where somebody of the customer can sign in it is done at once. Where people are only invited it is pending, and done in
the transaction in which the first of them accepts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts import outbox
from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.joining import when_somebody_joins
from accounts.models import Customer, Invitation, Membership, User
from accounts.services import invite_person
from subscriptions.happenings import Happening
from subscriptions.models import Subscription
from subscriptions.selectors.hand_over import HandOver, hand_overs, pending_of
from subscriptions.services.customers import hold_customers

REASONS_TOLD = 3


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of a hand-over: how many subscriptions were handed over or wait, and how many mails go out."""

    done: int
    pending: int
    mails: int

    def __str__(self) -> str:
        mails = f"{self.mails} mail{'' if self.mails == 1 else 's'} on the way"
        it = "It is" if self.pending == 1 else f"{self.pending} are"
        waiting = f"{it} handed over when they accept."
        if not self.pending:
            return f"Handed over: {mails}."
        return f"Handed over: {mails}. {waiting}" if self.done else waiting


@transaction.atomic
def hand_over(*, actor: User, subscriptions: Iterable[Subscription]) -> HandedOver:
    """Show subscriptions to their customers' people and tell them by mail, or have that done once somebody accepts.

    Each person gets one mail for all of them. Raises ServiceError, and does nothing, where one is not ready or stopped,
    nobody is there or invited, or somebody is mailed too often.
    """
    planned = hand_overs(_held(subscriptions))
    if reasons := [f"{one.subscription}: {one.objection}" for one in planned if one.objection]:
        raise ServiceError(_refusal(planned, reasons))
    done = [one for one in planned if one.people]
    pending = [one.subscription for one in planned if not one.people]
    _show(done, actor=actor, how="")
    mails = _tell(done)
    _wait(pending, actor=actor)
    return HandedOver(done=len(done), pending=len(pending), mails=mails)


def _held(subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """Give subscriptions as they are now; who joins or leaves their customers waits until the transaction ends."""
    pks, customers = zip(*((one.pk, one.customer_id) for one in subscriptions), strict=True)
    hold_customers(customers)
    rows = Subscription.objects.select_related("customer", "server").filter(pk__in=pks)
    return list(rows.order_by("created_at", "pk"))


def _refusal(planned: Sequence[HandOver], reasons: Sequence[str]) -> str:
    if len(planned) == 1:
        return f"{planned[0].objection} Nothing was sent."
    more = f" and {len(reasons) - REASONS_TOLD} more" if len(reasons) > REASONS_TOLD else ""
    return f"{' '.join(reasons[:REASONS_TOLD])}{more} Nothing was sent."


def _show(handed: Iterable[HandOver], *, actor: User, how: str) -> None:
    now = timezone.now()
    for one in handed:
        Subscription.objects.filter(pk=one.subscription.pk).update(
            handed_over_at=now, shown_at=Coalesce("shown_at", now), hand_over_pending_since=None
        )
        customer = one.subscription.customer
        record_event(
            Happening.SUBSCRIPTION_HANDED_OVER, actor=actor, target=one.subscription, customer=customer, how=how
        )


def _tell(handed: Iterable[HandOver]) -> int:
    """Write one mail to each person of each customer; give how many."""
    told: dict[tuple[Customer, User], list[Subscription]] = defaultdict(list)
    for one in handed:
        for place in one.people:
            told[one.subscription.customer, place.user].append(one.subscription)
    for (customer, person), subscriptions in told.items():
        _write(customer, person, subscriptions)
    return len(told)


def _write(customer: Customer, person: User, subscriptions: Sequence[Subscription]) -> None:
    about = subscriptions[0] if len(subscriptions) == 1 else customer
    facts = {} if len(subscriptions) == 1 else {"subscriptions": " ".join(str(one.code) for one in subscriptions)}
    outbox.queue("handover", address=person.email, person=person, about=about, facts=facts)


def _wait(pending: Iterable[Subscription], *, actor: User) -> None:
    for one in pending:
        waits = Subscription.objects.filter(pk=one.pk, hand_over_pending_since=None)
        if waits.update(hand_over_pending_since=timezone.now()):
            record_event(Happening.HAND_OVER_DECIDED, actor=actor, target=one, customer=one.customer)


@transaction.atomic
def invite_and_hand_over(*, actor: User, subscriptions: Sequence[Subscription], email: str, role: str) -> HandedOver:
    """Invite a person of the one customer that subscriptions belong to, and hand these over; both or neither.

    Raises ServiceError as `invite_person` and `hand_over` do.
    """
    (customer,) = {one.customer for one in subscriptions}
    invite_person(actor=actor, customer=customer, email=email, role=role)
    return hand_over(actor=actor, subscriptions=subscriptions)


@transaction.atomic
def call_off(*, actor: User, subscription: Subscription) -> None:
    """Take back the decision to hand a subscription over; raise ServiceError where it waits for nobody any more."""
    waits = Subscription.objects.filter(pk=subscription.pk, hand_over_pending_since__isnull=False)
    if not waits.update(hand_over_pending_since=None):
        raise ServiceError("This hand-over does not wait any more. Nothing was changed.")
    record_event(Happening.HAND_OVER_CALLED_OFF, actor=actor, target=subscription, customer=subscription.customer)


@when_somebody_joins
def complete(invitation: Invitation, membership: Membership) -> None:
    """Hand over what waited for it, and tell who has joined of that, and of what was handed over since the invitation.

    The invitation is used up in the same transaction and its customer's row is held: nothing is done twice. Too many
    mails to an address keep nobody from joining.
    """
    person, how = membership.user, f"when {membership.user.email} accepted"
    ready = [one for one in hand_overs(pending_of(membership.customer)) if one.people and not one.why_not]
    _show(ready, actor=person, how=how)
    own = Subscription.objects.seen_by(person).filter(
        customer=membership.customer, handed_over_at__gte=invitation.created_at
    )
    others = [
        HandOver(one.subscription, people=[place for place in one.people if place.user_id != person.pk])
        for one in ready
    ]
    try:
        with transaction.atomic():
            _tell(others)
            if subscriptions := list(own.select_related("server", "customer").order_by("created_at", "pk")):
                _write(membership.customer, person, subscriptions)
    except outbox.TooManyMailsError:
        pass
