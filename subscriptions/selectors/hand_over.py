"""Hand-overs: what each would do now, and which wait for somebody to accept an invitation."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Customer, Invitation, Membership
from subscriptions.models import Subscription
from subscriptions.selectors.account_states import why_stopped
from subscriptions.selectors.archiving import why_closed

Place = TypeVar("Place", Membership, Invitation)

_GIVEN = (("subscription", "membership"), ("subscription", "invitation"))  # what each may see who sees some only
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
        return why_closed(self.subscription.customer) or why_stopped(self.subscription)

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


@dataclass(frozen=True, slots=True)
class OfCustomer:
    """The hand-overs of one customer on a page of many."""

    customer: Customer
    hand_overs: Sequence[HandOver]

    @property
    def people(self) -> list[Membership]:
        """Who gets a mail at once."""
        return list({place.pk: place for one in self._possible for place in one.people}.values())

    @property
    def invited(self) -> list[Invitation]:
        """Who gets one on accepting."""
        return list({invitation.pk: invitation for one in self._possible for invitation in one.invited}.values())

    @property
    def wants_somebody(self) -> bool:
        """Whether nothing stands against one of them but that nobody is there or invited."""
        return any(one.objection and not one.why_not for one in self.hand_overs)

    @property
    def _possible(self) -> list[HandOver]:
        return [one for one in self.hand_overs if not one.objection]


def hand_overs(subscriptions: Iterable[Subscription]) -> list[HandOver]:
    """Give what the hand-over of each would do; their customers are at hand."""
    listed = list(subscriptions)
    customers = {one.customer_id for one in listed}
    people = Membership.objects.filter(customer__in=customers, user__is_active=True).select_related("user")
    invited = Invitation.objects.usable(timezone.now()).filter(customer__in=customers).order_by("email")
    places, invitations = _by_customer(people), _by_customer(invited)
    given = set(Subscription.memberships.through.objects.filter(subscription__in=listed).values_list(*_GIVEN[0]))
    promised = set(Subscription.invitations.through.objects.filter(subscription__in=listed).values_list(*_GIVEN[1]))
    return [
        HandOver(
            one,
            [place for place in places[one.customer_id] if not place.is_limited or (one.pk, place.pk) in given],
            [place for place in invitations[one.customer_id] if not place.is_limited or (one.pk, place.pk) in promised],
        )
        for one in listed
    ]


def _by_customer(places: Iterable[Place]) -> dict[int | None, list[Place]]:
    grouped: dict[int | None, list[Place]] = defaultdict(list)
    for place in places:
        grouped[place.customer_id].append(place)
    return grouped


def by_customer(planned: Iterable[HandOver]) -> list[OfCustomer]:
    """Give hand-overs customer by customer, by name."""
    grouped: dict[Customer, list[HandOver]] = {}
    for one in planned:
        grouped.setdefault(one.subscription.customer, []).append(one)
    return [OfCustomer(customer, grouped[customer]) for customer in sorted(grouped, key=lambda customer: customer.name)]


def not_handed_over(customer: Customer) -> "QuerySet[Subscription]":
    """Give the subscriptions of a customer that can be handed over and were not, the oldest first."""
    usable = Subscription.objects.filter(
        creation=Subscription.Creation.CREATED, account_state=Subscription.AccountState.OPEN
    )
    new = usable.filter(customer=customer, handed_over_at=None, customer__archived_at=None)
    return new.select_related("customer", "server").order_by("created_at", "pk")


def pending_of(customer: Customer) -> "QuerySet[Subscription]":
    """Give the subscriptions of a customer whose hand-over waits for somebody to accept."""
    return pending_hand_overs().filter(customer=customer)


def pending_hand_overs() -> "QuerySet[Subscription]":
    """Give every subscription whose hand-over waits for somebody to accept, the longest first."""
    pending = Subscription.objects.filter(hand_over_pending_since__isnull=False, customer__archived_at=None)
    return pending.select_related("customer", "server").order_by("hand_over_pending_since", "pk")


def waiting_for_nobody(now: datetime) -> "QuerySet[Subscription]":
    """Give those of them for which nobody is invited any more: a person has to go on."""
    promised = Subscription.invitations.through.objects.filter(
        invitation=OuterRef("pk"), subscription=OuterRef(OuterRef("pk"))
    )
    reach = Q(is_limited=False) | Exists(promised)
    invited = Invitation.objects.usable(now).filter(reach, customer=OuterRef("customer"))
    return pending_hand_overs().exclude(Exists(invited))
