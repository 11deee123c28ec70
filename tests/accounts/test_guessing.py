"""Who guesses passwords is slowed down, from one address or from many; the right person gets in all the same."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import guessing, notices, tasks
from accounts.models import KnownDevice, Mail, Throttle, User
from tests import cast
from tests.accounts.attempts import (
    COOKIE,
    NEW_PASSWORD,
    RESET,
    SECRET,
    at,
    attack,
    attempt,
    is_in,
    is_refused,
    refused_events,
)
from tests.accounts.clock import Clock


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture(autouse=True)
def _many_addresses(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


# --- By address and by account --------------------------------------------------------------------------------------


def test_five_wrong_passwords_shut_nobody_else_out(owner: User) -> None:
    answers = attack(owner.email, 12)

    assert [is_refused(one) for one in answers] == [False] * 5 + [True] * 7
    assert is_refused(attempt(at("192.0.2.0"), owner.email, cast.PASSWORD))
    assert is_in(attempt(at("198.51.100.7"), owner.email, cast.PASSWORD))
    assert refused_events() == [("sign_in_both", "Olga Owner")]


def test_one_who_tries_many_accounts_is_slowed_down_by_the_address(owner: User) -> None:
    answers = [attempt(at("192.0.2.1"), f"made-up-{one}@x.example") for one in range(33)]
    assert [is_refused(one) for one in answers] == [False] * 30 + [True] * 3
    assert is_refused(attempt(at("192.0.2.1"), owner.email, cast.PASSWORD))
    assert is_in(attempt(at("192.0.2.2"), owner.email, cast.PASSWORD))
    assert refused_events() == [("sign_in_address", "")]


def test_one_with_many_addresses_is_slowed_down_by_the_account(owner: User) -> None:
    answers = attack(owner.email, 30, addresses=30)
    assert [is_refused(one) for one in answers] == [False] * 20 + [True] * 10
    assert is_refused(attempt(at("198.51.100.7"), owner.email, cast.PASSWORD))


def test_of_ipv6_a_network_is_one_address(owner: User) -> None:
    near = [attempt(at(f"2001:db8:0:1:{one:x}::1"), owner.email) for one in range(1, 8)]
    assert [is_refused(one) for one in near] == [False] * 5 + [True] * 2
    assert not is_refused(attempt(at("2001:db8:0:2::1"), owner.email))


def test_time_heals(owner: User, clock: Clock) -> None:
    attack(owner.email, 9)
    clock.forward(minutes=1)
    assert is_in(attempt(at("192.0.2.0"), owner.email, cast.PASSWORD))


def test_the_right_password_is_no_guess(owner: User) -> None:
    for _ in range(40):
        assert is_in(attempt(at("192.0.2.0"), owner.email, cast.PASSWORD))
    assert not is_refused(attempt(at("192.0.2.0"), owner.email))


@pytest.mark.parametrize("writing", ["OWNER@northwind.example", " owner@northwind.example ", "Owner@NORTHWIND.example"])
def test_another_writing_of_the_address_is_the_same_account(owner: User, writing: str) -> None:
    attack(owner.email, 5)
    assert is_refused(attempt(at("192.0.2.0"), writing))


def test_unknown_and_inactive_accounts_are_told_the_same(owner: User, member: User) -> None:
    User.objects.filter(pk=member.pk).update(is_active=False)
    pages = []
    for email in (owner.email, member.email, "nobody@northwind.example"):
        answers = [attempt(at("192.0.2.9"), email) for _ in range(7)]
        pages.append([one.context["form"].non_field_errors() for one in answers])
    assert pages[0] == pages[1] == pages[2]
    assert pages[0][-1] == [guessing.SIGN_IN]


def test_it_holds_without_redis_and_cache(owner: User, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert [is_refused(one) for one in attack(owner.email, 7)] == [False] * 5 + [True] * 2
    assert Throttle.objects.count() == 3  # by address, by account, by both


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_each_counts() -> None:
    user = cast.make_user("olga@northwind.example")
    together = Barrier(10)

    def guess(_: int) -> bool:
        client = at("192.0.2.1")
        together.wait()
        try:
            return is_refused(attempt(client, user.email))
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(guess, range(10))) == [False] * 5 + [True] * 5


# --- A known device -------------------------------------------------------------------------------------------------


def cookie_of(client: Client) -> Any:
    return client.cookies[COOKIE]


def test_a_known_device_gets_in(owner: User, known: Client) -> None:
    attack(owner.email, 40, addresses=40)
    assert is_refused(attempt(at("198.51.100.8"), owner.email, cast.PASSWORD))
    assert is_in(attempt(known, owner.email, cast.PASSWORD))


def test_it_gets_in_from_the_address_of_the_one_who_guesses(owner: User, known: Client) -> None:
    for one in range(40):
        attempt(at("198.51.100.7"), f"made-up-{one}@x.example")
    assert is_refused(attempt(at("198.51.100.7"), owner.email, cast.PASSWORD))
    assert is_in(attempt(known, owner.email, cast.PASSWORD))


def test_who_guesses_in_it_is_slowed_down_too(owner: User, known: Client) -> None:
    assert [is_refused(attempt(known, owner.email)) for _ in range(12)] == [False] * 10 + [True] * 2
    assert is_in(attempt(at("198.51.100.8"), owner.email, cast.PASSWORD))


def test_it_is_one_persons(owner: User, stranger: User, known: Client) -> None:
    attack(stranger.email, 40, addresses=40)
    assert is_refused(attempt(known, stranger.email, cast.PASSWORD))


def test_two_people_may_share_it(owner: User, member: User, known: Client) -> None:
    assert is_in(attempt(known, member.email, cast.PASSWORD))
    known.post(reverse("account_logout"))
    for user in (owner, member):
        attack(user.email, 40, addresses=40)
    assert is_in(attempt(known, owner.email, cast.PASSWORD))


def test_its_cookie(known: Client, owner: User) -> None:
    cookie = cookie_of(known)
    token = cookie.value.split(":")[0]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert KnownDevice.objects.get().token_digest not in cookie.value
    assert token not in str(KnownDevice.objects.values())


def test_it_is_new_at_each_sign_in(known: Client, owner: User) -> None:
    old = cookie_of(known).value
    attempt(known, owner.email, cast.PASSWORD)
    assert cookie_of(known).value != old
    assert KnownDevice.objects.count() == 1

    copied = at("198.51.100.9")
    copied.cookies[COOKIE] = old
    attack(owner.email, 40, addresses=40)
    assert is_refused(attempt(copied, owner.email, cast.PASSWORD))


def test_a_cookie_that_nobody_signed_is_none(owner: User, known: Client) -> None:
    attack(owner.email, 40, addresses=40)
    token, *signature = cookie_of(known).value.split(":")
    for value in (token, ":".join([token[:-1] + "x", *signature]), "x", ""):
        known.cookies[COOKIE] = value
        assert is_refused(attempt(known, owner.email, cast.PASSWORD))


def test_it_is_forgotten_in_time(owner: User, known: Client, clock: Clock) -> None:
    clock.forward(days=181)
    attack(owner.email, 40, addresses=40)
    assert is_refused(attempt(known, owner.email, cast.PASSWORD))
    tasks.clear_expired()
    assert not KnownDevice.objects.exists()


def test_a_password_alone_makes_none(owner: User) -> None:
    TOTP.activate(owner, SECRET)
    client = at("198.51.100.7")
    assert attempt(client, owner.email, cast.PASSWORD)["Location"] == reverse("mfa_authenticate")
    assert COOKIE not in client.cookies
    assert not KnownDevice.objects.exists()


# --- The reset mail -------------------------------------------------------------------------------------------------


def reset_password(client: Client, user: User) -> None:
    key = [user_pk_to_url_str(user), default_token_generator.make_token(User.objects.get(pk=user.pk))]
    form = client.get(reverse("account_reset_password_from_key", args=key))["Location"]
    answer = client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert answer["Location"] == reverse("account_reset_password_from_key_done")


def test_the_reset_mail_lets_the_right_person_in(owner: User) -> None:
    attack(owner.email, 40, addresses=40)
    client = at("198.51.100.7")
    assert is_refused(attempt(client, owner.email, cast.PASSWORD))
    reset_password(client, owner)
    attack(owner.email, 40, addresses=40)
    assert is_in(attempt(client, owner.email, NEW_PASSWORD))


def test_a_reset_on_the_telephone_lets_in_at_the_desk(owner: User) -> None:
    attack(owner.email, 40, addresses=40)
    reset_password(at("198.51.100.7"), owner)
    assert is_in(attempt(at("198.51.100.8"), owner.email, NEW_PASSWORD))


def test_whoever_signed_in_before_a_reset_is_not_known_after_it(owner: User, known: Client) -> None:
    reset_password(at("198.51.100.8"), owner)
    attack(owner.email, 40, addresses=40)
    assert is_refused(attempt(known, owner.email, NEW_PASSWORD))


def ask(address: str, email: str) -> Any:
    return at(address).post(RESET, {"email": email})


def test_reset_mails_are_limited_by_account(owner: User) -> None:
    answers = [ask(f"192.0.2.{one}", owner.email) for one in range(5)]
    unknown = [ask(f"192.0.2.{one}", "nobody@northwind.example") for one in range(5)]
    for got in (answers, unknown):
        assert [is_refused(one, guessing.RESET) for one in got] == [False] * 3 + [True] * 2
    assert 'value="owner@northwind.example"' in answers[-1].content.decode()
    assert refused_events() == [("reset_account", "Olga Owner"), ("reset_account", "")]


def test_whoever_asks_for_mails_of_others_uses_none_of_them_up(owner: User, clock: Clock, no_broker: list[Any]) -> None:
    """At any time a mail is to be had, or one came whose link still works, whatever others have asked for."""
    start = clock.now
    while clock.now < start + timedelta(days=1):
        ask(f"192.0.2.{clock.now.hour}", owner.email)
        newest = Mail.objects.order_by("-created_at").values_list("created_at", flat=True)[0]
        assert clock.now - newest < timedelta(seconds=configured.PASSWORD_RESET_TIMEOUT)
        clock.forward(minutes=7)
    assert 3 < Mail.objects.count() < notices.notice_named("reset_requested").a_day


def test_reset_mails_are_limited_by_address(db: None) -> None:
    answers = [ask("192.0.2.1", f"made-up-{one}@x.example") for one in range(12)]
    assert [is_refused(one, guessing.RESET) for one in answers] == [False] * 10 + [True] * 2


def test_a_known_device_has_its_reset_mail(owner: User, known: Client) -> None:
    for one in range(9):
        ask(f"192.0.2.{one}", owner.email)
    assert not is_refused(known.post(RESET, {"email": owner.email}), guessing.RESET)
