"""keyChange (RFC 8555, section 7.3.5)."""

from typing import Any

import pytest

from subscriptions.sandbox.acme.service import AcmeService

from .acme_client import BASE, AcmeClient, direct
from .conftest import Binding, Desk


@pytest.fixture
def new(service: AcmeService) -> AcmeClient:
    """A client with another key, not registered."""
    return AcmeClient(direct(service))


def test_account_keeps_what_it_has(desk: Desk, binding: Binding, registered: AcmeClient, new: AcmeClient) -> None:
    order = registered.order("northwind.example")

    answer = registered.change_key(new)

    assert (answer.status, answer.headers["Location"], answer.content["status"]) == (200, registered.kid, "valid")
    new.kid = registered.kid
    assert new.post(order.headers["Location"]).status == 200
    assert len(new.obtain("northwind.example")) == 2
    assert registered.post(registered.kid).problem == (400, "malformed", "The JWS signature is invalid")
    registered.kid = ""
    found = registered.post(registered.directory["newAccount"], {"onlyReturnExisting": True})
    assert found.problem[1] == "accountDoesNotExist"
    assert len(desk.ask("LISTACCOUNTS", eabKeyID=binding.key_id)["Accounts"]) == 1


@pytest.mark.parametrize(
    ("members", "detail"),
    [
        ({"account": f"{BASE}/v2/OV/account/another"}, "The inner JWS is for another account"),
        ({"oldKey": {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}}, "The old key is not the account's"),
        ({"oldKey": None}, "The old key is not the account's"),
        ({"inner_url": f"{BASE}/v2/OV/newAccount"}, "The inner JWS is for another URL"),
        ({"inner_jwk": None}, "The inner JWS has no key in its header"),
    ],
)
def test_what_is_asked_must_fit(registered: AcmeClient, new: AcmeClient, members: dict[str, Any], detail: str) -> None:
    assert registered.change_key(new, **members).problem == (400, "malformed", detail)
    assert registered.post(registered.kid).status == 200


@pytest.mark.parametrize("jwk", [{}, {"kty": "oct", "k": "AQ"}, {"kty": ["EC"]}, {"kty": "EC"}])
def test_old_key_must_be_a_key(registered: AcmeClient, new: AcmeClient, jwk: dict[str, Any]) -> None:
    assert registered.change_key(new, oldKey=jwk).problem == (400, "badPublicKey", "The JWK cannot be used")


def test_new_key_must_have_signed(registered: AcmeClient, new: AcmeClient, service: AcmeService) -> None:
    stolen = AcmeClient(direct(service)).jwk

    assert registered.change_key(new, inner_jwk=stolen).problem == (400, "malformed", "The JWS signature is invalid")


def test_key_of_another_account(binding: Binding, registered: AcmeClient, new: AcmeClient) -> None:
    new.register(binding.key_id, binding.mac_key)

    answer = registered.change_key(new)

    assert answer.problem == (409, "malformed", "Another account has the new key")
    assert answer.headers["Location"] == new.kid
