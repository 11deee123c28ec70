"""Orders, from the admin API's credentials to the certificate, and what the admin API shows of them."""

import json
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID

from subscriptions.management.commands.demo import ANCHOR, CUSTOMER
from subscriptions.sandbox import Fault, Sandbox
from subscriptions.sandbox.acme.service import AcmeService
from subscriptions.sandbox.control import handle_control

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


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("intranet.northwind.local", "ends in no public top-level domain"),
        ("server.corp", "ends in no public top-level domain"),
        ("1.2.0.192.in-addr.arpa", "ends in no public top-level domain"),
        ("co.uk", "belongs to a registry"),
        ("*.co.uk", "belongs to a registry"),
        ("my_shop.northwind.example", "has an underscore"),
        ("*.my_shop.northwind.example", "has an underscore"),
    ],
)
def test_names_that_no_public_ca_certifies(registered: AcmeClient, name: str, why: str) -> None:
    assert registered.order("northwind.example", name).problem == (
        400,
        "rejectedIdentifier",
        f'The identifier "{name}" {why}',
    )


def test_names_above_those_of_customers(desk: Desk, registered: AcmeClient) -> None:
    # Of the list of public suffixes only ICANN's part binds a CA: others let their customers have names there.
    for name in ("github.io", "northwind.co.uk", "northwind.test"):
        desk.add(registered.kid.rpartition("/")[2], name, ovAnchorOrderNumber="4")

    assert registered.order("github.io", "northwind.co.uk", "northwind.test").status == 201


@pytest.mark.parametrize(
    "other",
    [
        x509.IPAddress(ip_address("192.0.2.7")),
        x509.RFC822Name("ops@northwind.example"),
        x509.UniformResourceIdentifier("https://northwind.example"),
    ],
)
def test_csr_has_dns_names_only(registered: AcmeClient, other: x509.GeneralName) -> None:
    order = registered.order("northwind.example")
    registered.validate(order)

    assert registered.finalize(order, "northwind.example", others=[other]).problem == (
        400,
        "badCSR",
        "The CSR has other names than DNS names, such as an IP or e-mail address",
    )


def test_keys_that_no_certificate_may_have(registered: AcmeClient) -> None:
    order = registered.order("northwind.example")
    registered.validate(order)
    weak: Any = rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
    keys = {
        "The key is the account's own": registered.private_key,
        "The key is shorter than 2048 bits": weak,
        "The key is neither RSA nor on one of the NIST curves P-256, P-384 and P-521": ec.generate_private_key(
            ec.SECP256K1()
        ),
    }

    for detail, private_key in keys.items():
        answer = registered.finalize(order, "northwind.example", private_key=private_key)
        assert answer.problem == (400, "badCSR", detail)
    assert registered.post(order.headers["Location"]).content["status"] == "ready"


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
    sandbox.advance(days=91)

    assert registered.post(order.headers["Location"]).content["status"] == "invalid"


def test_short_certificates(sandbox: Sandbox, registered: AcmeClient) -> None:
    sandbox.switches.certificate_seconds = 60

    leaf = registered.obtain("northwind.example")[0]

    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).total_seconds() == 60


def test_organization_of_the_anchor(sandbox: Sandbox, registered: AcmeClient) -> None:
    sandbox.set_anchor("4", "Contoso Ltd", "GB")

    subject = registered.obtain("northwind.example")[0].subject

    assert subject.rfc4514_string() == "CN=northwind.example,O=Contoso Ltd,C=GB"


def test_certificates_of_the_demo_name_its_customer(desk: Desk, registered: AcmeClient) -> None:
    desk.add(registered.kid.rpartition("/")[2], "shop.northwind.example", ovAnchorOrderNumber=ANCHOR)

    subject = registered.obtain("shop.northwind.example")[0].subject

    assert subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == CUSTOMER


def test_what_the_certificate_says_of_itself(sandbox: Sandbox, registered: AcmeClient) -> None:
    def obtained(private_key: CertificateIssuerPrivateKeyTypes) -> x509.Certificate:
        order = registered.order("northwind.example")
        registered.validate(order)
        final = registered.finalize(order, "northwind.example", private_key=private_key)
        return x509.load_pem_x509_certificates(registered.post(final.content["certificate"]).body)[0]

    elliptic, old = obtained(ec.generate_private_key(ec.SECP384R1())), obtained(rsa.generate_private_key(65537, 2048))

    def usage(leaf: x509.Certificate) -> tuple[bool, bool, bool, bool]:
        extension = leaf.extensions.get_extension_for_class(x509.KeyUsage)
        value = extension.value
        return extension.critical, value.digital_signature, value.key_encipherment, value.key_cert_sign

    assert usage(elliptic) == (True, True, False, False)
    assert usage(old) == (True, True, True, False)
    (place,) = elliptic.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert place.access_location.value == "http://localhost:8901/_sandbox/issuer.crt"
    issuer = handle_control(sandbox, "GET", "/_sandbox/issuer.crt", b"").body
    elliptic.verify_directly_issued_by(x509.load_der_x509_certificate(issuer))


def test_long_name_alone(desk: Desk, service: AcmeService) -> None:
    name = f"{'a' * 60}.northwind.example"
    binding = Binding(desk, DV_URL, name)
    client = AcmeClient(direct(service), f"{BASE}/v2/DV")
    client.register(binding.key_id, binding.mac_key)

    leaf = client.obtain(name)[0]

    # Too long for a common name: the subject is empty, so the names must be critical (RFC 5280, 4.2.1.6).
    assert list(leaf.subject) == []
    assert leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical


@pytest.mark.parametrize(
    ("code", "text", "status"),
    [
        (3, "PRE-SIGN FAILED", "invalid"),
        (5, "POST-SIGN FAILED", "invalid"),
        (7, "Rejected", "invalid"),
        (8, "Revoked", "valid"),
        (14, "Replaced", "valid"),
    ],
)
def test_orders_that_end_by_a_switch(
    desk: Desk, sandbox: Sandbox, registered: AcmeClient, code: int, text: str, status: str
) -> None:
    def listed(name: str) -> tuple[str, int, str, bool]:
        orders = desk.ask("GETLASTORDER", acmeAccountID=registered.kid.rpartition("/")[2])["Orders"]
        (entry,) = [order for order in orders if order["domainName"] == name]
        return entry["acmeOrderStatus"], entry["statusCode"], entry["statusDesc"], "serialNumber" in entry

    def ordered(name: str) -> str:
        order = registered.order(name)
        registered.validate(order)
        return str(registered.finalize(order, name).content["status"])

    sandbox.arm("*", Fault.order_ends(code), domainName="northwind.example")
    assert desk.reply("LISTSERVERS").status == 200
    assert ordered("www.northwind.example") == "valid"
    assert ordered("northwind.example") == status
    assert listed("northwind.example") == (status, code, text, status == "valid")
    assert ordered("northwind.example") == "valid"

    sandbox.end_order("northwind.example", code)
    assert listed("northwind.example") == (status, code, text, status == "valid")
    assert listed("www.northwind.example")[1] == 9


def test_orders_that_cannot_end_so(sandbox: Sandbox, registered: AcmeClient) -> None:
    registered.order("northwind.example")

    for code in (6, 8, 14):
        with pytest.raises(ValueError, match=f"cannot end with {code}"):
            sandbox.end_order("northwind.example", code)
    with pytest.raises(KeyError):
        sandbox.end_order("www.northwind.example", 7)
    with pytest.raises(ValueError, match="end with 6"):
        Fault.order_ends(6)


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
