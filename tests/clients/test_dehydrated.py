"""The dehydrated page, run with the real dehydrated against Pebble with EAB required."""

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
    put_old_openssl,
    wrong_credentials,
)
from .dns import CUSTOMER_ZONE
from .pebble import CREDENTIALS
from .renewals import LATER, complaints_of_systemd, page_timer

pytestmark = pytest.mark.clients

HOME = "/etc/dehydrated/caas"
CERTIFICATES = f"{HOME}/certs/{CUSTOMER_ZONE}"
CHAIN = f"{CERTIFICATES}/fullchain.pem"
UNIT = "dehydrated-caas"


@pytest.fixture(autouse=True)
def dehydrated() -> None:
    missing = missing_tools("dehydrated", "faketime", "nsupdate")
    require_service("dehydrated", not missing, f"not installed: {missing}")


def test_http_01(customer: Customer) -> None:
    customer.serve_document_root()
    page = customer.open_page("dehydrated")
    customer.follow(page, "register", "order", "renew")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx"]
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == set()

    assert "notAfter=" in customer.follow(page, "check").stdout
    assert customer.served_serial(page, chain=CHAIN, key=f"{CERTIFICATES}/privkey.pem") == first.serial_number
    assert complaints_of_systemd(customer.namespace, UNIT) == []

    command = page_timer(customer.namespace, UNIT)
    assert "Skipping renew!" in customer.namespace.run(command).stdout
    customer.namespace.run([*LATER, *command])
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx", "reload nginx"]


def test_dns_01_wildcard(customer: Customer) -> None:
    page = customer.open_page("dehydrated", names=WILDCARD_NAMES, challenge=Challenge.DNS_01)
    customer.follow(page, "register", "order", "renew")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(WILDCARD_NAMES)
    assert mode_of(customer.namespace.path(f"{HOME}/nsupdate.key")) == "0o600"

    # Update keys are time-checked, so the clock cannot be moved here.
    (*shell, command) = page_timer(customer.namespace, UNIT)
    customer.namespace.run([*shell, f"{command} --force"])
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(WILDCARD_NAMES)
    assert customer.reloads() == ["reload nginx", "reload nginx"]


@pytest.mark.clients_all
def test_wildcard_alone(customer: Customer) -> None:
    page = customer.open_page("dehydrated", names=(f"*.{CUSTOMER_ZONE}",), challenge=Challenge.DNS_01)
    customer.follow(page, "register", "order", "check")
    assert names_of(customer.issued(CHAIN)) == {f"*.{CUSTOMER_ZONE}"}


def test_credentials_file_is_private(customer: Customer) -> None:
    page = customer.open_page("dehydrated")
    customer.paste(page.texts["dehydrated-credentials"])
    assert mode_of(customer.namespace.path(f"{HOME}/eab")) == "0o600"
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == {f"{HOME}/eab"}


@wrong_credentials
def test_wrong_credentials(customer: Customer, key_id: str, hmac_key: str) -> None:
    page = customer.open_page("dehydrated", key_id=key_id, hmac_key=hmac_key)
    done = customer.follow(page, "register", "order", check=False)
    assert done.returncode != 0
    assert "An error occurred while sending post-request" in done.stdout
    assert "(Status 403)" in done.stdout
    assert "urn:ietf:params:acme:error:unauthorized" in done.stdout
    assert not customer.namespace.path(CERTIFICATES).exists()


def test_credentials_that_are_not_there(customer: Customer) -> None:
    page = customer.open_page("dehydrated")
    customer.paste(page.texts["dehydrated-credentials"])
    customer.namespace.run(["rm", f"{HOME}/eab"])
    script = page.script("register").replace(page.texts["dehydrated-credentials"], "")
    done = customer.paste(script, check=False)
    assert done.returncode != 0
    assert "This CA requires an external account but no EAB_KID/EAB_HMAC_KEY has been configured" in done.stdout


def test_old_registration_is_dropped(customer: Customer) -> None:
    customer.follow(customer.open_page("dehydrated"), "register")
    second = customer.open_page("dehydrated", key_id=SECOND_KEY_ID)
    assert "Account already registered!" in customer.follow(second, "register").stdout

    customer.follow(second, "cached")
    assert "Registering account key with ACME server..." in customer.follow(second, "register").stdout
    assert len(registrations(customer)) == 2


def registrations(customer: Customer) -> set[bytes]:
    """The accounts that dehydrated registered, in use and moved away."""
    files = customer.namespace.changed_files()
    return {content for path, content in files.items() if path.endswith("/account_id.json")}


def test_stop_renewing(customer: Customer) -> None:
    page = customer.open_page("dehydrated", names=WILDCARD_NAMES, challenge=Challenge.DNS_01)
    customer.follow(page, "register", "renew", "remove")
    assert not customer.namespace.path(f"/etc/systemd/system/{UNIT}.timer").exists()
    assert customer.files_holding(customer.update_key.secret) == set()


def test_openssl_that_decodes_the_key_to_nothing(customer: Customer) -> None:
    """As an old LibreSSL does with text of more than 64 characters in one line."""
    put_old_openssl(customer.namespace)
    page = customer.open_page("dehydrated")
    assert customer.paste(page.texts["dehydrated-old-openssl"]).stdout.strip() == "0"
    assert customer.follow(page, "register", check=False).returncode != 0
    config = "/etc/dehydrated/caas/config"
    customer.paste(f"echo OPENSSL=/usr/bin/openssl >> {config}\n{page.texts['dehydrated-register']}")
