"""What holds for every request of the ACME side."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from subscriptions.sandbox.acme.service import AcmeService

from .acme_client import BASE, AcmeClient, b64, direct, unb64
from .conftest import Binding


def test_directory(service: AcmeService) -> None:
    answer = direct(service)("GET", f"{BASE}/v2/DV", b"")

    assert answer.content == {
        "newNonce": f"{BASE}/v2/DV/newNonce",
        "newAccount": f"{BASE}/v2/DV/newAccount",
        "newOrder": f"{BASE}/v2/DV/newOrder",
        "revokeCert": f"{BASE}/v2/DV/revokeCert",
        "keyChange": f"{BASE}/v2/DV/keyChange",
        "renewalInfo": f"{BASE}/v2/DV/renewalInfo",
        "meta": {
            "termsOfService": f"{BASE}/v2/terms",
            "website": "https://sectigo.com",
            "caaIdentities": ["sectigo.com", "usertrust.com", "trust-provider.com", "comodoca.com", "comodo.com"],
            "externalAccountRequired": True,
        },
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/v2/OV/newNonce", 200),
        ("GET", "/v2/OV/newNonce", 204),
        ("GET", "/v2/terms", 200),
        ("GET", "/v2/OV/newOrder", 405),
        ("GET", "/v2/SMIME", 403),
        ("GET", "/v2/directory", 403),
    ],
)
def test_every_answer_has_a_nonce(service: AcmeService, method: str, path: str, status: int) -> None:
    answer = direct(service)(method, BASE + path, b"")

    assert answer.status == status
    assert len(answer.headers["Replay-Nonce"]) == 22


def bad_nonce(client: AcmeClient) -> Any:
    return client.post(client.kid, nonce="made-up").problem


def wrong_url(client: AcmeClient) -> Any:
    return client.post(client.kid, url=f"{BASE}/v2/OV/newOrder").problem


def wrong_algorithm(client: AcmeClient) -> Any:
    return client.post(client.kid, alg="HS256").problem


def unknown_account(client: AcmeClient) -> Any:
    return client.post(client.kid, kid=f"{BASE}/v2/OV/account/nobody").problem


def key_and_account(client: AcmeClient) -> Any:
    return client.post(client.kid, jwk=client.jwk).problem


@pytest.mark.parametrize(
    ("attempt", "kind"),
    [
        (bad_nonce, "badNonce"),
        (wrong_url, "unauthorized"),
        (wrong_algorithm, "badSignatureAlgorithm"),
        (unknown_account, "accountDoesNotExist"),
        (key_and_account, "malformed"),
    ],
)
def test_bad_requests(registered: AcmeClient, attempt: Callable[[AcmeClient], Any], kind: str) -> None:
    assert attempt(registered)[1] == kind


@pytest.mark.parametrize(
    "header", [{"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": False}, {"b64": False}, {"crit": []}]
)
def test_extensions_of_the_signature_are_refused(registered: AcmeClient, header: dict[str, Any]) -> None:
    refused = (400, "malformed", "The JWS needs an extension that is not supported")

    assert registered.post(registered.kid, None, **header).problem == refused
    assert registered.post(registered.kid, None, b64=True).status == 200


@pytest.mark.parametrize("member", [{"header": {"kid": "1"}}, {"header": {}}, {"signatures": []}])
def test_only_the_protected_header_counts(registered: AcmeClient, member: dict[str, Any]) -> None:
    protected = {"alg": "ES256", "nonce": registered.nonce, "url": registered.kid, "kid": registered.kid}
    body = json.dumps(json.loads(registered.sign(protected, "")) | member).encode()

    assert registered.send("POST", registered.kid, body).problem == (
        400,
        "malformed",
        "The JWS has an unprotected header or several signatures",
    )


def test_signature_must_have_its_length(registered: AcmeClient) -> None:
    protected = {"alg": "ES256", "nonce": registered.nonce, "url": registered.kid, "kid": registered.kid}
    signed = json.loads(registered.sign(protected, ""))
    signature = unb64(signed["signature"])
    padded = b64(b"\0" + signature[:32] + b"\0" + signature[32:])  # the same two numbers
    body = json.dumps(signed | {"signature": padded}).encode()

    assert registered.send("POST", registered.kid, body).problem[2] == "The JWS signature is invalid"


def test_signature_of_another_key(registered: AcmeClient) -> None:
    thief = AcmeClient(registered.send)
    thief.kid = registered.kid

    assert thief.post(registered.kid).problem == (400, "malformed", "The JWS signature is invalid")


def test_nonce_is_good_once(registered: AcmeClient) -> None:
    nonce = registered.nonce

    assert registered.post(registered.kid).status == 200
    assert registered.post(registered.kid, nonce=nonce).problem[:2] == (400, "badNonce")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"protected": "e30", "payload": "", "signature": "="}', b"\xff"])
def test_body_must_be_a_jws(service: AcmeService, body: bytes) -> None:
    assert direct(service)("POST", f"{BASE}/v2/OV/newAccount", body).problem[:2] == (400, "malformed")


def test_other_peoples_orders_do_not_exist(service: AcmeService, binding: Binding, registered: AcmeClient) -> None:
    order = registered.order("northwind.example")
    stranger = AcmeClient(direct(service))
    stranger.register(binding.key_id, binding.mac_key)

    for url in (order.headers["Location"], order.content["authorizations"][0]):
        assert stranger.post(url).problem[:2] == (404, "malformed")
    assert stranger.post(registered.kid).problem[1] == "unauthorized"
