"""Strangers leave no rows behind: a session is made where there is something to remember."""

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.models import Customer
from tests.accounts.test_invitation_open import link_of, make_invitation
from tests.policy.test_permissions import routes

# What an address may hold, by the kind of its part.
PARTS = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "1"}
REMEMBERS = {"auth/2fa/webauthn/login/"}  # the challenge that the passkey answers; limited by address


def addresses() -> list[str]:
    """One address of every route."""
    found = set()
    for pattern, _ in routes():
        address = re.sub(r"<(?:(\w+):)?(\w+)>", lambda part: PARTS.get(part[1], "x"), pattern)
        address = re.sub(r"\(\?P<\w+>[^)]*\)", "x", address).replace("^", "").replace("$", "").replace("\\Z", "")
        found.add(address)
    return sorted(found)


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_route_makes_one(db: None, no_broker: list[Any], method: str) -> None:
    guilty = []
    for address in addresses():
        for headers in ({}, {"X-Requested-With": "XMLHttpRequest"}):
            getattr(Client(headers=headers), method)(f"/{address}")
        if Session.objects.exists():
            guilty.append(address)
            Session.objects.all().delete()
    assert set(guilty) - REMEMBERS == set()
    assert len(addresses()) > 100


@pytest.mark.parametrize("token", ["x", "x" * 43, "%00", "ä", "accept", "../accept"])
def test_an_invitation_that_does_not_exist_makes_none(client: Client, db: None, token: str) -> None:
    client.get(f"/invitations/{token}/")
    assert Session.objects.count() == 0


def test_an_invitation_makes_one(client: Client, customer: Customer) -> None:
    _, token = make_invitation(customer)
    client.get(link_of(token))
    assert Session.objects.count() == 1


def test_a_link_that_is_no_good_drops_what_an_earlier_one_opened(client: Client, customer: Customer) -> None:
    _, token = make_invitation(customer)
    client.get(link_of(token))
    client.get(link_of("x" * 43))
    assert client.get(reverse("accounts:invitation-accept")).status_code == 410
