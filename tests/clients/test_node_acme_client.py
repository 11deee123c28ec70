"""The page of acme-client for Node.js, its script run with the real library against Pebble with EAB required."""

from pathlib import Path

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
from .pebble import CREDENTIALS
from .renewals import LATER, complaints_of_systemd, page_timer

pytestmark = pytest.mark.clients

LIBRARY = "/opt/node-acme-client/node_modules/acme-client"
HOME = "/etc/node-acme-client"
CHAIN = f"{HOME}/fullchain.pem"
KEY = f"{HOME}/privkey.pem"
UNIT = "node-acme-client"
NOT_DUE = "The certificate is not due yet"


@pytest.fixture(autouse=True)
def node_acme_client() -> None:
    missing = missing_tools("node", "faketime", "nsupdate", LIBRARY)
    require_service("acme-client for Node.js", not missing, f"not installed: {missing}")


@pytest.mark.parametrize("http_mode", ["standalone", "webroot"])
def test_http_01(customer: Customer, http_mode: str) -> None:
    if http_mode == "webroot":
        customer.serve_document_root()
    page = customer.open_page("node-acme-client", options={"http_mode": http_mode})
    customer.follow(page, "register", "order", "renew")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx"]
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == set()
    assert {mode_of(customer.namespace.path(path)) for path in (KEY, f"{HOME}/account.json")} == {"0o600"}

    assert complaints_of_systemd(customer.namespace, UNIT) == []
    assert "notAfter=" in customer.paste(page.texts["node-acme-client-check"]).stdout
    assert customer.served_serial(page, chain=CHAIN, key=KEY) == first.serial_number

    command = page_timer(customer.namespace, UNIT)
    assert NOT_DUE in customer.namespace.run(command).stdout
    customer.namespace.run([*LATER, *command])
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx", "reload nginx"]


def test_dns_01_wildcard(customer: Customer) -> None:
    page = customer.open_page("node-acme-client", names=WILDCARD_NAMES, challenge=Challenge.DNS_01)
    customer.follow(page, "register", "order", "renew")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(WILDCARD_NAMES)
    assert mode_of(customer.namespace.path(f"{HOME}/nsupdate.key")) == "0o600"

    # Update keys are time-checked, so the clock cannot be moved here; the part of the lifetime is.
    customer.paste("sed -i 's#partLeft = 1 / 3#partLeft = 1#' /opt/node-acme-client/caas.mjs")
    customer.namespace.run(page_timer(customer.namespace, UNIT))
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(WILDCARD_NAMES)


def test_key_is_in_the_file_of_values_only(customer: Customer) -> None:
    page = customer.open_page("node-acme-client", options={"http_mode": "standalone"})
    customer.paste(f"{page.script('register', 'order').removesuffix(page.texts['node-acme-client-forget'])}")
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == {f"{HOME}/caas.env"}
    assert mode_of(customer.namespace.path(f"{HOME}/caas.env")) == "0o600"


@wrong_credentials
def test_wrong_credentials(customer: Customer, key_id: str, hmac_key: str) -> None:
    page = customer.open_page("node-acme-client", key_id=key_id, hmac_key=hmac_key)
    done = customer.follow(page, "register", "order", check=False)
    assert done.returncode != 0
    assert "createAccount" in done.stdout
    assert "external account binding" in done.stdout or "not known to the ACME server" in done.stdout
    left = {path for path in customer.namespace.changed_files() if path.startswith(f"{HOME}/")}
    assert left == {f"{HOME}/caas.env"}


def test_other_names_are_ordered_at_once(customer: Customer) -> None:
    customer.follow(customer.open_page("node-acme-client", options={"http_mode": "standalone"}), "register", "order")
    fewer = customer.open_page("node-acme-client", names=PLAIN_NAMES[:1], options={"http_mode": "standalone"})
    assert NOT_DUE not in customer.follow(fewer, "register", "order").stdout
    assert names_of(customer.issued(CHAIN)) == set(PLAIN_NAMES[:1])


def test_old_registration_is_dropped(customer: Customer) -> None:
    customer.follow(customer.open_page("node-acme-client", options={"http_mode": "standalone"}), "register", "order")
    second = customer.open_page("node-acme-client", key_id=SECOND_KEY_ID, options={"http_mode": "standalone"})
    assert NOT_DUE in customer.follow(second, "register", "order").stdout
    customer.follow(second, "cached")
    customer.namespace.run(["rm", CHAIN])
    customer.follow(second, "register", "order")
    assert names_of(customer.issued(CHAIN)) == set(PLAIN_NAMES)
    assert len(registrations(customer)) == 2


def registrations(customer: Customer) -> set[bytes]:
    """The accounts that the script registered, in use and moved away."""
    files = customer.namespace.changed_files()
    return {content for path, content in files.items() if path.startswith(f"{HOME}/account")}


def test_stop_renewing(customer: Customer) -> None:
    page = customer.open_page("node-acme-client", options={"http_mode": "standalone"})
    customer.follow(page, "register", "order", "renew", "remove")
    assert not customer.namespace.path(f"/etc/systemd/system/{UNIT}.timer").exists()
    assert not customer.namespace.path("/opt/node-acme-client").exists()
    assert Path(LIBRARY).is_dir(), "removed from the real machine"
