"""Behind a proxy each person's own address counts: for the limits at sign-in, and in the audit trail."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import guessing
from accounts.addresses import client_address, client_network
from accounts.models import User
from tests import cast

SIGN_IN = reverse("account_login")


@pytest.fixture(autouse=True)
def one_proxy(settings: Any, db: None) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


def attempt(address: str, email: str, password: str) -> Any:
    return Client().post(SIGN_IN, {"login": email, "password": password}, headers={"X-Forwarded-For": address})


def test_one_who_guesses_shuts_nobody_else_out(owner: User) -> None:
    answers = [attempt("192.0.2.1", f"made-up-{one}@x.example", "wrong") for one in range(31)]
    assert guessing.SIGN_IN in answers[-1].content.decode()
    assert attempt("198.51.100.7", owner.email, cast.PASSWORD).status_code == 302


def test_what_a_client_claims_before_the_proxy_does_not_count(rf: Any) -> None:
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.1"})
    assert client_address(request) == "192.0.2.1"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        ("no address", "unknown"),
    ],
)
def test_networks(rf: Any, address: str, network: str) -> None:
    assert client_network(rf.get("/", headers={"X-Forwarded-For": address})) == network


UNKNOWN = "The portal cannot tell where this request comes from"
TOKEN = reverse("account_reset_password_from_key", args=["1", "no-token"])
PAGES = [SIGN_IN, reverse("account_reset_password"), TOKEN, reverse("mfa_authenticate"), "/admin/", "/nothing/", "/my/"]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (2, "192.0.2.1"),
        (9, "192.0.2.1, 192.0.2.2, 192.0.2.3"),
        (1, "no address"),
        (1, "192.0.2.1, "),
        (1, "999.0.2.1"),
        (2, "<script>, 192.0.2.1"),
    ],
)
def test_a_count_that_does_not_fit_is_told(settings: Any, count: int, said: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
    for url in PAGES:
        for ask in (Client().get, Client().post):
            answer = ask(url, headers={"X-Forwarded-For": said})
            assert (url, answer.status_code, UNKNOWN in answer.content.decode()) == (url, 400, True)
            assert not answer.cookies


def test_nobody_is_half_signed_in_by_it(settings: Any, owner: User) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert attempt("192.0.2.1", owner.email, cast.PASSWORD).status_code == 400
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert attempt("192.0.2.1", owner.email, cast.PASSWORD).status_code == 302


def test_nor_does_a_signed_in_person_go_on(settings: Any, owner: User) -> None:
    client = cast.sign_in(Client(), owner)
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert client.get("/my/", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 400


@pytest.mark.parametrize("said", ["192.0.2.1:4711", "[2001:db8::1]:4711", "2001:db8::1", " 192.0.2.1 "])
def test_addresses_are_read_as_proxies_write_them(said: str) -> None:
    assert Client().get(SIGN_IN, headers={"X-Forwarded-For": said}).status_code == 200


def test_without_a_proxy_in_between_it_is_the_connections(settings: Any) -> None:
    assert Client().get(SIGN_IN, headers={"X-Forwarded-For": ","}).status_code == 200
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3
    assert Client().get(SIGN_IN).status_code == 200
    assert Client(REMOTE_ADDR="").get(SIGN_IN).status_code == 400


def test_health_is_told_to_whoever_asks(settings: Any, owner: User) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3
    for client in (Client(), cast.sign_in(Client(), owner)):
        assert client.get("/healthz/live", headers={"X-Forwarded-For": "x"}).status_code == 200
