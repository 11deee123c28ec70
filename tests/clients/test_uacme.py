"""The uacme page, run with the real uacme against Pebble with EAB required."""

import pytest

from subscriptions.recipes import Challenge
from tests.services import require_service

from .customer import (
    KEY_ID,
    PLAIN_NAMES,
    SECOND_KEY_ID,
    WILDCARD_NAMES,
    Customer,
    missing_tools,
    mode_of,
    names_of,
    wrong_credentials,
)
from .dns import CUSTOMER_ZONE
from .pebble import CREDENTIALS
from .renewals import LATER, complaints_of_systemd, page_timer

pytestmark = pytest.mark.clients

CHAIN = f"/etc/ssl/uacme/{CUSTOMER_ZONE}/cert.pem"
KEY = f"/etc/ssl/uacme/private/{CUSTOMER_ZONE}/key.pem"
UNIT = "uacme-caas"


@pytest.fixture(autouse=True)
def uacme() -> None:
    missing = missing_tools("uacme", "faketime", "nsupdate")
    require_service("uacme", not missing, f"not installed: {missing}")


def test_http_01(customer: Customer) -> None:
    customer.serve_document_root()
    page = customer.open_page("uacme")
    customer.follow(page, "register", "order", "renew")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx"]
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == set()
    assert mode_of(customer.namespace.path(KEY)) == "0o400"

    assert "notAfter=" in customer.follow(page, "check").stdout
    assert customer.served_serial(page, chain=CHAIN, key=KEY) == first.serial_number
    assert complaints_of_systemd(customer.namespace, UNIT) == []

    command = page_timer(customer.namespace, UNIT)
    assert "The certificate is not due yet" in customer.namespace.run(command).stdout
    assert customer.reloads() == ["reload nginx"]
    customer.namespace.run([*LATER, *command])
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx", "reload nginx"]


def test_dns_01_wildcard(customer: Customer) -> None:
    page = customer.open_page("uacme", names=WILDCARD_NAMES, challenge=Challenge.DNS_01)
    customer.follow(page, "register", "order", "renew")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(WILDCARD_NAMES)
    assert mode_of(customer.namespace.path("/etc/uacme/nsupdate.key")) == "0o600"

    # Update keys are time-checked, so the clock cannot be moved here; the number of days left is.
    customer.paste("sed -i 's/ -d 30 / -d 100 /' /etc/uacme/uacme-caas")
    customer.namespace.run(page_timer(customer.namespace, UNIT))
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(WILDCARD_NAMES)


def test_wildcard_alone(customer: Customer) -> None:
    page = customer.open_page("uacme", names=(f"*.{CUSTOMER_ZONE}",), challenge=Challenge.DNS_01)
    customer.follow(page, "register", "order", "check")
    assert names_of(customer.issued(CHAIN)) == {f"*.{CUSTOMER_ZONE}"}


@wrong_credentials
def test_wrong_credentials(customer: Customer, key_id: str, hmac_key: str) -> None:
    page = customer.open_page("uacme", key_id=key_id, hmac_key=hmac_key)
    done = customer.follow(page, "register", "order", check=False)
    assert done.returncode != 0
    assert "failed to create account" in done.stdout
    assert "urn:ietf:params:acme:error:unauthorized" in done.stdout
    assert not customer.namespace.path(CHAIN).exists()


def test_failed_order_is_told_from_one_that_is_not_due(customer: Customer) -> None:
    # Nothing serves the document root, so the CA's check fails: 2, not 1, and nothing is reloaded.
    done = customer.follow(customer.open_page("uacme"), "register", "order", check=False)
    assert done.returncode == 2
    assert customer.reloads() == []


def test_old_registration_is_dropped(customer: Customer) -> None:
    customer.serve_document_root()
    customer.follow(customer.open_page("uacme"), "register")
    second = customer.open_page("uacme", key_id=SECOND_KEY_ID)
    again = customer.follow(second, "register", check=False)
    assert registered(again.stdout) == []
    assert "Account already exists at" in again.stdout
    assert again.returncode == 2

    customer.follow(second, "cached")
    assert len(registered(customer.follow(second, "register").stdout)) == 1
    customer.follow(second, "order")
    assert names_of(customer.issued(CHAIN)) == set(PLAIN_NAMES)


def registered(said: str) -> list[str]:
    """The lines in which uacme says that it registered."""
    return [line for line in said.splitlines() if "account created at" in line]


def test_stop_renewing(customer: Customer) -> None:
    page = customer.open_page("uacme", names=WILDCARD_NAMES, challenge=Challenge.DNS_01)
    customer.follow(page, "register")
    setting_up = page.script("order").removesuffix(page.texts["uacme-order"])
    customer.paste(setting_up)
    customer.follow(page, "renew", "remove")
    assert not customer.namespace.path(f"/etc/systemd/system/{UNIT}.timer").exists()
    assert customer.files_holding(customer.update_key.secret) == set()
