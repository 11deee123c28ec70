"""Types of certificates: one row each, so that those the portal cannot sell yet can be tried."""

import pytest
from cryptography import x509

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.service import AcmeService
from subscriptions.sandbox.products import PRODUCTS, Product, old_anchor

from .acme_client import BASE, AcmeClient, direct
from .conftest import DV_URL, LOGIN_NAME, OV_URL, Binding, Desk

WITH_EV_ANCHOR = [product for product in PRODUCTS.values() if product.anchor == "evAnchorOrderNumber"]
INVALID = "The value of the '{}' argument is invalid!"


@pytest.fixture(params=WITH_EV_ANCHOR, ids=lambda product: product.validation_type)
def product(request: pytest.FixtureRequest, sandbox: Sandbox) -> Product:
    """A type that is not listed unless it is asked for, and listed now."""
    found: Product = request.param
    sandbox.set_servers(LOGIN_NAME, PRODUCTS)
    return found


def test_only_dv_and_ov_are_listed_by_themselves(desk: Desk) -> None:
    listed = [entry["certValidationType"] for entry in desk.ask("LISTSERVERS")["Servers"]]

    assert listed == ["DV", "OV"]
    assert {product.validation_type for product in WITH_EV_ANCHOR} == {"EV", "QWAC"}


def test_servers_come_and_go_and_prices_stay_as_they_were_set(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.set_servers(LOGIN_NAME, ["OV", "EV"])
    sandbox.set_price(LOGIN_NAME, "EV", "FQDN", "333.00")
    sandbox.set_servers(LOGIN_NAME, ["OV"])
    sandbox.set_servers(LOGIN_NAME, ["OV", "EV"])

    assert [entry["productID"] for entry in desk.ask("LISTSERVERS")["Servers"]] == [609, 610]
    account = desk.new_account("https://acme.sectigo.com/v2/EV")
    assert desk.add(account, "northwind.example", evAnchorOrderNumber="7")["cost"] == 333
    with pytest.raises(KeyError):
        sandbox.set_servers(LOGIN_NAME, ["SMIME"])


def test_a_name_is_added_under_its_own_anchor(desk: Desk, product: Product) -> None:
    account = desk.new_account(f"https://acme.sectigo.com/v2/{product.validation_type}")
    name = {"acmeAccountID": account, "domainName": "northwind.example"}

    assert desk.refusal("ADDDOMAIN", **name) == (400, "The 'evAnchorOrderNumber' argument is missing!")
    assert desk.refusal("ADDDOMAIN", ovAnchorOrderNumber="7", **name) == (400, INVALID.format("ovAnchorOrderNumber"))
    added = desk.ask("ADDDOMAIN", evAnchorOrderNumber="7", **name)
    assert added["cost"] == product.annual_cents["FQDN"] / 100
    assert desk.ask("LISTDOMAINS", acmeAccountID=account)["Domains"] == [
        {"domainName": "northwind.example", "expiresAt": "2027-11-23T23:59:59Z", "evAnchorOrderNumber": "7"}
    ]


def test_no_wildcard_of_them_can_be_had(desk: Desk, product: Product) -> None:
    account = desk.new_account(f"https://acme.sectigo.com/v2/{product.validation_type}")

    assert desk.refusal(
        "ADDDOMAIN", acmeAccountID=account, domainName="*.northwind.example", evAnchorOrderNumber="7"
    ) == (400, INVALID.format("domainName"))


def test_names_move_by_the_arguments_of_the_type(desk: Desk, product: Product) -> None:
    account = desk.new_account(f"https://acme.sectigo.com/v2/{product.validation_type}")
    desk.add(account, "northwind.example", evAnchorOrderNumber="7")

    assert old_anchor(product.anchor) == "oldEVAnchorOrderNumber"
    moved = desk.ask("UPDATEDOMAINS", acmeAccountID=account, oldEVAnchorOrderNumber="7", evAnchorOrderNumber="8")
    assert moved == {"nRecordsUpdated": 1, "success": True}
    assert desk.refusal("UPDATEDOMAINS", acmeAccountID=account, ovAnchorOrderNumber="8") == (
        400,
        INVALID.format("ovAnchorOrderNumber"),
    )


@pytest.mark.parametrize(("url", "status"), [(OV_URL, 400), (DV_URL, 403)])
def test_no_other_type_takes_the_anchor_of_ev(desk: Desk, url: str, status: int) -> None:
    account = desk.new_account(url)

    refusal = desk.refusal("ADDDOMAIN", acmeAccountID=account, domainName="northwind.example", evAnchorOrderNumber="7")

    assert refusal[0] == status


def test_its_acme_server_certifies_the_organization(
    desk: Desk, service: AcmeService, product: Product, sandbox: Sandbox
) -> None:
    sandbox.set_anchor("7", "Northwind Traders", "US")
    url = f"{BASE}/v2/{product.validation_type}"
    binding = Binding(desk, url)
    desk.add(binding.key_id, "northwind.example", evAnchorOrderNumber="7")
    client = AcmeClient(direct(service), url)
    client.register(binding.key_id, binding.mac_key)

    leaf = client.obtain("northwind.example")[0]

    policies = leaf.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert [policy.policy_identifier.dotted_string for policy in policies] == [product.policy]
    assert "Northwind Traders" in leaf.subject.rfc4514_string()
