"""Whoever is removed, demoted or made inactive takes the open invitations along that they sent: by every door."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import outbox, services, tasks
from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, Invitation, Mail, Membership, User
from accounts.roles import CustomerRole, ResellerRole
from tests import cast
from tests.accounts.test_invitation_open import ACCEPT, link_of, make_invitation

PERSON = {"name": "Nina New", "password": "a long and good one"}
Leave = Callable[[Membership], Any]


@pytest.fixture
def sent(customer: Customer, owner: User) -> tuple[Invitation, str]:
    """An open invitation that the owner sent, to a mailbox of their own perhaps; and the token of its link."""
    cast.add_person(customer, cast.make_user("second@northwind.example"), CustomerRole.OWNER)
    return make_invitation(customer, owner)


def place_of(user: User) -> Membership:
    return Membership.objects.select_related("customer", "user").get(user=user)


def may_accept(token: str) -> bool:
    client = Client()
    client.get(link_of(token))
    statuses = {client.get(ACCEPT).status_code, client.post(ACCEPT, PERSON).status_code}
    assert statuses in ({410}, {200, 302})
    return 302 in statuses


def at_staff(route: str, **fields: str) -> Leave:
    def leave(place: Membership) -> Any:
        staff = cast.sign_in(Client(), cast.make_user("staff@reseller.example", reseller_role=ResellerRole.OPERATOR))
        return staff.post(reverse(route, args=[place.customer.code, place.user.code]), fields)

    return leave


def by_colleague(route: str, **fields: str) -> Leave:
    def leave(place: Membership) -> Any:
        colleague = cast.sign_in(Client(), User.objects.get(email="second@northwind.example"))
        return colleague.post(reverse(route, args=[place.customer.code, place.user.code]), fields)

    return leave


def in_admin_of_customer(**fields: str) -> Leave:
    def leave(place: Membership) -> Any:
        row = {"id": place.pk, "customer": place.customer_id, "role": place.role} | fields
        forms = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "1"} | {f"0-{name}": value for name, value in row.items()}
        data = {f"memberships-{name}": value for name, value in forms.items()}
        url = reverse("admin:accounts_customer_change", args=[place.customer_id])
        return superuser().post(url, {"name": place.customer.name} | data)

    return leave


def in_admin_of_person(user: User, **fields: str) -> Any:
    url = reverse("admin:accounts_user_change", args=[user.pk])
    return superuser().post(url, {"email": user.email, "name": user.name} | fields)


def superuser() -> Client:
    return cast.sign_in(Client(), User.objects.create_superuser("root@reseller.example", cast.PASSWORD))


DOORS: dict[str, Leave] = {
    "staff remove": at_staff("subscriptions:person-remove"),
    "staff demote": at_staff("subscriptions:person-edit", role="member"),
    "a colleague removes": by_colleague("accounts:member-remove"),
    "a colleague demotes": by_colleague("accounts:member-edit", role="viewer"),
    "Django admin removes": in_admin_of_customer(DELETE="on"),
    "Django admin demotes": in_admin_of_customer(role="viewer"),
    "made inactive": lambda place: in_admin_of_person(place.user),
    "the person is deleted": lambda place: place.user.delete(),
    "people are deleted": lambda place: User.objects.filter(pk=place.user_id).delete(),
}


@pytest.mark.parametrize("door", DOORS)
def test_it_ends_for_good(sent: tuple[Invitation, str], owner: User, door: str) -> None:
    invitation, token = sent
    answer = DOORS[door](place_of(owner))
    assert getattr(answer, "status_code", 302) == 302
    invitation.refresh_from_db()
    assert (invitation.state, invitation.token_digest) == ("revoked", "")
    User.objects.filter(email=owner.email).update(is_active=True)
    Membership.objects.filter(user__email=owner.email).update(role=CustomerRole.OWNER)
    assert not may_accept(token)
    assert not User.objects.filter(email=invitation.email).exists()


@pytest.mark.parametrize("door", [door for door in DOORS if "deleted" not in door])
def test_the_end_stands_in_the_audit_trail(sent: tuple[Invitation, str], owner: User, door: str) -> None:
    invitation, _ = sent
    DOORS[door](place_of(owner))
    event = AuditEvent.objects.get(action="invitation.revoked")
    assert (event.target_code, event.detail["email"]) == (invitation.code, invitation.email)
    assert event.detail["reason"] == f"{owner.email} may not invite any more."
    assert event.actor_email


@pytest.mark.parametrize(
    "fields", [{"is_active": "on"}, {"is_active": "on", "reseller_role": "auditor"}, {"reseller_role": "operator"}]
)
def test_it_ends_with_a_role_at_the_reseller(customer: Customer, operator: User, fields: dict[str, str]) -> None:
    invitation, token = make_invitation(customer, operator)
    assert in_admin_of_person(operator, **fields).status_code == 302
    User.objects.filter(pk=operator.pk).update(is_active=True, reseller_role=ResellerRole.OPERATOR)
    invitation.refresh_from_db()
    assert invitation.state == "revoked"
    assert not may_accept(token)


def past_the_portal(place: Membership, door: str) -> None:
    """Take the right to invite away past all code of the portal's."""
    if door == "membership":
        place.delete()
    elif door == "role":
        Membership.objects.filter(pk=place.pk).update(role=CustomerRole.MEMBER)
    else:
        User.objects.filter(pk=place.user_id).update(is_active=False)


@pytest.mark.parametrize("door", ["membership", "role", "inactive"])
def test_it_is_good_for_nothing_whoever_took_the_right(sent: tuple[Invitation, str], owner: User, door: str) -> None:
    invitation, token = sent
    past_the_portal(place_of(owner), door)
    assert not may_accept(token)
    mails = Mail.objects.filter(pk=outbox.queue("invitation", address=invitation.email, about=invitation).pk)
    tasks.send_mails()
    assert mails.get().state == Mail.State.NOT_NEEDED
    with pytest.raises(ServiceError, match="was used, withdrawn or has expired"):
        services.accept_invitation(invitation=Invitation.objects.get(pk=invitation.pk), name="N", password="x")
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    assert not User.objects.filter(email=invitation.email).exists()


def test_what_others_sent_and_what_was_sent_elsewhere_stays(
    sent: tuple[Invitation, str], customer: Customer, owner: User, operator: User
) -> None:
    second = User.objects.get(email="second@northwind.example")
    elsewhere = cast.make_customer("Contoso")
    cast.add_person(elsewhere, owner, CustomerRole.OWNER)
    others = [
        make_invitation(customer, second, email="a@northwind.example"),
        make_invitation(customer, operator, email="b@northwind.example"),
        make_invitation(elsewhere, owner, email="c@contoso.example"),
    ]
    used, _ = make_invitation(customer, owner, email="used@northwind.example", accepted_at="2026-11-01T00:00Z")
    services.remove_person(actor=operator, membership=Membership.objects.get(user=owner, customer=customer))
    assert [may_accept(token) for _, token in others] == [True, True, True]
    used.refresh_from_db()
    assert (used.state, used.invited_by) == ("accepted", owner)


def test_an_owner_who_stays_one_keeps_them(sent: tuple[Invitation, str], owner: User, operator: User) -> None:
    services.change_role(actor=operator, membership=place_of(owner), role=CustomerRole.OWNER)
    in_admin_of_person(owner, is_active="on", email=owner.email, name="Olga New")
    assert may_accept(sent[1])


def test_who_was_removed_is_not_brought_back_by_an_invitation_to_them(
    customer: Customer, owner: User, member: User, operator: User
) -> None:
    invitation, _ = make_invitation(customer, operator, email=member.email)
    in_admin_of_customer(DELETE="on")(place_of(member))
    invitation.refresh_from_db()
    assert invitation.state == "revoked"
    assert AuditEvent.objects.get(action="invitation.revoked").detail["reason"] == f"{member.email} was removed."
