"""The lego page for lego 4, run with the real lego against Pebble with EAB required."""

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
from .namespace import Namespace
from .pebble import CREDENTIALS
from .renewals import lego_made_due, lego_timer
from .versions import DEBIAN_OR_SID, use_lego_from_sid

pytestmark = pytest.mark.clients

UNIT = "/etc/systemd/system/lego-caas"
KEPT_KEY = "/etc/lego/lego.env"
CHAIN = f"/etc/lego/certificates/{CUSTOMER_ZONE}.crt"
REGISTRATION_REFUSED = "Could not complete registration"


@pytest.fixture(autouse=True)
def lego() -> None:
    missing = missing_tools("lego")
    require_service("lego", not missing, f"not installed: {missing}")


@pytest.fixture(params=DEBIAN_OR_SID)
def version(request: pytest.FixtureRequest, namespace: Namespace) -> str:
    """Which `lego` it is."""
    version: str = request.param
    if version == "sid":
        use_lego_from_sid(namespace)
    return version


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize("http_mode", ["standalone", "webroot"])
def test_http_01(customer: Customer, http_mode: str) -> None:
    if http_mode == "webroot":
        customer.serve_document_root()
    page = customer.open_page("lego", options={"http_mode": http_mode})
    customer.follow(page, "register", "order", "renew")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(PLAIN_NAMES)
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == {KEPT_KEY}
    assert mode_of(customer.namespace.path(KEPT_KEY)) == "0o600"

    checked = customer.follow(page, "check").stdout
    assert f"Certificate Name: {CUSTOMER_ZONE}" in checked
    assert "notAfter=" in checked
    key = f"/etc/lego/certificates/{CUSTOMER_ZONE}.key"
    assert customer.served_serial(page, chain=CHAIN, key=key) == first.serial_number

    customer.namespace.run(lego_made_due(lego_timer(customer.namespace)))
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx"]


def test_timer_is_one_that_systemd_takes(customer: Customer) -> None:
    missing = missing_tools("systemd-analyze")
    require_service("systemd-analyze", not missing, f"not installed: {missing}")
    customer.follow(customer.open_page("lego"), "register", "renew")
    said = customer.namespace.run(["systemd-analyze", "verify", f"{UNIT}.service", f"{UNIT}.timer"]).stdout
    assert "lego-caas" not in said


@pytest.mark.usefixtures("version")
def test_dns_01_wildcard(customer: Customer) -> None:
    page = customer.open_page("lego", names=WILDCARD_NAMES, challenge=Challenge.DNS_01)
    customer.follow(page, "register", "order", "renew")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(WILDCARD_NAMES)
    assert mode_of(customer.namespace.path("/etc/lego/dns.env")) == "0o600"

    customer.namespace.run(lego_made_due(lego_timer(customer.namespace)), env={"RFC2136_SEQUENCE_INTERVAL": "1"})
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(WILDCARD_NAMES)


@pytest.mark.usefixtures("version")
@wrong_credentials
def test_wrong_credentials(customer: Customer, key_id: str, hmac_key: str) -> None:
    page = customer.open_page("lego", key_id=key_id, hmac_key=hmac_key)
    done = customer.follow(page, "register", "order", check=False)
    assert done.returncode != 0
    assert REGISTRATION_REFUSED in done.stdout
    assert not customer.namespace.path(CHAIN).exists()


@pytest.mark.usefixtures("version")
def test_renewal_without_the_credentials_does_nothing(customer: Customer) -> None:
    # The commonest broken cron line: lego 4 wants them at every call. The page says so, and its script carries them.
    page = customer.open_page("lego", options={"http_mode": "standalone"})
    customer.follow(page, "register", "order")
    first = customer.issued(CHAIN)
    script = page.texts["lego-script"].replace('--eab --kid "$LEGO_EAB_KID" --hmac "$LEGO_EAB_HMAC"', "")
    customer.paste(script)
    done = customer.namespace.run(["/etc/lego/lego-caas", "renew", "--days", "100"], check=False)
    assert done.returncode != 0
    *_, said = page.trap("Every call against this ACME server")
    assert said in done.stdout
    assert customer.issued(CHAIN).serial_number == first.serial_number


def test_old_registration_is_dropped(customer: Customer) -> None:
    customer.follow(customer.open_page("lego", options={"http_mode": "standalone"}), "register", "order")
    second = customer.open_page("lego", key_id=SECOND_KEY_ID, options={"http_mode": "standalone"})
    first = registrations(customer)
    customer.follow(second, "cached")
    customer.follow(second, "register", "order")
    both = registrations(customer)
    assert [path.startswith("/etc/lego/accounts-replaced-") for path in sorted(both)] == [True, False]
    assert len(set(both.values())) == 2
    assert set(first.values()) < set(both.values())


def registrations(customer: Customer) -> dict[str, bytes]:
    """lego's registrations, in use and moved away, by path."""
    files = customer.namespace.changed_files()
    return {path: content for path, content in files.items() if path.endswith("/account.json")}


def test_stop_renewing(customer: Customer) -> None:
    page = customer.open_page("lego")
    customer.follow(page, "register", "renew", "remove")
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == set()
