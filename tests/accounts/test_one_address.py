"""A person has one address, in one place: a row of the sign-in library's table of addresses is good for nothing."""

import pytest
from allauth.account import urls as library_urls
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import resolve, reverse

from accounts import tasks
from accounts.models import User
from portal.views import no_such_page
from tests import cast

OLD = "old@northwind.example"
KINDS = [{"verified": verified, "primary": primary} for verified in (True, False) for primary in (True, False)]
RESET, SIGN_IN = reverse("account_reset_password"), reverse("account_login")


def links_to_new_passwords() -> list[str]:
    """Give to whom a link to choose a new password was mailed, once all mails are sent."""
    tasks.send_mails()
    return [message.to[0] for message in mail.outbox if "/password/reset/key/" in str(message.body)]


@pytest.mark.parametrize("kind", KINDS)
def test_no_link_goes_to_another_address(client: Client, owner: User, kind: dict[str, bool]) -> None:
    EmailAddress.objects.create(user=owner, email=OLD, **kind)
    client.post(RESET, {"email": OLD})
    assert links_to_new_passwords() == []
    client.post(RESET, {"email": owner.email})
    assert links_to_new_passwords() == [owner.email]


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_signs_in_with_another_address(client: Client, owner: User, kind: dict[str, bool]) -> None:
    EmailAddress.objects.create(user=owner, email=OLD, **kind)
    assert client.post(SIGN_IN, {"login": OLD, "password": cast.PASSWORD}).status_code == 200
    assert "_auth_user_id" not in client.session
    assert client.post(SIGN_IN, {"login": owner.email, "password": cast.PASSWORD}).status_code == 302


@pytest.mark.parametrize("kind", KINDS)
def test_the_address_of_another_person_is_theirs(
    client: Client, owner: User, stranger: User, kind: dict[str, bool]
) -> None:
    """A row cannot take somebody's place either: the link for an address is the link of whoever has it."""
    EmailAddress.objects.create(user=stranger, email=owner.email, **kind)
    client.post(RESET, {"email": owner.email})
    assert links_to_new_passwords() == [owner.email]
    assert client.post(SIGN_IN, {"login": owner.email, "password": cast.PASSWORD}).status_code == 302
    assert client.session["_auth_user_id"] == str(owner.pk)


@pytest.mark.parametrize("kind", KINDS)
def test_the_password_is_asked_for_again_by_ones_own_address(
    client: Client, owner: User, stranger: User, kind: dict[str, bool]
) -> None:
    EmailAddress.objects.create(user=owner, email=stranger.email, **kind)
    cast.sign_in(client, owner)
    answer = client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
    assert answer.status_code == 302


@pytest.mark.parametrize("kind", KINDS)
def test_what_happened_to_a_sign_in_is_told_to_ones_own_address(
    client: Client, owner: User, kind: dict[str, bool]
) -> None:
    EmailAddress.objects.create(user=owner, email=OLD, **kind)
    cast.sign_in(client, owner)
    new = {"oldpassword": cast.PASSWORD, "password1": "a long and good one", "password2": "a long and good one"}
    client.post(reverse("account_change_password"), new)
    tasks.send_mails()
    assert [message.to for message in mail.outbox] == [[owner.email]]


def test_nothing_writes_such_a_row(client: Client, owner: User) -> None:
    client.post(RESET, {"email": owner.email})
    tasks.send_mails()
    path = str(mail.outbox[0].body).split("/auth/")[1].split()[0]
    page = client.get(f"/auth/{path}", follow=True)
    new = {"password1": "a long and good one", "password2": "a long and good one"}
    client.post(page.request["PATH_INFO"], new)
    client.post(SIGN_IN, {"login": owner.email, "password": new["password1"]})
    assert client.session["_auth_user_id"] == str(owner.pk)
    client.post(reverse("account_reauthenticate"), {"password": new["password1"]})
    assert not EmailAddress.objects.exists()


def test_the_librarys_pages_of_addresses_are_not_reached() -> None:
    of_addresses = [pattern.name for pattern in library_urls.urlpatterns if "email" in pattern.name]
    assert len(of_addresses) == 3
    for name in of_addresses:
        arguments = ["x:1w:y"] if name == "account_confirm_email" else []
        assert resolve(reverse(name, args=arguments)).func is no_such_page
    assert not get_adapter().is_open_for_signup(None)
