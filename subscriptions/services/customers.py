"""Customers as those who buy: archiving them and bringing them back. The request half."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from accounts import invitations
from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import Customer, Invitation, User
from accounts.services import remove_person
from subscriptions.happenings import Happening
from subscriptions.selectors.archiving import why_closed, why_not_archived


def hold_customers(pks: Collection[int]) -> dict[int, Customer]:
    """Keep customers as they are until the transaction ends, and give them by their keys.

    Whoever makes or buys something for a customer holds it, as does who archives it: one of them comes first.
    """
    return {one.pk: one for one in Customer.objects.select_for_update().filter(pk__in=pks).order_by("pk")}


def hold_open_customers(pks: Collection[int]) -> None:
    """Hold customers for whom something is made or bought; raise ServiceError where one is archived."""
    for customer in hold_customers(pks).values():
        if reason := why_closed(customer):
            raise ServiceError(reason)


@transaction.atomic
def archive_customer(*, actor: User, customer: Customer, removes_people: bool) -> None:
    """Put a customer away; raise ServiceError where something of it runs or is under way.

    Open invitations end. Its people are removed where that is wanted; others go on seeing what there was.
    """
    row = hold_customers([customer.pk])[customer.pk]
    if row.archived_at is not None:
        return
    if reason := why_not_archived(row):
        raise ServiceError(f"{reason} Nothing was archived.")
    Customer.objects.filter(pk=row.pk).update(archived_at=timezone.now())
    for invitation in Invitation.objects.waiting().filter(customer=row).select_related("customer"):
        invitations.end(invitation, actor=actor, reason=f"{row} was archived.")
    places = list(row.memberships.select_related("customer", "user")) if removes_people else []
    for place in places:
        remove_person(actor=actor, membership=place)
    record_event(Happening.CUSTOMER_ARCHIVED, actor=actor, target=row, customer=row, people_removed=len(places))


@transaction.atomic
def bring_back_customer(*, actor: User, customer: Customer) -> None:
    """Take a customer out of the archive. Whoever was removed is invited anew."""
    if Customer.objects.filter(pk=customer.pk).exclude(archived_at=None).update(archived_at=None):
        record_event(Happening.CUSTOMER_BROUGHT_BACK, actor=actor, target=customer, customer=customer)
