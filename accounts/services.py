"""Customers and the people they consist of: the request half."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import tasks
from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.happenings import Happening
from accounts.models import Customer, Invitation, Membership, User
from accounts.roles import CustomerRole

INVITATIONS_AN_HOUR = 20  # of one customer's people
INVITATIONS_A_DAY_TO_ONE = 3


@transaction.atomic
def create_customer(
    *, actor: User, name: str, reference: str = "", contact_email: str = "", notes: str = ""
) -> Customer:
    """Write a new customer and give it."""
    customer = Customer.objects.create(
        name=name, reference=reference, contact_email=contact_email, notes=notes, created_by=actor
    )
    record_event(Happening.CUSTOMER_CREATED, actor=actor, target=customer, customer=customer, name=name)
    return customer


@transaction.atomic
def update_customer(*, actor: User, customer: Customer, fields: dict[str, str]) -> None:
    """Write changed `fields` of a customer."""
    for name, value in fields.items():
        setattr(customer, name, value)
    customer.save(update_fields=list(fields))
    record_event(Happening.CUSTOMER_CHANGED, actor=actor, target=customer, customer=customer, fields=sorted(fields))


def invite_person(*, actor: User, customer: Customer, email: str, role: str) -> Invitation:
    """Write an invitation and have its mail sent; raise ServiceError for someone who belongs already.

    An earlier open invitation of the same address ends: only the newest link works.
    """
    email, now = email.strip().lower(), timezone.now()
    if Membership.objects.filter(customer=customer, user__email=email).exists():
        raise ServiceError(f"{email} belongs to {customer} already.")
    if actor.is_reseller_staff:
        _refuse_staff_address(email)
    else:
        _refuse_too_many(customer, email, now)
    with transaction.atomic():
        _end_invitations(customer, email)
        invitation = Invitation.objects.create(
            customer=customer,
            email=email,
            role=role,
            invited_by=actor,
            expires_at=now + timedelta(days=settings.INVITATION_DAYS),
        )
        record_event(
            Happening.INVITATION_CREATED, actor=actor, target=invitation, customer=customer, email=email, role=role
        )
        transaction.on_commit(lambda: tasks.send_invitation.delay(invitation.pk), robust=True)
    return invitation


def _end_invitations(customer: Customer, email: str) -> None:
    open_ones = Invitation.objects.filter(customer=customer, email=email, accepted_at=None, revoked_at=None)
    open_ones.update(revoked_at=timezone.now(), token_digest="")


def _refuse_staff_address(email: str) -> None:
    # Customers are not told who works at the reseller: such an invitation is refused when it is to be accepted.
    if User.objects.filter(email=email).exclude(reseller_role="").exists():
        raise ServiceError(f"{email} is the address of somebody on the reseller’s staff and cannot be invited.")


def _refuse_too_many(customer: Customer, email: str, now: datetime) -> None:
    """Raise ServiceError where a customer's people would have the portal send mails without end."""
    sent = Invitation.objects.filter(customer=customer, invited_by__reseller_role="")
    if sent.filter(email=email, created_at__gt=now - timedelta(days=1)).count() >= INVITATIONS_A_DAY_TO_ONE:
        raise ServiceError(f"{email} was invited {INVITATIONS_A_DAY_TO_ONE} times within a day. Try again tomorrow.")
    if sent.filter(created_at__gt=now - timedelta(hours=1)).count() >= INVITATIONS_AN_HOUR:
        raise ServiceError(f"{INVITATIONS_AN_HOUR} invitations were sent within an hour. Try again later.")


@transaction.atomic
def revoke_invitation(*, actor: User, invitation: Invitation) -> None:
    """End an open invitation: its link stops to work."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(revoked_at=timezone.now(), token_digest="")
    record_event(Happening.INVITATION_REVOKED, actor=actor, target=invitation, customer=invitation.customer)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, name: str, password: str) -> User:
    """Use an invitation up and give its user, made where the address is new; raise ServiceError if it was used.

    A person who has a user already keeps its password: `password` is used for a new user only.
    """
    now = timezone.now()
    usable = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=now)
    if usable.update(accepted_at=now, token_digest="") != 1:
        raise ServiceError("This invitation was used, withdrawn or has expired.")
    user = User.objects.filter(email=invitation.email).first()
    if user is not None and user.is_reseller_staff:
        raise ServiceError("People of the reseller’s staff cannot join a customer.")
    if user is None:
        user = User.objects.create_user(invitation.email, password, name=name)
    Membership.objects.get_or_create(customer=invitation.customer, user=user, defaults={"role": invitation.role})
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    record_event(Happening.INVITATION_ACCEPTED, actor=user, target=invitation, customer=invitation.customer)
    return user


@transaction.atomic
def change_role(*, actor: User, membership: Membership, role: str) -> None:
    """Give a person another role within its customer; raise ServiceError where an owner would leave it without one."""
    place = _hold(membership)
    if place.role == role:
        return
    if role != CustomerRole.OWNER:
        _refuse_last_owner(actor, place)
    place.role = role
    place.save(update_fields=["role"])
    _record_place(Happening.MEMBERSHIP_CHANGED, actor, place)


@transaction.atomic
def remove_person(*, actor: User, membership: Membership) -> None:
    """Take a person out of a customer; raise ServiceError where an owner would leave it without one.

    What the person may see is asked of the memberships at every request: sessions need not end.
    """
    place = _hold(membership)
    _refuse_last_owner(actor, place)
    place.delete()
    _end_invitations(place.customer, place.user.email)
    _record_place(Happening.MEMBERSHIP_REMOVED, actor, place)


def _hold(membership: Membership) -> Membership:
    """Give a membership as it is now, and keep its customer's others as they are until the transaction ends."""
    Customer.objects.select_for_update().get(pk=membership.customer_id)
    place = Membership.objects.select_related("customer", "user").filter(pk=membership.pk).first()
    if place is None:
        raise ServiceError(f"{membership.user} does not belong to {membership.customer} any more.")
    return place


def objection_to_leaving(actor: User, membership: Membership) -> str:
    """Say why a person must stay an owner where the customer would be left without one; staff may do that."""
    if actor.is_reseller_staff or not membership.is_last_owner:
        return ""
    who = "You are" if membership.user == actor else f"{membership.user} is"
    return f"{who} the only owner of {membership.customer}. Make somebody else an owner first."


def _refuse_last_owner(actor: User, place: Membership) -> None:
    if objection := objection_to_leaving(actor, place):
        raise ServiceError(objection)


def _record_place(happening: Happening, actor: User, place: Membership) -> None:
    record_event(
        happening, actor=actor, target=place.user, customer=place.customer, email=place.user.email, role=place.role
    )
