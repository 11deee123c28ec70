"""The people of a customer, as its owner sees them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.errors import ServiceError
from accounts.forms import NewPersonForm
from accounts.models import AuditEvent, Customer, Invitation, Mail, User
from accounts.roles import CustomerRole
from accounts.services import accept_invitation
from tests import cast
from tests.accounts.test_invitation_open import make_invitation

pytestmark = pytest.mark.servers

PEOPLE = reverse("accounts:people")


def people_of(customer: Customer) -> str:
    return reverse("subscriptions:my-people", args=[customer.code])


def invite_of(customer: Customer) -> str:
    return reverse("accounts:member-invite", args=[customer.code])


def revoke_of(invitation: Invitation, customer: Customer | None = None) -> str:
    of = customer or invitation.customer
    codes = [of.code if of else None, invitation.code]
    return reverse("accounts:member-invitation-revoke", args=codes)


def test_one_customer(client: Client, owner: User, customer: Customer) -> None:
    assert cast.sign_in(client, owner).get(PEOPLE)["Location"] == people_of(customer)


def test_several_customers(client: Client, owner: User, customer: Customer) -> None:
    other = cast.make_customer("Tailspin Toys")
    cast.add_person(other, owner, CustomerRole.OWNER)
    cast.add_person(cast.make_customer("Fabrikam"), owner, CustomerRole.VIEWER)
    response = cast.sign_in(client, owner).get(PEOPLE)
    assert response.context["customers"] == [customer, other]


def test_list(client: Client, owner: User, member: User, customer: Customer) -> None:
    open_one, _ = make_invitation(customer, owner)
    make_invitation(customer, owner, email="gone@northwind.example", revoked_at=open_one.created_at)
    response = cast.sign_in(client, owner).get(people_of(customer))
    text = response.content.decode()
    assert [membership.user for membership in response.context["filter"].page.rows] == [member, owner]
    assert list(response.context["invitations"]) == [open_one]
    assert f'href="{PEOPLE}"' in text
    assert revoke_of(open_one) in text
    assert "gone@northwind.example" not in text


@pytest.mark.parametrize("role", list(CustomerRole))
def test_invite(
    client: Client,
    owner: User,
    customer: Customer,
    role: CustomerRole,
    no_broker: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    cast.sign_in(client, owner)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(invite_of(customer), {"email": "Pia@Northwind.example", "role": role})
    assert response["Location"] == people_of(customer)
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.invited_by) == ("pia@northwind.example", role, owner)
    assert no_broker == [("send_mails", ())]
    mail = Mail.objects.get()
    assert (mail.notice, mail.address, mail.about_code) == ("invitation", invitation.email, invitation.code)
    assert "on its way to pia@northwind.example" in client.get(people_of(customer)).content.decode()


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"email": "x", "role": "member"}, "email", "This is no e-mail address. One looks like name@example.com."),
        ({"email": "", "role": "member"}, "email", "Type an e-mail address."),
        (
            {"email": "a@b.example", "role": "reseller_admin"},
            "role",
            "This is not offered here. Choose one of those that are.",
        ),
        (
            {"email": "owner@northwind.example", "role": "member"},
            "email",
            "owner@northwind.example belongs to Northwind Traders already.",
        ),
    ],
)
def test_bad_input(
    client: Client, owner: User, customer: Customer, fields: dict[str, str], field: str, message: str
) -> None:
    response = cast.sign_in(client, owner).post(invite_of(customer), fields)
    assert response.status_code == 200
    assert response.context["form"].errors == {field: [message]}
    assert f'value="{fields["email"]}"' in response.content.decode() or not fields["email"]
    assert Invitation.objects.count() == 0


def test_revoke(client: Client, owner: User, customer: Customer) -> None:
    invitation, _ = make_invitation(customer)
    response = cast.sign_in(client, owner).post(revoke_of(invitation))
    assert response["Location"] == people_of(customer)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.token_digest) == ("revoked", "")
    assert client.post(revoke_of(invitation)).status_code == 302
    assert AuditEvent.objects.filter(action="invitation.revoked", actor_code=owner.code).count() == 1


def test_revoke_of_another_customer(client: Client, owner: User, customer: Customer) -> None:
    invitation, _ = make_invitation(cast.make_customer("Contoso"))
    cast.sign_in(client, owner)
    assert client.post(revoke_of(invitation, customer)).status_code == 404
    assert client.post(revoke_of(invitation)).status_code == 404
    invitation.refresh_from_db()
    assert invitation.state == "open"


@pytest.mark.parametrize(("name", "status"), [("member", 403), ("viewer", 403), ("stranger", 404), ("operator", 404)])
def test_others_may_not(
    client: Client, customer: Customer, name: str, status: int, request: pytest.FixtureRequest
) -> None:
    invitation, _ = make_invitation(customer)
    cast.sign_in(client, request.getfixturevalue(name))
    assert client.get(people_of(customer)).status_code == status
    assert client.post(invite_of(customer), {"email": "a@b.example", "role": "owner"}).status_code == status
    assert client.post(revoke_of(invitation)).status_code == status
    assert [one.state for one in Invitation.objects.all()] == ["open"]


@pytest.mark.parametrize(("name", "status"), [("member", 403), ("operator", 404)])
def test_nobody_to_manage(client: Client, name: str, status: int, request: pytest.FixtureRequest) -> None:
    cast.sign_in(client, request.getfixturevalue(name))
    assert client.get(PEOPLE).status_code == status
    assert f'href="{PEOPLE}"' not in client.get(reverse("subscriptions:my-home")).content.decode()


def test_queries_do_not_grow(
    client: Client, owner: User, customer: Customer, count_queries: Callable[[Client, str], int]
) -> None:
    cast.sign_in(client, owner)
    for number in range(5):
        make_invitation(customer, owner, email=f"p{number}@northwind.example")
    client.get(people_of(customer))
    few = count_queries(client, people_of(customer))
    for number in range(100):
        cast.add_person(customer, cast.make_user(f"m{number}@northwind.example"))
        make_invitation(customer, owner, email=f"q{number}@northwind.example")
    assert count_queries(client, people_of(customer)) == few


def test_customers_are_not_told_who_works_at_the_reseller(
    client: Client, owner: User, customer: Customer, operator: User, no_broker: list[Any]
) -> None:
    cast.sign_in(client, owner)
    answers = [
        client.post(invite_of(customer), {"email": email, "role": "member"})
        for email in (operator.email, "nobody@northwind.example")
    ]
    assert [answer["Location"] for answer in answers] == [people_of(customer)] * 2
    invitation = Invitation.objects.get(email=operator.email)
    with pytest.raises(ServiceError, match="cannot join a customer"):
        accept_invitation(invitation=invitation, name="", password="")
    assert not customer.memberships.filter(user=operator).exists()


@pytest.mark.parametrize(
    ("emails", "message"),
    [
        (["a@x.example", "A@x.example"] * 5 + ["a@X.example"], "a@x.example has had its share of mails of this kind"),
        ([f"p{one}@x.example" for one in range(21)], "20 invitations were sent within an hour. Try again later."),
    ],
)
def test_mails_are_not_sent_without_end(
    client: Client, owner: User, customer: Customer, emails: list[str], message: str, no_broker: list[Any]
) -> None:
    cast.sign_in(client, owner)
    answers = [client.post(invite_of(customer), {"email": email, "role": "member"}) for email in emails]
    assert [answer.status_code for answer in answers] == [302] * (len(emails) - 1) + [200]
    assert message in answers[-1].content.decode()
    assert Invitation.objects.count() == len(emails) - 1


@pytest.mark.parametrize(
    ("name", "messages"),
    [
        (
            "Team\r\n\r\nUnlock",
            ["Line breaks and other characters that do not print cannot stand here."],
        ),
        ("Unlock: https://x.example", ["A name cannot hold a web address."]),
        ("see WWW.x.example", ["A name cannot hold a web address."]),
        ("ftp://x", ["A name cannot hold a web address."]),
        ("J.R.R. Tolkien", None),
        ("Dr.Müller, A/S", None),
    ],
)
def test_a_name_is_a_name(name: str, messages: list[str] | None) -> None:
    form = NewPersonForm({"name": name, "password": "a long and good one"}, email="a@b.example")
    assert form.errors.get("name") == messages


@pytest.mark.django_db(transaction=True)
def test_invitations_of_one_moment_count_one_after_the_other(
    owner: User, customer: Customer, no_broker: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "INVITATIONS_AN_HOUR", 3)
    together = Barrier(8)

    def invite(number: int) -> None:
        together.wait(timeout=10)
        try:
            services.invite_person(actor=owner, customer=customer, email=f"p{number}@x.example", role="member")
        except ServiceError:
            pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(invite, range(8)))
    assert Invitation.objects.count() == 3


def test_whoever_was_removed_meanwhile_invites_nobody(owner: User, customer: Customer, no_broker: list[Any]) -> None:
    owner.memberships.all().delete()
    with pytest.raises(ServiceError, match="You cannot invite people to Northwind Traders any more"):
        services.invite_person(actor=owner, customer=customer, email="new@x.example", role="member")
    assert not Invitation.objects.exists()
