"""Which subscriptions of a customer a person, or whoever accepts an invitation, sees: all of them or some.

What a subscription is, is another app's business: here it has a title, and its customer's people see it or not yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.errors import ServiceError
from accounts.models import Customer, Invitation, Membership, User
from accounts.roles import CustomerRole

ALL = "all"
TITLES_TOLD = 20


@dataclass(frozen=True, slots=True)
class Reach:
    """All subscriptions, or those `chosen` of those that were `offered`: of others nothing changes."""

    is_limited: bool = False
    chosen: Sequence[Any] = ()
    offered: Sequence[Any] = ()


EVERYTHING = Reach()


def offered_to(actor: User, customer: Customer) -> "QuerySet[Any]":
    """Give the subscriptions of a customer that a person may choose from: its own people choose of what they see."""
    rows = customer.subscriptions.select_related("server").order_by("created_at", "pk")
    return rows if actor.is_reseller_staff else rows.seen_by(actor)


def seen_by(user: User) -> "QuerySet[Any]":
    """Give the subscriptions that somebody sees as one of a customer's people."""
    model: Any = Customer._meta.get_field("subscriptions").related_model
    rows: QuerySet[Any] = model.objects.seen_by(user)
    return rows


def people_who_see(customer: Customer, subscription_code: UUID | None) -> list[User]:
    """Give the active people of a customer who see one of its subscriptions; without one, those who see all."""
    people = User.objects.filter(memberships__customer=customer, is_active=True)
    if subscription_code is None:
        return list(people.filter(memberships__is_limited=False).order_by("pk"))
    own = customer.subscriptions.filter(code=subscription_code)
    return [person for person in people.order_by("pk") if own.filter(pk__in=seen_by(person).values("pk")).exists()]


def limit(place: Membership | Invitation, reach: Reach) -> list[str]:
    """Have a place see what is said; give in words what it saw before and what it sees now.

    Raises ServiceError for an owner, who is never limited, and for a limit to nothing.
    """
    before = words(place)
    if reach.is_limited and place.role == CustomerRole.OWNER:
        raise ServiceError("An owner sees every subscription.")
    kept: Iterable[Any] = ()
    if reach.is_limited:
        offered = [one.pk for one in reach.offered]
        others = place.subscriptions.exclude(pk__in=offered) if place.is_limited else ()
        own = [one for one in reach.chosen if one.customer_id == place.customer_id]
        kept = [*others, *own]
        if not kept:
            raise ServiceError("Choose at least one subscription.")
    place.is_limited = reach.is_limited
    place.save(update_fields=["role", "is_limited"])  # together: the database refuses a limited owner
    place.subscriptions.set(kept)
    return [before, words(place)]


def words(place: Membership | Invitation) -> str:
    """Say what a place sees, in words that its customer's owners may read: of what is not shown yet only how many."""
    if not place.is_limited:
        return ALL
    listed = list(place.subscriptions.select_related("server").order_by("created_at", "pk"))
    titles = [one.title for one in listed if one.shown_at]
    hidden = len(listed) - len(titles)
    told = titles[:TITLES_TOLD]
    if more := len(titles) - len(told):
        told.append(f"{more} more")
    if hidden:
        told.append(f"{hidden} not handed over yet")
    return ", ".join(told) or "none"
