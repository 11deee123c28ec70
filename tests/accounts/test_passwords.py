"""Passwords that others try first are refused wherever one is set, without asking anybody."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer, User
from tests import cast
from tests.accounts.test_invitation_open import link_of, make_invitation

LISTED = "letmein1234"  # as millions of others, which are not among the common ones
LEAKED = [
    "Password123!",
    "PASSWORD123!",
    "password 123",
    "qwertyuiop",
    "1q2w3e4r5t6y",
    "iloveyou123",
    "letmein1234",
    "trustno1trustno1",
    "changeme123",
    "P@ssw0rd1234",
    "ｐａｓｓｗｏｒｄ１２３",
    "correcthorsebatterystaple",
    "motdepasse123",
    "1234567890",
]


def test_it_works() -> None:
    for password in ("sandwich-Kettle-42", "a long and good one", "correct-horse-battery-staple", "ä" * 9 + "ßx"):
        validate_password(password)


@pytest.mark.parametrize("password", LEAKED)
def test_leaked(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert {error.code for error in refused.value.error_list} & {"password_leaked", "password_too_common"}


@pytest.mark.parametrize("password", ["Olga Owner 1", "owner@northwind", "OLGAOWNER!!"])
def test_like_the_person(password: str, owner: User) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, owner)
    assert {error.code for error in refused.value.error_list} == {"password_too_similar"}


def by_change(user: User, password: str) -> Any:
    form = {"oldpassword": cast.PASSWORD, "password1": password, "password2": password}
    return cast.sign_in(Client(), user).post(reverse("account_change_password"), form)


def by_first(user: User, password: str) -> Any:
    user.set_unusable_password()
    user.save()
    form = {"password1": password, "password2": password}
    return cast.sign_in(Client(), user).post(reverse("account_set_password"), form)


def by_mail(user: User, password: str) -> Any:
    client, key = Client(), [user_pk_to_url_str(user), default_token_generator.make_token(user)]
    form = client.get(reverse("account_reset_password_from_key", args=key))["Location"]
    return client.post(form, {"password1": password, "password2": password})


def by_admin(user: User, password: str) -> Any:
    root = User.objects.create_superuser("root@reseller.example", cast.PASSWORD)
    page = reverse("admin:auth_user_password_change", args=[user.pk])
    form = {"usable_password": "true", "password1": password, "password2": password}
    return cast.sign_in(Client(), root).post(page, form)


@pytest.mark.parametrize("way", [by_change, by_first, by_mail, by_admin])
def test_every_door(way: Callable[[User, str], Any], owner: User) -> None:
    answer = way(owner, LISTED)
    assert answer.status_code == 200
    assert "lists of passwords that leaked" in answer.content.decode()
    assert not User.objects.get(pk=owner.pk).check_password(LISTED)


def test_the_door_of_invitations(client: Client, customer: Customer) -> None:
    _, token = make_invitation(customer)
    client.get(link_of(token))
    page = client.post(reverse("accounts:invitation-accept"), {"name": "Nina", "password": LISTED})
    assert "lists of passwords that leaked" in page.content.decode()
    assert not User.objects.exists()


def test_the_door_of_the_command(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", LISTED)
    monkeypatch.setattr("getpass.getpass", lambda *_: LISTED)
    answers = iter(["n"])
    monkeypatch.setattr("builtins.input", lambda *_: next(answers))
    with pytest.raises((CommandError, StopIteration)):
        call_command("createsuperuser", email="root@reseller.example", interactive=True, stdin=_Terminal())
    assert not User.objects.exists()


class _Terminal:
    def isatty(self) -> bool:
        return True


def test_a_first_password_wants_a_recent_sign_in(client: Client, owner: User) -> None:
    """A session left open must not become a password of its own."""
    owner.set_unusable_password()
    owner.save()
    Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": {}})
    form = {"password1": "a new one, quite long", "password2": "a new one, quite long"}
    answer = cast.sign_in(client, owner).post(reverse("account_set_password"), form)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("mfa_reauthenticate_webauthn"))
    assert not User.objects.get(pk=owner.pk).has_usable_password()


def test_whoever_had_a_password_that_an_administrator_replaced_is_no_longer_known(owner: User) -> None:
    browser = Client()
    browser.post(reverse("account_login"), {"login": owner.email, "password": cast.PASSWORD})
    assert owner.known_devices.exists()
    assert by_admin(owner, "a new one, quite long").status_code == 302
    assert not owner.known_devices.exists()
    assert browser.get(reverse("account_change_password")).status_code == 302
    assert AuditEvent.objects.get(action="sessions.ended").detail["reason"] == "new password by an administrator"
