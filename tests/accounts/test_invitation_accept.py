"""Accepting an invitation."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import AuditEvent, Customer, Invitation, Membership, User
from subscriptions.models import Subscription
from tests import cast
from tests.accounts.test_invitation_open import link_of, make_invitation

ACCEPT = reverse("accounts:invitation-accept")
PERSON = {"name": "Nina New", "password": "a long and good one"}


def opened(client: Client, customer: Customer, **fields: Any) -> Invitation:
    """Open the link of a fresh invitation."""
    invitation, token = make_invitation(customer, **fields)
    client.get(link_of(token))
    return invitation


def test_a_new_person(client: Client, customer: Customer, owner: User) -> None:
    invitation = opened(client, customer, invited_by=owner)
    text = client.get(ACCEPT).content.decode()
    assert "Olga Owner" in text
    assert "Northwind Traders" in text
    assert "new@northwind.example" in text
    response = client.post(ACCEPT, PERSON)
    assert response["Location"] == reverse("home")
    user = User.objects.get(email="new@northwind.example")
    assert (user.name, user.check_password(PERSON["password"])) == ("Nina New", True)
    assert (user.is_staff, user.is_superuser, user.reseller_role) == (False, False, "")
    assert Membership.objects.get(user=user, customer=customer).role == "member"
    assert client.session["_auth_user_id"] == str(user.pk)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.accepted_by, invitation.token_digest) == ("accepted", user, "")
    assert AuditEvent.objects.filter(action="invitation.accepted", actor_code=user.code).count() == 1
    assert client.get(ACCEPT).status_code == 410
    assert client.get(reverse("home"))["Location"] == "/my/"


def reveal_of(subscription: Subscription) -> str:
    return reverse("subscriptions:my-key-reveal", args=[subscription.code])


def test_the_password_just_set_is_a_recent_sign_in(
    client: Client, customer: Customer, subscription: Subscription
) -> None:
    opened(client, customer)
    client.post(ACCEPT, PERSON)
    response = client.post(reveal_of(subscription))
    assert response.status_code == 200
    assert cast.HMAC_KEY in response.content.decode()


def test_joining_without_typing_a_password_is_no_sign_in(
    client: Client, customer: Customer, stranger: User, subscription: Subscription
) -> None:
    cast.sign_in(client, stranger)
    opened(client, customer, email=stranger.email)
    client.post(ACCEPT)
    assert reverse("account_reauthenticate") in client.post(reveal_of(subscription))["Location"]


def test_the_page_leaks_no_address(client: Client, customer: Customer) -> None:
    opened(client, customer)
    response = client.get(ACCEPT)
    assert response["Referrer-Policy"] == "strict-origin"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"password": "short"}, "password", "This password is too short. It must contain at least 10 characters."),
        ({"password": "password123456"}, "password", "This password is too common."),
        ({"password": "new@northwind.example"}, "password", "The password is too similar to the e-mail address."),
        ({"password": ""}, "password", "Fill this in."),
        ({"name": ""}, "name", "Fill this in."),
        ({"name": "x" * 151}, "name", "Shorten this to 150 characters at most; it has 151."),
    ],
)
def test_bad_input(client: Client, customer: Customer, changed: dict[str, str], field: str, message: str) -> None:
    invitation = opened(client, customer)
    response = client.post(ACCEPT, PERSON | changed)
    assert response.status_code == 200
    assert response.context["form"].errors == {field: [message]}
    assert not User.objects.filter(email=invitation.email).exists()
    invitation.refresh_from_db()
    assert invitation.state == "open"
    typed = (PERSON | changed)["password"]
    assert not typed or f'value="{typed}"' not in response.content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"revoked_at": timezone.now()},
        {"accepted_at": timezone.now()},
    ],
)
def test_a_link_that_does_not_work_any_more(client: Client, customer: Customer, fields: dict[str, Any]) -> None:
    opened(client, customer, **fields)
    for response in (client.get(ACCEPT), client.post(ACCEPT, PERSON)):
        assert response.status_code == 410
        assert "does not work any more" in response.content.decode()
    assert not User.objects.filter(email="new@northwind.example").exists()


def test_without_a_link(client: Client, customer: Customer) -> None:
    make_invitation(customer, token_digest="")
    assert client.get(ACCEPT).status_code == 410


def test_it_works_once(customer: Customer) -> None:
    first, second = Client(), Client()
    _, token = make_invitation(customer)
    for one in (first, second):
        one.get(link_of(token))
        assert one.get(ACCEPT).status_code == 200
    assert first.post(ACCEPT, PERSON).status_code == 302
    assert second.post(ACCEPT, PERSON | {"name": "Eve"}).status_code == 410
    assert User.objects.get(email="new@northwind.example").name == "Nina New"
    assert "_auth_user_id" not in second.session


def test_two_at_the_same_moment(client: Client, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one was faster, between our look and our writing."""
    invitation = opened(client, customer)
    accept = services.accept_invitation

    def late(**arguments: Any) -> User:
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now())
        return accept(**arguments)

    monkeypatch.setattr(services, "accept_invitation", late)
    assert client.post(ACCEPT, PERSON).status_code == 410
    assert not User.objects.filter(email=invitation.email).exists()


def test_whoever_was_faster_with_the_address_is_signed_in_to_by_nobody_else(
    client: Client, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another invitation of the same address, between our look and our writing."""
    opened(client, customer)
    accept = services.accept_invitation

    def late(**arguments: Any) -> User:
        cast.make_user("new@northwind.example")
        return accept(**arguments)

    monkeypatch.setattr(services, "accept_invitation", late)
    assert client.post(ACCEPT, PERSON)["Location"] == ACCEPT
    assert "_auth_user_id" not in client.session
    assert not Membership.objects.exists()
    assert reverse("account_login") in client.get(ACCEPT).content.decode()


def test_a_person_with_a_sign_in_signs_in_first(client: Client, customer: Customer) -> None:
    user = cast.make_user("new@northwind.example", name="Known Already")
    opened(client, customer)
    for response in (client.get(ACCEPT), client.post(ACCEPT, PERSON)):
        assert f"{reverse('account_login')}?next={ACCEPT}" in response.content.decode()
    assert not Membership.objects.filter(user=user).exists()
    login = client.post(reverse("account_login"), {"login": user.email, "password": cast.PASSWORD, "next": ACCEPT})
    assert login["Location"] == ACCEPT
    assert "form" not in client.get(ACCEPT).context
    assert client.post(ACCEPT)["Location"] == reverse("home")
    user.refresh_from_db()
    assert (user.name, user.check_password(cast.PASSWORD)) == ("Known Already", True)
    assert Membership.objects.get(user=user, customer=customer).role == "member"


def test_someone_else_is_signed_in(client: Client, customer: Customer, stranger: User) -> None:
    cast.sign_in(client, stranger)
    invitation = opened(client, customer)
    for response in (client.get(ACCEPT), client.post(ACCEPT, PERSON)):
        assert "You are signed in as someone else" in response.content.decode()
    invitation.refresh_from_db()
    assert invitation.state == "open"
    assert not Membership.objects.filter(customer=customer, user=stranger).exists()


def test_a_membership_is_not_changed(client: Client, customer: Customer, owner: User) -> None:
    cast.sign_in(client, owner)
    opened(client, customer, email=owner.email, role="viewer")
    assert client.post(ACCEPT).status_code == 302
    assert Membership.objects.get(customer=customer, user=owner).role == "owner"


def test_a_foreign_site_cannot_accept(customer: Customer) -> None:
    client = Client(enforce_csrf_checks=True)
    opened(client, customer)
    assert client.post(ACCEPT, PERSON).status_code == 403
