"""Hand-overs: what each would do now, and which wait for somebody to accept an invitation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Customer, Invitation, Membership
from subscriptions.models import Subscription
from subscriptions.selectors.account_states import why_stopped

NOT_READY = "The ACME account is not ready yet: hand it over when it is."


@dataclass(frozen=True, slots=True)
class HandOver:
    """What the hand-over of a subscription would do now: who gets the mail at once, and who once they accept."""

    subscription: Subscription
    people: Sequence[Membership] = field(default=())
    invited: Sequence[Invitation] = field(default=())

    @property
    def why_not(self) -> str:
        """Why it cannot be handed over, whoever is there; or an empty text."""
        if self.subscription.creation != Subscription.Creation.CREATED:
            return NOT_READY
        return why_stopped(self.subscription)

    @property
    def objection(self) -> str:
        """Why it cannot be handed over, or an empty text."""
        if self.why_not or self.people or self.invited:
            return self.why_not
        return f"Nobody at {self.subscription.customer} can sign in yet. Invite a person first."

    @property
    def is_pending(self) -> bool:
        """Whether it was decided, and waits for somebody to accept."""
        return self.subscription.hand_over_pending_since is not None


def hand_overs(subscriptions: Iterable[Subscription]) -> list[HandOver]:
    """Give what the hand-over of each would do; their customers are at hand."""
    listed = list(subscriptions)
    customers = {one.customer_id for one in listed}
    people = Membership.objects.filter(customer__in=customers, user__is_active=True).select_related("user")
    invited = Invitation.objects.usable(timezone.now()).filter(customer__in=customers)
    places, open_ones = list(people), list(invited.order_by("email"))
    return [
        HandOver(
            one,
            people=[place for place in places if place.customer_id == one.customer_id],
            invited=[invitation for invitation in open_ones if invitation.customer_id == one.customer_id],
        )
        for one in listed
    ]


def not_handed_over(customer: Customer) -> "QuerySet[Subscription]":
    """Give the subscriptions of a customer that can be handed over and were not, the oldest first."""
    usable = Subscription.objects.filter(
        creation=Subscription.Creation.CREATED, account_state=Subscription.AccountState.OPEN
    )
    new = usable.filter(customer=customer, handed_over_at=None)
    return new.select_related("customer", "server").order_by("created_at", "pk")


def pending_of(customer: Customer) -> "QuerySet[Subscription]":
    """Give the subscriptions of a customer whose hand-over waits for somebody to accept."""
    return pending_hand_overs().filter(customer=customer)


def pending_hand_overs() -> "QuerySet[Subscription]":
    """Give every subscription whose hand-over waits for somebody to accept, the longest first."""
    pending = Subscription.objects.filter(hand_over_pending_since__isnull=False)
    return pending.select_related("customer", "server").order_by("hand_over_pending_since", "pk")


def waiting_for_nobody(now: datetime) -> "QuerySet[Subscription]":
    """Give those of them for which nobody is invited any more: a person has to go on."""
    invited = Invitation.objects.usable(now).filter(customer=OuterRef("customer"))
    return pending_hand_overs().exclude(Exists(invited))
