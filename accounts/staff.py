"""The reseller's own people: who they are, and the request half of inviting, promoting and removing them.

Whoever changes the staff holds the rows of all who may: two people never take the last one's role between them.
"""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts import invitations, outbox, sessions
from accounts.audit import record_event
from accounts.changeable import INVITATION_DAYS
from accounts.email_addresses import written_address
from accounts.errors import ServiceError
from accounts.happenings import Happening
from accounts.models import Invitation, Membership, User
from accounts.roles import MANAGING_ROLES, ResellerRole

SHOWN = 50  # invitations
NOT_ANY_MORE = "You cannot manage the staff any more."


def members() -> "QuerySet[User]":
    """Give the reseller's staff, each with whether there is a second factor."""
    factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return User.objects.exclude(reseller_role="").annotate(has_second_factor=Exists(factors)).order_by("email")


def open_invitations() -> list[Invitation]:
    """Give the invitations to the staff that were neither used nor withdrawn, newest first."""
    waiting = Invitation.objects.waiting().filter(customer=None)
    return list(waiting.select_related("invited_by")[:SHOWN])


def hold_managers() -> list[User]:
    """Keep those who may manage the staff as they are until the transaction ends, and give them."""
    return list(_managers().select_for_update())


def _managers() -> "QuerySet[User]":
    return User.objects.filter(reseller_role__in=MANAGING_ROLES, is_active=True).order_by("pk")


@transaction.atomic
def invite_to_staff(*, actor: User, email: str, role: str) -> Invitation:
    """Write an invitation to the reseller's staff and its mail; an earlier one of the same address ends.

    Raises ServiceError for one who belongs to the staff or to a customer, for a role the actor may not give, for what
    is no address, and for one that is mailed too often.
    """
    email = written_address(email)
    if actor not in hold_managers():
        raise ServiceError(NOT_ANY_MORE)
    if User.objects.filter(email=email).exclude(reseller_role="").exists():
        raise ServiceError(f"{email} belongs to the staff already.")
    refuse_people_of_customers(email)
    earlier = Invitation.objects.waiting().filter(customer=None, email=email)
    earlier.update(revoked_at=timezone.now(), token_digest="")
    invitation = Invitation.objects.create(
        email=email,
        reseller_role=role,
        invited_by=actor,
        expires_at=timezone.now() + timedelta(days=INVITATION_DAYS.value()),
    )
    if not invitations.is_founded(invitation):
        raise ServiceError(f"You cannot invite people as {ResellerRole(role).label.lower()}.")
    record_event(Happening.INVITATION_CREATED, actor=actor, target=invitation, email=email, role=role)
    outbox.queue("invitation", address=email, about=invitation)
    return invitation


def refuse_people_of_customers(email: str) -> None:
    """Raise ServiceError for somebody who belongs to a customer: nobody sees the business from both sides."""
    place = Membership.objects.filter(user__email=email).select_related("customer").first()
    if place is not None:
        raise ServiceError(f"{email} belongs to {place.customer}. Remove that person there first.")


@transaction.atomic
def change_staff_role(*, actor: User, person: User, role: str) -> None:
    """Give one of the staff another role; raise ServiceError for the last one who may manage it."""
    managers = hold_managers()
    one = _held(actor, person, managers)
    if one.reseller_role == role:
        return
    if not invitations.may_give(actor, role):
        raise ServiceError(f"You cannot make anybody {ResellerRole(role).label.lower()}.")
    if role not in MANAGING_ROLES:
        _refuse_last(actor, one, managers)
    before = one.reseller_role
    one.reseller_role = role
    one.save(update_fields=["reseller_role"])
    words = [ResellerRole(before).label, ResellerRole(role).label]
    record_event(
        Happening.STAFF_ROLE_CHANGED, actor=actor, target=one, email=one.email, role=role, changes={"role": words}
    )
    invitations.end_unfounded(one, actor=actor)


@transaction.atomic
def remove_from_staff(*, actor: User, person: User) -> None:
    """Take somebody off the staff, with their sessions, what they sent and what would bring them back.

    Raises ServiceError where that cannot be.
    """
    managers = hold_managers()
    one = _held(actor, person, managers)
    if objection := objection_to_removal(actor, one, managers):
        raise ServiceError(objection)
    role, one.reseller_role = one.reseller_role, ""
    one.save(update_fields=["reseller_role"])
    record_event(Happening.STAFF_REMOVED, actor=actor, target=one, email=one.email, role=role)
    for invitation in Invitation.objects.waiting().filter(customer=None, email=one.email):
        invitations.end(invitation, actor=actor, reason=f"{one.email} was removed.")
    invitations.end_unfounded(one, actor=actor)
    sessions.end_sessions(one, actor=actor, reason="removed from the reseller’s staff")


def objection_to_removal(actor: User, person: User, managers: list[User] | None = None) -> str:
    """Say why somebody stays on the staff; an empty text where nothing stands against it."""
    if person.is_staff or person.is_superuser:
        return f"{person} may use Django admin. A superuser takes that away there first."
    return _why_last(actor, person, list(_managers()) if managers is None else managers)


def objection_to_demotion(actor: User, person: User) -> str:
    """Say why somebody keeps the role; an empty text where nothing stands against another."""
    return _why_last(actor, person, list(_managers()))


def is_last_manager(person: User) -> bool:
    """Whether a person, as they are stored, is the only one who may manage the staff."""
    return [person] == list(_managers())


def _why_last(actor: User, person: User, managers: list[User]) -> str:
    if person not in managers or len(managers) > 1:
        return ""
    who = "You are" if person == actor else f"{person} is"
    return f"{who} the only reseller admin. Make somebody else one first."


def _refuse_last(actor: User, person: User, managers: list[User]) -> None:
    if objection := _why_last(actor, person, managers):
        raise ServiceError(objection)


def _held(actor: User, person: User, managers: list[User]) -> User:
    """Give a person as they are now; raise ServiceError where they have gone, or the actor may no longer do this."""
    if actor not in managers:
        raise ServiceError(NOT_ANY_MORE)
    one = User.objects.select_for_update().filter(pk=person.pk).exclude(reseller_role="").first()
    if one is None:
        raise ServiceError(f"{person} does not belong to the staff any more.")
    return one
