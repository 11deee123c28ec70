"""People as lists: the reseller's staff, a customer's people and invitations, and the same as lines of files."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import F, Prefetch, QuerySet

from accounts.models import Customer, Invitation, Membership, User
from accounts.reach import offered_to
from subscriptions.models import Subscription
from subscriptions.selectors.list_files import AT_ONCE

STAFF_HEADING = ("Name", "E-mail address", "Role", "Second factor", "Django admin", "Active", "Last sign-in ({zone})")
PEOPLE_HEADING = ("Name", "E-mail address", "Role", "Sees", "Since ({zone})")


def people_of(customer: Customer) -> "QuerySet[Membership]":
    """Give the people of a customer, with the subscriptions that those see who see some of them."""
    return _people(customer, Subscription.objects.select_related("server").order_by("created_at", "pk"))


def invitations_of(customer: Customer) -> "QuerySet[Invitation]":
    """Give the invitations of a customer that were not used, newest first."""
    seen = Subscription.objects.select_related("server").order_by("created_at", "pk")
    unused = Invitation.objects.filter(customer=customer, accepted_at=None)
    return unused.select_related("invited_by").prefetch_related(Prefetch("subscriptions", seen, to_attr="seen"))


def people_for_owner(owner: User, customer: Customer) -> "QuerySet[Membership]":
    """Give the people of a customer to its owner, with what they see of what the owner sees."""
    return _people(customer, offered_to(owner, customer))


def invitations_for_owner(owner: User, customer: Customer) -> "QuerySet[Invitation]":
    """Give the invitations of a customer that were neither used nor withdrawn, newest first, to its owner."""
    seen = Prefetch("subscriptions", offered_to(owner, customer), to_attr="seen")
    return customer.invitations.waiting().select_related("invited_by").prefetch_related(seen)


def _people(customer: Customer, seen: "QuerySet[Any]") -> "QuerySet[Membership]":
    rows = Membership.objects.filter(customer=customer).select_related("user", "customer")
    # A place has no code of its own: within one customer it is known by its person's.
    return rows.annotate(code=F("user__code")).prefetch_related(Prefetch("subscriptions", seen, to_attr="seen"))


def staff_lines(people: "QuerySet[User]") -> Iterator[tuple[str | datetime | None, ...]]:
    """Give the reseller's staff (from `accounts.staff.members`) under STAFF_HEADING."""
    for person in people.iterator(chunk_size=AT_ONCE):
        yield (
            person.name,
            person.email,
            person.get_reseller_role_display(),
            "set up" if getattr(person, "has_second_factor", False) else "none",
            "yes" if person.is_staff else "no",
            "yes" if person.is_active else "no",
            person.last_login,
        )


def person_lines(people: "QuerySet[Membership]") -> Iterator[tuple[str | datetime, ...]]:
    """Give a customer's people under PEOPLE_HEADING; of one who sees some subscriptions only, which."""
    for place in people.iterator(chunk_size=AT_ONCE):
        seen = [one.title for one in getattr(place, "seen", [])]
        yield (
            place.user.name,
            place.user.email,
            place.get_role_display(),
            (", ".join(seen) or "nothing") if place.is_limited else "all subscriptions",
            place.created_at,
        )
