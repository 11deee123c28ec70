"""Customers and the people they consist of: the request half."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import invitations, outbox, sessions, staff, trail
from accounts.audit import record_event
from accounts.changeable import CHANGEABLE, INVITATION_DAYS
from accounts.email_addresses import is_address, written_address
from accounts.errors import ServiceError
from accounts.happenings import Happening
from accounts.joining import tell_joined
from accounts.kept_settings import keep_setting
from accounts.models import Customer, Invitation, Membership, User
from accounts.plain_names import plain_name
from accounts.reach import EVERYTHING, Reach, limit
from accounts.roles import CustomerRole

INVITATIONS_AN_HOUR = 20  # of one customer's people


@transaction.atomic
def change_settings(*, actor: User, kept: Mapping[str, str]) -> bool:
    """Write settings by their names, an empty text where the environment's value is to count; give whether any changed.

    What is written is what `Changeable.kept` gives of a value within its bounds.
    """
    told = {}
    for name in sorted(kept):  # in one order: two people who change several do not wait for each other
        before = keep_setting(name, kept[name])
        if before != kept[name]:
            one = CHANGEABLE[name]
            told[one.title] = [one.shown(before), one.shown(kept[name])]
    if told:
        record_event(Happening.SETTINGS_CHANGED, actor=actor, changes=told)
    return bool(told)


def create_customer(
    *, actor: User, name: str, reference: str = "", contact_email: str = "", notes: str = ""
) -> Customer:
    """Write a new customer and give it; raise NameTakenError where its name reads as another’s."""
    customer = Customer(name=name, reference=reference, contact_email=contact_email, notes=notes, created_by=actor)
    with _names_apart(customer):
        customer.save()
        record_event(Happening.CUSTOMER_CREATED, actor=actor, target=customer, customer=customer, name=name)
    return customer


def update_customer(*, actor: User, customer: Customer, fields: dict[str, str]) -> None:
    """Write changed `fields` of a customer; raise NameTakenError where its name reads as another’s."""
    before = Customer.objects.values(*fields).get(pk=customer.pk)  # a form has written into `customer` already
    for name, value in fields.items():
        setattr(customer, name, value)
    written = list(fields)
    with _names_apart(customer):
        if customer.plain_name != plain_name(customer.name):
            customer.is_look_alike = False  # it has a name of its own from now on
            written += ["plain_name", "is_look_alike"]
        customer.save(update_fields=written)
        changes = {name: [before[name], value] for name, value in fields.items()}
        names = sorted(fields)
        record_event(
            Happening.CUSTOMER_CHANGED, actor=actor, target=customer, customer=customer, fields=names, changes=changes
        )


class NameTakenError(ServiceError):
    """Another customer has this name, or one that people could not tell from it."""

    def __init__(self, customer: Customer) -> None:
        super().__init__(f"There is a customer with this name already: {customer.name}.")
        self.customer = customer


@contextmanager
def _names_apart(customer: Customer) -> Iterator[None]:
    """Refuse a name that another customer has; of two people who write it at once, the second is refused too."""
    if other := customer.other_of_this_name():
        raise NameTakenError(other)
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        other = Customer.objects.filter(plain_name=plain_name(customer.name)).exclude(pk=customer.pk).first()
        if other is None:
            raise
        raise NameTakenError(other) from error


def invite_person(*, actor: User, customer: Customer, email: str, role: str, reach: Reach = EVERYTHING) -> Invitation:
    """Write an invitation and its mail; raise ServiceError for one who belongs already or is mailed too often, and for
    what is no address or no limit of what the person is to see.

    An earlier open invitation of the same address ends: only the newest link works.
    """
    email, now = written_address(email), timezone.now()
    if Membership.objects.filter(customer=customer, user__email=email).exists():
        raise ServiceError(f"{email} belongs to {customer} already.")
    if actor.is_reseller_staff:
        _refuse_staff_address(email)
    with transaction.atomic():
        # Invitations of one moment count one after the other.
        if Customer.objects.select_for_update().get(pk=customer.pk).archived_at is not None:
            raise ServiceError(f"{customer} is archived. Nobody was invited.")
        if not actor.is_reseller_staff:
            _refuse_too_many(customer, now)
        _end_invitations(customer, email)
        invitation = Invitation.objects.create(
            customer=customer,
            email=email,
            role=role,
            invited_by=actor,
            expires_at=now + timedelta(days=INVITATION_DAYS.value()),
        )
        if not invitations.is_founded(invitation):  # removed or demoted meanwhile
            raise ServiceError(f"You cannot invite people to {customer} any more.")
        _, sees = limit(invitation, reach)
        told = {"email": email, "role": role, "subscriptions": sees}
        record_event(Happening.INVITATION_CREATED, actor=actor, target=invitation, customer=customer, **told)
        outbox.queue("invitation", address=email, about=invitation)
    return invitation


def _end_invitations(customer: Customer, email: str) -> None:
    open_ones = Invitation.objects.waiting().filter(customer=customer, email=email)
    open_ones.update(revoked_at=timezone.now(), token_digest="")


def _refuse_staff_address(email: str) -> None:
    # Customers are not told who works at the reseller: such an invitation is refused when it is to be accepted.
    if User.objects.filter(email=email).exclude(reseller_role="").exists():
        raise ServiceError(f"{email} is the address of somebody on the reseller’s staff and cannot be invited.")


def _refuse_too_many(customer: Customer, now: datetime) -> None:
    """Raise ServiceError where a customer's people would have the portal write to the world without end.

    How much of it one address gets stands with the notice.
    """
    sent = Invitation.objects.filter(customer=customer, invited_by__reseller_role="")
    if sent.filter(created_at__gt=now - timedelta(hours=1)).count() >= INVITATIONS_AN_HOUR:
        raise ServiceError(f"{INVITATIONS_AN_HOUR} invitations were sent within an hour. Try again later.")


@transaction.atomic
def revoke_invitation(*, actor: User, invitation: Invitation) -> None:
    """End an open invitation: its link stops to work."""
    invitations.end(invitation, actor=actor)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, name: str, password: str) -> User:
    """Use an invitation up and give its user, made where the address is new; raise ServiceError if it was used.

    A person who has a user already has signed in and gives no `password`: whoever gives one is not taken for them.
    """
    now = timezone.now()
    if invitation.customer_id is None:
        staff.hold_managers()
    else:
        Customer.objects.select_for_update().get(pk=invitation.customer_id)  # nobody is removed or demoted meanwhile
    usable = Invitation.objects.usable(now).filter(pk=invitation.pk)
    if usable.update(accepted_at=now, token_digest="") != 1 or not invitations.is_founded(invitation):
        raise ServiceError("This invitation was used, withdrawn or has expired.")
    user = User.objects.filter(email=invitation.email).first()
    if user is not None and user.is_reseller_staff:
        raise ServiceError("People of the reseller’s staff cannot join a customer.")
    if user is not None and invitation.reseller_role:
        staff.refuse_people_of_customers(invitation.email)
    if user is not None and password:
        raise ServiceError("Somebody with this address can sign in already.")
    if user is None:
        user = User.objects.create_user(invitation.email, password, name=name)
    joined = _take_in(invitation, user)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    record_event(Happening.INVITATION_ACCEPTED, actor=user, target=invitation, customer=invitation.customer)
    if joined is not None:
        tell_joined(invitation, joined)
    return user


def _take_in(invitation: Invitation, user: User) -> Membership | None:
    """Let a person be where they were invited to; give the new place at a customer, if it is one."""
    if invitation.customer is None:
        user.reseller_role = invitation.reseller_role
        user.save(update_fields=["reseller_role"])
        return None
    membership, is_new = Membership.objects.get_or_create(
        customer=invitation.customer, user=user, defaults={"role": invitation.role, "is_limited": invitation.is_limited}
    )
    if is_new and membership.is_limited:
        membership.subscriptions.set(invitation.subscriptions.filter(customer=invitation.customer))
    return membership if is_new else None


@transaction.atomic
def change_email(*, actor: User | None, user: User, email: str) -> None:
    """Give a person another e-mail address, and tell both; raise ServiceError for one that is taken or is none.

    Whoever has the old mailbox has nothing by it any more: every other address goes, every session, every link to
    choose a new password (those hold for one address only), and every open invitation to it.
    """
    person = User.objects.select_for_update().get(pk=user.pk)
    old, new = person.email, written_address(email)
    if new == old:
        return
    if User.objects.filter(email=new).exists():
        raise ServiceError(f"{new} is the address of somebody else.")
    person.email = user.email = new
    person.save(update_fields=["email"])
    EmailAddress.objects.filter(user=person).delete()
    sessions.end_sessions(person, actor=actor, reason="new e-mail address")
    user.sign_in_epoch = person.sign_in_epoch
    for invitation in Invitation.objects.waiting().filter(email=old).select_related("customer"):
        invitations.end(invitation, actor=actor, reason=f"{old} is not the address of {person} any more.")
    customer = trail.only_customer_of(new)
    record_event(Happening.EMAIL_CHANGED, actor=actor, target=person, customer=customer, old=old, new=new)
    for address in (old, new):
        if is_address(address):  # what an older version took is perhaps none
            outbox.queue("email_changed", address=address, person=person, about=person, facts={"old": old, "new": new})


@transaction.atomic
def change_profile(*, actor: User, name: str, time_zone: str) -> None:
    """Write what a person says of themselves: the name others see, and the time zone (empty: that of the browser)."""
    person = User.objects.select_for_update().get(pk=actor.pk)
    written = {"name": name, "time_zone": time_zone}
    changes = {
        field.replace("_", " "): [getattr(person, field), value]
        for field, value in written.items()
        if getattr(person, field) != value
    }
    if not changes:
        return
    person.name, person.time_zone = name, time_zone
    person.save(update_fields=list(written))
    trail.record_about(Happening.PROFILE_CHANGED, person, actor=person, changes=changes)


@transaction.atomic
def change_role(*, actor: User, membership: Membership, role: str, reach: Reach | None = None) -> None:
    """Give a person another role within its customer, and, unless `reach` is None, other subscriptions to see.

    An owner sees all of them. Raises ServiceError where an owner would leave the customer without one, and for a limit
    to nothing or of an owner.
    """
    place = _hold(membership)
    if role == CustomerRole.OWNER and reach is None:
        reach = EVERYTHING
    if role != CustomerRole.OWNER and place.role != role:
        _refuse_last_owner(actor, place)
    before, place.role = place.role, role
    seen = limit(place, reach) if reach is not None else ["", ""]
    place.save(update_fields=["role"])  # where nothing was said of what the person sees
    told = {"role": [before, role], "subscriptions": seen}
    changes = {name: pair for name, pair in told.items() if pair[0] != pair[1]}
    if changes:
        _record_place(Happening.MEMBERSHIP_CHANGED, actor, place, changes=changes)
        invitations.end_unfounded(place.user, actor=actor)


@transaction.atomic
def remove_person(*, actor: User, membership: Membership) -> None:
    """Take a person out of a customer, with what they sent; raise ServiceError where it would be left without an owner.

    What the person may see is asked of the memberships at every request: sessions need not end.
    """
    place = _hold(membership)
    _refuse_last_owner(actor, place)
    place.delete()
    _record_place(Happening.MEMBERSHIP_REMOVED, actor, place)
    end_invitations_of(place, actor=actor)


def end_invitations_of(place: Membership, *, actor: User | None) -> None:
    """End what would bring a person who was removed back: the invitations of the customer they sent, and got."""
    to_them = Invitation.objects.waiting().filter(customer=place.customer, email=place.user.email)
    for invitation in to_them.select_related("customer"):
        invitations.end(invitation, actor=actor, reason=f"{place.user.email} was removed.")
    invitations.end_unfounded(place.user, actor=actor)


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


def _record_place(happening: Happening, actor: User, place: Membership, **detail: Any) -> None:
    detail |= {"email": place.user.email, "role": place.role}
    record_event(happening, actor=actor, target=place.user, customer=place.customer, **detail)
