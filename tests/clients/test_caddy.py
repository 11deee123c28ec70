"""The Caddy page, run with the real Caddy, as its service runs it, against Pebble with EAB required."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from cryptography import x509

from tests.services import require_service
from tests.waiting import wait_for

from .customer import (
    KEY_ID,
    PLAIN_NAMES,
    SECOND_KEY_ID,
    Customer,
    Page,
    missing_tools,
    names_of,
    wrong_credentials,
)
from .dns import CUSTOMER_ZONE
from .namespace import Namespace
from .pebble import CREDENTIALS, LIFETIME
from .sandbox_ca import FOREIGN_NAME, SandboxCa
from .test_sandbox_acme import OTHER_KEY, OTHER_KEY_ID

pytestmark = pytest.mark.clients

SLUG = "caddy"
KEPT_KEY = "/etc/caddy/acme-eab.conf"
AUTOSAVE = "/var/lib/caddy/.config/caddy/autosave.json"
STORE = "/var/lib/caddy/.local/share/caddy"
LOG = "/var/log/caddy-service.log"

# As the package's unit does: its user, its one capability, its home, its command.
SERVICE = """
exec setpriv --reuid=caddy --regid=caddy --init-groups --inh-caps=+net_bind_service --ambient-caps=+net_bind_service \
    env HOME=/var/lib/caddy /usr/bin/caddy run --environ --config /etc/caddy/Caddyfile >>{log} 2>&1
"""


@pytest.fixture(autouse=True)
def caddy() -> None:
    missing = missing_tools("caddy", "setpriv", "runuser")
    require_service("caddy", not missing, f"not installed: {missing}")


def sit_down(namespace: Namespace, *, lifetime: dt.timedelta = LIFETIME, trusting: bool = True) -> Customer:
    """A customer whose CA cannot check by TLS-ALPN-01: what Caddy gets came by HTTP-01."""
    customer = Customer.sits_down(namespace, lifetime=lifetime, tls_alpn_port=444, trusting=trusting)
    customer.namespace.path("/var/www/html/index.html").write_text("Northwind\n")
    return customer


def begin(customer: Customer, page: Page) -> None:
    """The page's steps up to the order, then the service that the page reloads."""
    customer.follow(page, "register", "order")
    start_service(customer)


def start_service(customer: Customer) -> None:
    customer.namespace.popen(["sh", "-c", SERVICE.format(log=LOG)])


def log(customer: Customer) -> str:
    return customer.namespace.run(["cat", LOG], check=False).stdout


def issued(customer: Customer, name: str) -> x509.Certificate:
    wait_for(
        lambda: f"/{name}.crt" in certificates(customer), seconds=60, what=f"a certificate for {name}\n{log(customer)}"
    )
    (path,) = [path for path in certificates(customer).split() if path.endswith(f"/{name}/{name}.crt")]
    return customer.issued(path)


def certificates(customer: Customer) -> str:
    return customer.namespace.run(["find", f"{STORE}/certificates", "-name", "*.crt"], check=False).stdout


def served_serial(customer: Customer, page: Page) -> int:
    """The serial number that the page's check shows."""
    (serial,) = re.findall(r"^serial=([0-9A-F]+)$", customer.paste(page.texts["caddy-served"]).stdout, re.MULTILINE)
    return int(serial, 16)


def checked_often(page: Page) -> Page:
    """The same page with a Caddyfile that looks every second whether it is time to renew, not every ten minutes."""
    caddyfile = page.texts["caddy-caddyfile"]
    return replace(page, texts={**page.texts, "caddy-caddyfile": caddyfile.replace("{", "{\n\trenew_interval 1s", 1)})


@pytest.mark.parametrize("site", ["files", "proxy"])
def test_http_01(namespace: Namespace, site: str) -> None:
    customer = sit_down(namespace)
    page = customer.open_page(SLUG, options={"site": site})
    begin(customer, page)
    first = issued(customer, CUSTOMER_ZONE)
    assert names_of(first) == {CUSTOMER_ZONE}
    assert names_of(issued(customer, f"www.{CUSTOMER_ZONE}")) == {f"www.{CUSTOMER_ZONE}"}
    assert '"challenge":"http-01"' in log(customer)
    assert served_serial(customer, page) == first.serial_number
    assert customer.reloads() == ["reload caddy"]

    assert customer.files_holding(CREDENTIALS[KEY_ID]) == {KEPT_KEY, AUTOSAVE}
    owned = customer.namespace.run(["stat", "-c", "%U %G %a", KEPT_KEY, AUTOSAVE]).stdout.splitlines()
    assert owned == ["root caddy 640", "caddy caddy 600"]
    listed = customer.paste(page.texts["caddy-check"]).stdout
    assert f"DNS:{CUSTOMER_ZONE}" in listed
    assert listed.count("notAfter=") == 2


def test_site_serves_files_over_https(namespace: Namespace) -> None:
    customer = sit_down(namespace)
    begin(customer, customer.open_page(SLUG))
    issued(customer, CUSTOMER_ZONE)
    root = customer.namespace.directory / "root.pem"
    root.write_text(customer.ca.root_pem)
    said = customer.namespace.run(["curl", "-fsS", "--cacert", str(root), f"https://{CUSTOMER_ZONE}/"])
    assert said.stdout == "Northwind\n"


def test_renewal_without_a_reload(namespace: Namespace) -> None:
    customer = sit_down(namespace, lifetime=dt.timedelta(seconds=12))
    page = checked_often(customer.open_page(SLUG, names=(CUSTOMER_ZONE,)))
    begin(customer, page)
    first = issued(customer, CUSTOMER_ZONE).serial_number
    wait_for(lambda: served_serial(customer, page) != first, seconds=60, what="a renewed certificate in use")
    renewed = issued(customer, CUSTOMER_ZONE)
    assert renewed.serial_number != first
    assert names_of(renewed) == {CUSTOMER_ZONE}
    assert customer.reloads() == ["reload caddy"]


@wrong_credentials
def test_wrong_credentials(namespace: Namespace, key_id: str, hmac_key: str) -> None:
    customer = sit_down(namespace)
    begin(customer, customer.open_page(SLUG, key_id=key_id, hmac_key=hmac_key))
    wait_for(lambda: "could not get certificate from issuer" in log(customer), seconds=60, what="a refusal")
    assert "HTTP 403 urn:ietf:params:acme:error:unauthorized" in log(customer)
    assert not customer.namespace.path(f"{STORE}/certificates").exists()


def test_padded_key_is_refused_by_caddy_itself(namespace: Namespace) -> None:
    customer = sit_down(namespace)
    begin(customer, customer.open_page(SLUG, hmac_key=f"{CREDENTIALS[KEY_ID]}="))
    wait_for(lambda: "base64-decoding MAC key: illegal base64 data" in log(customer), seconds=60, what="a refusal")


def test_old_registration_is_dropped(namespace: Namespace) -> None:
    customer = sit_down(namespace)
    begin(customer, customer.open_page(SLUG))
    issued(customer, CUSTOMER_ZONE)
    first = registrations(customer)
    stop_service(customer)

    second = customer.open_page(SLUG, key_id=SECOND_KEY_ID)
    customer.follow(second, "register", "cached")
    customer.namespace.run(["rm", "-r", f"{STORE}/certificates"])
    start_service(customer)
    issued(customer, CUSTOMER_ZONE)
    both = registrations(customer)
    assert [path.startswith("/var/lib/caddy/replaced/") for path in sorted(both)] == [False, True]
    assert set(first.values()) < set(both.values())
    assert len(set(both.values())) == 2


def registrations(customer: Customer) -> dict[str, bytes]:
    """Caddy's registrations, in use and moved away, by path."""
    files = customer.namespace.changed_files()
    return {path: content for path, content in files.items() if path.endswith("/tls.json") and "/users/" in path}


def test_stop(namespace: Namespace) -> None:
    customer = sit_down(namespace)
    page = customer.open_page(SLUG)
    begin(customer, page)
    issued(customer, CUSTOMER_ZONE)
    stop_service(customer)
    customer.follow(page, "remove")
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == set()


def stop_service(customer: Customer) -> None:
    customer.namespace.run(["caddy", "stop"])


def test_sandbox_root(namespace: Namespace) -> None:
    customer = sit_down(namespace, trusting=False)
    page = customer.open_page(SLUG, trust=customer.offer_sandbox_root())
    customer.follow(page, "trust")
    begin(customer, page)
    assert names_of(issued(customer, CUSTOMER_ZONE)) == {CUSTOMER_ZONE}


def test_foreign_name_is_refused_as_the_page_says(sandbox: SandboxCa) -> None:
    customer = sandbox.customer()
    page = customer.open_page(SLUG, names=(*PLAIN_NAMES, FOREIGN_NAME))
    begin(customer, page)
    predicted = page.trap("A name outside your subscription")
    assert "rejectedIdentifier" in "".join(predicted)
    wait_for(lambda: "rejectedIdentifier" in log(customer), seconds=60, what=f"a refusal\n{log(customer)}")
    assert [words for words in predicted if words not in log(customer)] == []
    assert f'Not in the subscription of this account: "{FOREIGN_NAME}"' in log(customer).replace("\\", "")

    for name in PLAIN_NAMES:
        assert names_of(issued(customer, name)) == {name}
    assert FOREIGN_NAME not in certificates(customer)
    assert customer.paste(page.texts["caddy-check"]).stdout.count("notAfter=") == len(PLAIN_NAMES)


@pytest.mark.parametrize(("key_id", "hmac_key"), [(OTHER_KEY_ID, None), (None, OTHER_KEY)], ids=["key-id", "hmac-key"])
def test_sectigo_refuses_wrong_credentials_as_the_page_says(
    sandbox: SandboxCa, key_id: str | None, hmac_key: str | None
) -> None:
    customer = sandbox.customer()
    page = customer.open_page(SLUG, key_id=key_id, hmac_key=hmac_key)
    begin(customer, page)
    wait_for(lambda: "[External Account Binding]" in log(customer), seconds=60, what=f"a refusal\n{log(customer)}")
    assert [words for words in page.trap("A wrong EAB key ID or HMAC key") if words not in log(customer)] == []
