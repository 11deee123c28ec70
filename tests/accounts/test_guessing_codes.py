"""Codes of second factors, what shows again who one is, and challenges of passkeys are limited as well."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from accounts import guessing
from accounts.models import User
from tests import cast
from tests.accounts.attempts import NEW_PASSWORD, SECRET, at, attack, attempt, is_in, is_refused, refused_events
from tests.accounts.clock import Clock


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture(autouse=True)
def _many_addresses(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


# --- Codes ----------------------------------------------------------------------------------------------------------


def right_code() -> str:
    return f"{hotp_value(SECRET, next(yield_hotp_counters_from_time())):06}"


def at_the_code(user: User, client: Client) -> Client:
    answer = attempt(client, user.email, cast.PASSWORD)
    assert answer["Location"] == reverse("mfa_authenticate")
    return client


def try_code(client: Client, code: str = "000000") -> Any:
    return client.post(reverse("mfa_authenticate"), {"code": code})


@pytest.fixture
def with_app(operator: User) -> User:
    TOTP.activate(operator, SECRET)
    return operator


def test_codes_are_limited_by_account(with_app: User) -> None:
    answers = [try_code(at_the_code(with_app, at(f"192.0.2.{one}"))) for one in range(7)]
    assert [is_refused(one, guessing.CODE) for one in answers] == [False] * 5 + [True] * 2
    assert is_refused(try_code(at_the_code(with_app, at("198.51.100.7")), right_code()), guessing.CODE)
    assert refused_events() == [("code_account", "Otto Operator")]


def test_a_known_device_takes_its_code(with_app: User, clock: Clock) -> None:
    known = at_the_code(with_app, at("198.51.100.7"))
    assert is_in(try_code(known, right_code()))
    known.post(reverse("account_logout"))
    for one in range(9):
        try_code(at_the_code(with_app, at(f"192.0.2.{one}")))
    clock.forward(seconds=60)
    assert is_in(try_code(at_the_code(with_app, known), right_code()))


def test_recovery_codes_count_as_well(with_app: User) -> None:
    Authenticator.objects.filter(user=with_app).update(type=Authenticator.Type.TOTP)
    client = at_the_code(with_app, at("192.0.2.1"))
    answers = [try_code(client, f"{one:08}") for one in range(7)]
    assert [is_refused(one, guessing.CODE) for one in answers] == [False] * 5 + [True] * 2


# --- Showing again who one is ---------------------------------------------------------------------------------------


def by_password(client: Client, password: str) -> Any:
    return client.post(reverse("account_reauthenticate"), {"password": password})


def by_old_password(client: Client, password: str) -> Any:
    form = {"oldpassword": password, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return client.post(reverse("account_change_password"), form)


def by_code(client: Client, code: str) -> Any:
    return client.post(reverse("mfa_reauthenticate"), {"code": code})


@pytest.mark.parametrize("way", [by_password, by_old_password, by_code])
def test_a_session_left_open_is_no_place_to_guess(way: Callable[..., Any], with_app: User, settings: Any) -> None:
    left_open, own = cast.sign_in(Client(), with_app), cast.sign_in(Client(), with_app)
    answers = [way(left_open, f"wrong-{one}") for one in range(8)]
    assert [is_refused(one, guessing.CONFIRM) for one in answers] == [False] * 5 + [True] * 3

    right = right_code() if way is by_code else cast.PASSWORD
    assert is_refused(way(left_open, right), guessing.CONFIRM)
    assert way(own, right).status_code == 302


def test_one_limit_for_all_ways(with_app: User) -> None:
    client = cast.sign_in(Client(), with_app)
    for way in (by_password, by_old_password, by_code, by_password, by_code):
        assert not is_refused(way(client, "wrong"), guessing.CONFIRM)
    assert is_refused(by_old_password(client, "wrong"), guessing.CONFIRM)


# --- Passkeys -------------------------------------------------------------------------------------------------------


def test_passkeys_are_offered_while_others_guess(owner: User) -> None:
    attack(owner.email, 60, addresses=60)
    page = at("192.0.2.1").get(reverse("mfa_login_webauthn"), headers={"X-Requested-With": "XMLHttpRequest"})
    assert page.status_code == 200
    assert "challenge" in page.content.decode()


def test_challenges_leave_no_heap_of_rows(owner: User, known: Client) -> None:
    url, ajax = reverse("mfa_login_webauthn"), {"X-Requested-With": "XMLHttpRequest"}
    got = [at("198.51.100.7").get(url, headers=ajax).status_code for _ in range(63)]
    assert got == [200] * 60 + [429] * 3
    assert known.get(url, headers=ajax).status_code == 200
    assert at("198.51.100.8").get(url, headers=ajax).status_code == 200
    for accepted, said in (("application/json", '"error": "Too many attempts'), ("text/html", "Go to the sign-in")):
        answer = at("198.51.100.7").get(url, headers={"Accept": accepted})
        assert (answer.status_code, answer["Retry-After"]) == (429, "60")
        assert said in answer.content.decode()
