"""Orders, from the admin API's credentials to the certificate, and what the admin API shows of them."""

import json
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.service import AcmeService

from .acme_client import BASE, AcmeClient, b64, direct
from .conftest import DV_URL, OV_URL, Binding, Desk


def test_from_credentials_to_certificate(
    desk: Desk, sandbox: Sandbox, binding: Binding, registered: AcmeClient
) -> None:
    leaf, issuing = registered.obtain("northwind.example", "*.northwind.example")

    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["northwind.example", "*.northwind.example"]
    assert leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "Northwind Traders"
    assert leaf.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)[0].value == "US"
    leaf.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(x509.load_pem_x509_certificate(sandbox.authority.root_pem))
    entry = {
        "orderNumber": 200000004,
        "acmeOrderStatus": "valid",
        "certificateID": 200000004,
        "statusCode": 6,
        "statusDesc": "Valid",
        "serialNumber": f"{leaf.serial_number:040X}",
        "validNotBefore": "2026-11-23T10:30:00Z",
        "validNotAfter": "2027-02-21T10:30:00Z",
        "acmeAccountID": binding.key_id,
        "acmeEABKeyID": binding.key_id,
    }
    orders = desk.ask("GETLASTORDER", acmeAccountID=binding.key_id)["Orders"]
    assert [order["domainName"] for order in orders] == ["*.northwind.example", "northwind.example"]
    assert entry.items() <= orders[0].items()


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (["contoso.example"], '"contoso.example"'),
        (["shop.northwind.example"], '"shop.northwind.example"'),
        (["northwind.example", "b.example", "a.example"], '"b.example", "a.example"'),
    ],
)
def test_name_outside_the_subscription(registered: AcmeClient, names: list[str], named: str) -> None:
    assert registered.order(*names).problem == (
        400,
        "rejectedIdentifier",
        f"Not in the subscription of this account: {named}",
    )


def test_wildcard_needs_its_own_entry(desk: Desk, service: AcmeService) -> None:
    binding = Binding(desk, DV_URL, "northwind.example")
    client = AcmeClient(direct(service), f"{BASE}/v2/DV")
    client.register(binding.key_id, binding.mac_key)

    assert client.order("*.northwind.example").problem[1] == "rejectedIdentifier"
    assert client.obtain("northwind.example")[0].subject.rfc4514_string() == "CN=northwind.example"


def test_no_certificate_without_a_running_subscription(
    desk: Desk, sandbox: Sandbox, service: AcmeService, registered: AcmeClient
) -> None:
    lapsed = (403, "unauthorized", "The subscription has expired or does not exist")
    empty = Binding(desk, OV_URL)
    other = AcmeClient(direct(service))
    other.register(empty.key_id, empty.mac_key)
    assert other.order("northwind.example").problem == lapsed

    order = registered.order("northwind.example")
    registered.validate(order)
    sandbox.advance(days=3, hours=1)
    desk.ask("REMOVEDOMAIN", acmeAccountID=registered.kid.rpartition("/")[2], domainName="northwind.example")
    assert registered.finalize(order, "northwind.example").problem[1] == "rejectedIdentifier"
    sandbox.advance(days=365)
    assert registered.order("www.northwind.example").problem == lapsed


def test_order_must_be_ready(registered: AcmeClient) -> None:
    order = registered.order("northwind.example")

    assert registered.finalize(order, "northwind.example").problem == (403, "orderNotReady", "The order is pending")
    certificate_url = order.headers["Location"].replace("/order/", "/cert/")
    assert registered.post(certificate_url).problem == (404, "malformed", "There is no certificate yet")


@pytest.mark.parametrize("names", [["northwind.example", "www.northwind.example"], ["www.northwind.example"], []])
def test_csr_must_have_the_names_of_the_order(registered: AcmeClient, names: list[str]) -> None:
    order = registered.order("northwind.example")
    registered.validate(order)

    assert registered.finalize(order, *names).problem[1] == "badCSR"
    assert registered.post(order.content["finalize"], {"csr": b64(b"nonsense")}).problem[1] == "badCSR"
    assert registered.finalize(order, "northwind.example").content["status"] == "valid"


def test_uncollected_certificate(desk: Desk, binding: Binding, registered: AcmeClient) -> None:
    order = registered.order("northwind.example")
    opened = desk.ask("GETLASTORDER", acmeAccountID=binding.key_id)["Orders"][0]
    registered.validate(order)
    registered.finalize(order, "northwind.example")
    issued = desk.ask("GETLASTORDER", acmeAccountID=binding.key_id)["Orders"][0]

    assert "serialNumber" not in opened
    assert (opened["acmeOrderStatus"], opened["statusCode"]) == ("pending", 0)
    assert (issued["statusCode"], issued["statusDesc"]) == (9, "Issued but not yet collected")


def test_order_lapses(sandbox: Sandbox, registered: AcmeClient) -> None:
    order = registered.order("northwind.example")
    sandbox.advance(days=8)

    assert registered.post(order.headers["Location"]).content["status"] == "invalid"


def test_short_certificates(sandbox: Sandbox, registered: AcmeClient) -> None:
    sandbox.switches.certificate_seconds = 60

    leaf = registered.obtain("northwind.example")[0]

    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).total_seconds() == 60


def test_organization_of_the_anchor(sandbox: Sandbox, registered: AcmeClient) -> None:
    sandbox.set_anchor("4", "Contoso Ltd", "GB")

    subject = registered.obtain("northwind.example")[0].subject

    assert subject.rfc4514_string() == "CN=northwind.example,O=Contoso Ltd,C=GB"


def test_revocation(desk: Desk, service: AcmeService, binding: Binding, registered: AcmeClient) -> None:
    leaf = registered.obtain("northwind.example")[0]
    content = {"certificate": b64(leaf.public_bytes(serialization.Encoding.DER)), "reason": 4}
    stranger = AcmeClient(direct(service))
    stranger.register(binding.key_id, binding.mac_key)
    url = registered.directory["revokeCert"]

    assert stranger.post(url, content).problem[1] == "unauthorized"
    assert AcmeClient(direct(service)).post(url, content).problem[1] == "unauthorized"
    assert registered.post(url, content | {"reason": 2}).problem[1] == "badRevocationReason"
    assert registered.post(url, content).status == 200
    assert registered.post(url, content).problem[1] == "alreadyRevoked"
    listed = desk.ask("GETLASTORDER", acmeAccountID=binding.key_id)["Orders"][0]
    assert (listed["statusCode"], listed["statusDesc"]) == (8, "Revoked")


def test_last_orders_filtered(desk: Desk, registered: AcmeClient, binding: Binding) -> None:
    registered.obtain("northwind.example", "www.northwind.example")

    def found(*filters: str) -> list[str]:
        pairs = [("acmeAccountID", binding.key_id), ("action", "GETLASTORDER"), *desk.login.items()]
        body = urlencode([*pairs, *(("filter", text) for text in filters)])
        content = json.loads(desk.sandbox.handle_admin(body.encode()).body)
        return [order["domainName"] for order in content["Orders"]]

    assert found("domainName = northwind.example") == ["northwind.example"]
    assert found("domainName ? www.") == ["www.northwind.example"]
    assert found("domainName !? www.") == ["northwind.example"]
    assert found("domainName != northwind.example") == ["www.northwind.example"]
    assert found("validNotAfter < 2027-01-01T00:00:00Z") == []
    assert len(found("validNotAfter >= 2027-02-21T10:30:00Z", "domainName ? northwind")) == 2
    assert desk.refusal("GETLASTORDER", acmeAccountID=binding.key_id, filter="serialNumber = 1") == (
        400,
        "The value of the 'filter' argument is invalid!",
    )
