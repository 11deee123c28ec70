"""Behind a proxy each person's own address counts: for the limits at sign-in, and in the audit trail."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.addresses import client_address
from accounts.models import User
from tests import cast

SIGN_IN = reverse("account_login")
REFUSED = "Too many failed login attempts"


@pytest.fixture(autouse=True)
def fresh_limits(settings: Any, db: None) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    cache.clear()


def attempt(address: str, email: str, password: str) -> Any:
    return Client().post(SIGN_IN, {"login": email, "password": password}, headers={"X-Forwarded-For": address})


def test_one_who_guesses_shuts_nobody_else_out(owner: User) -> None:
    answers = [attempt("192.0.2.1", f"made-up-{one}@x.example", "wrong") for one in range(12)]
    assert REFUSED in answers[-1].content.decode()
    assert attempt("198.51.100.7", owner.email, cast.PASSWORD).status_code == 302


def test_what_a_client_claims_before_the_proxy_does_not_count(rf: Any) -> None:
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.1"})
    assert client_address(request) == "192.0.2.1"
