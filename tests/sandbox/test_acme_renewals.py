"""ACME Renewal Information (RFC 9773): when to renew, and what a new order replaces."""

import pytest
from cryptography.hazmat.primitives import serialization

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.service import AcmeService

from .acme_client import AcmeClient, Answer, b64, certificate_id, direct
from .conftest import Binding, Desk

NAME = "northwind.example"
WWW = "www.northwind.example"


def renewal_of(client: AcmeClient, identifier: str) -> Answer:
    return client.send("GET", f"{client.directory['renewalInfo']}/{identifier}", b"")


def test_window_of_a_certificate(registered: AcmeClient) -> None:
    leaf = registered.obtain(NAME)[0]

    answer = renewal_of(registered, certificate_id(leaf))

    # 90 days from 2026-11-23T10:30:00Z
    assert answer.content == {"suggestedWindow": {"start": "2027-01-22T10:30:00Z", "end": "2027-01-24T10:30:00Z"}}
    assert (answer.status, answer.headers["Retry-After"]) == (200, "21600")


def test_window_of_a_short_certificate(sandbox: Sandbox, registered: AcmeClient) -> None:
    sandbox.switches.certificate_seconds = 90

    answer = renewal_of(registered, certificate_id(registered.obtain(NAME)[0]))

    assert answer.content == {"suggestedWindow": {"start": "2026-11-23T10:31:00Z", "end": "2026-11-23T10:31:02Z"}}
    assert answer.headers["Retry-After"] == "60"


def test_revoked_certificate_is_to_be_renewed_now(sandbox: Sandbox, registered: AcmeClient) -> None:
    leaf = registered.obtain(NAME)[0]
    content = {"certificate": b64(leaf.public_bytes(serialization.Encoding.DER))}
    assert registered.post(registered.directory["revokeCert"], content).status == 200
    sandbox.advance(days=1)

    window = renewal_of(registered, certificate_id(leaf)).content["suggestedWindow"]

    assert window == {"start": "2026-11-22T10:29:59Z", "end": "2026-11-24T10:29:59Z"}


@pytest.mark.parametrize(
    ("identifier", "status"), [("nonsense", 404), ("AQID.BAUG", 404), ("===.===", 400), ("AQID", 404)]
)
def test_certificate_of_another_issuer(registered: AcmeClient, identifier: str, status: int) -> None:
    assert renewal_of(registered, identifier).problem[:2] == (status, "malformed")


def test_right_serial_number_of_another_issuer(registered: AcmeClient) -> None:
    serial = certificate_id(registered.obtain(NAME)[0]).partition(".")[2]

    assert renewal_of(registered, f"AQID.{serial}").problem[:2] == (404, "malformed")


def test_new_order_replaces_the_older(desk: Desk, binding: Binding, registered: AcmeClient) -> None:
    older = certificate_id(registered.obtain(NAME, WWW)[0])

    order = registered.order(NAME, replaces=older)
    assert order.content["replaces"] == older
    assert {entry["statusCode"] for entry in desk.ask("GETLASTORDER", acmeAccountID=binding.key_id)["Orders"]} == {0, 6}
    registered.obtain(NAME, replaces=older)

    listed = desk.ask("GETLASTORDER", acmeAccountID=binding.key_id)["Orders"]
    assert [(entry["domainName"], entry["statusCode"], entry["statusDesc"]) for entry in listed] == [
        (NAME, 6, "Valid"),
        (WWW, 14, "Replaced"),
    ]
    assert registered.order(NAME, replaces=older).problem[:2] == (409, "alreadyReplaced")


def test_what_cannot_be_replaced(service: AcmeService, binding: Binding, registered: AcmeClient) -> None:
    older = certificate_id(registered.obtain(NAME)[0])
    other = AcmeClient(direct(service))
    other.register(binding.key_id, binding.mac_key)

    assert registered.order(WWW, replaces=older).problem[:2] == (403, "unauthorized")
    assert other.order(NAME, replaces=older).problem[:2] == (403, "unauthorized")
    assert registered.order(NAME, replaces="AQID.BAUG").problem[:2] == (404, "malformed")
    assert registered.order(NAME, replaces=7).problem[:2] == (400, "malformed")
