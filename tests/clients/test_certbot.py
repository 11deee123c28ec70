"""The certbot page, run with the real certbot against Pebble with EAB required."""

import pytest

from subscriptions.recipes import Challenge, SandboxTrust
from tests.services import require_service

from .customer import (
    EMAIL,
    KEY_ID,
    PLAIN_NAMES,
    SECOND_KEY_ID,
    WILDCARD_NAMES,
    Customer,
    Page,
    missing_tools,
    mode_of,
    names_of,
    wrong_credentials,
)
from .dns import CUSTOMER_ZONE
from .namespace import Namespace
from .pebble import CREDENTIALS
from .renewals import LATER, certbot_timer
from .sandbox_ca import SandboxCa
from .versions import use_certbot_from_pypi

pytestmark = pytest.mark.clients

LIVE = f"/etc/letsencrypt/live/{CUSTOMER_ZONE}"
CHAIN = f"{LIVE}/fullchain.pem"
REGISTRATION_REFUSED = "Unable to register an account with ACME server"


@pytest.fixture(autouse=True)
def certbot() -> None:
    missing = missing_tools("certbot", "faketime")
    require_service("certbot", not missing, f"not installed: {missing}")


@pytest.fixture(params=["debian", "pypi"])
def source(request: pytest.FixtureRequest, namespace: Namespace) -> str:
    """Where `certbot` comes from."""
    source: str = request.param
    if source == "pypi":
        use_certbot_from_pypi(namespace)
    return source


def renewal(source: str, page: Page, *flags: str) -> list[str]:
    """What renews by itself: the package's timer, or the page's line for /etc/crontab without its random sleep."""
    if source == "debian":
        return [*certbot_timer(), *flags]
    *_, user, command = page.texts["certbot-cron"].split(maxsplit=6)
    assert user == "root"
    return ["sh", "-c", " ".join([command, "--no-random-sleep-on-renew", *flags])]


@pytest.mark.parametrize("http_mode", ["standalone", "webroot"])
def test_http_01(customer: Customer, source: str, http_mode: str) -> None:
    if http_mode == "webroot":
        customer.serve_document_root()
    page = customer.open_page("certbot", options={"http_mode": http_mode})
    customer.follow(page, "register", "order", "renew")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx"]
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == set()

    checked = customer.follow(page, "check").stdout
    assert f"Certificate Name: {CUSTOMER_ZONE}" in checked
    assert "Account details for server https://acme.test:14000/dir" in checked
    assert customer.served_serial(page, chain=CHAIN, key=f"{LIVE}/privkey.pem") == first.serial_number

    command = renewal(source, page)
    customer.namespace.run(command)
    assert customer.issued(CHAIN).serial_number == first.serial_number, "renewed before it was due"
    customer.namespace.run([*LATER, *command])
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx", "reload nginx"]


def test_dns_01_wildcard(customer: Customer, source: str) -> None:
    page = customer.open_page("certbot", names=WILDCARD_NAMES, challenge=Challenge.DNS_01)
    customer.follow(page, "register", "order")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(WILDCARD_NAMES)
    assert mode_of(customer.namespace.path("/etc/letsencrypt/rfc2136.ini")) == "0o600"

    # Update keys are time-checked, so the clock cannot be moved here.
    customer.namespace.run(renewal(source, page, "--force-renewal"))
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(WILDCARD_NAMES)


def test_cron_line_trusts_the_sandbox(namespace: Namespace) -> None:
    # certbot from PyPI has its own list of CAs, and cron has none of the variables that the page exports.
    use_certbot_from_pypi(namespace, trusting=False)
    customer = Customer.sits_down(namespace, trusting=False)
    trust = SandboxTrust(ca_url=customer.ca.https_ca.as_uri())
    page = customer.open_page("certbot", options={"http_mode": "standalone"}, trust=trust)
    customer.follow(page, "trust", "register", "order")
    first = customer.issued(CHAIN)
    namespace.run([*LATER, *renewal("pypi", page)])
    assert customer.issued(CHAIN).serial_number != first.serial_number


def test_credentials_file_is_private(customer: Customer) -> None:
    page = customer.open_page("certbot")
    customer.paste(page.texts["certbot-credentials"])
    assert mode_of(customer.namespace.path("/etc/letsencrypt/eab.ini")) == "0o600"
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == {"/etc/letsencrypt/eab.ini"}


@wrong_credentials
def test_wrong_credentials(customer: Customer, source: str, key_id: str, hmac_key: str) -> None:
    page = customer.open_page("certbot", key_id=key_id, hmac_key=hmac_key)
    done = customer.follow(page, "register", "order", check=False)
    assert done.returncode != 0
    assert REGISTRATION_REFUSED in done.stdout
    assert not customer.namespace.path(LIVE).exists()


def test_old_registration_is_dropped(customer: Customer) -> None:
    customer.follow(customer.open_page("certbot"), "register")
    second = customer.open_page("certbot", key_id=SECOND_KEY_ID, options={"http_mode": "standalone"})
    refused = customer.follow(second, "register", check=False)
    assert refused.returncode != 0
    assert "There is an existing account" in refused.stdout

    customer.follow(second, "cached")
    customer.follow(second, "register", "order")
    assert names_of(customer.issued(CHAIN)) == set(PLAIN_NAMES)


@pytest.mark.usefixtures("source")
def test_later_credentials_do_not_matter(customer: Customer) -> None:
    page = customer.open_page("certbot", options={"http_mode": "standalone"})
    customer.follow(page, "register")
    customer.paste(f"{page.texts['certbot-order']} --eab-kid=unknown --eab-hmac-key=unknown")
    assert names_of(customer.issued(CHAIN)) == set(PLAIN_NAMES)


def test_stop_renewing(customer: Customer) -> None:
    page = customer.open_page("certbot", options={"http_mode": "standalone"})
    customer.follow(page, "register", "order")
    customer.paste(f"{page.texts['certbot-remove']} --non-interactive")
    assert not customer.namespace.path(f"/etc/letsencrypt/renewal/{CUSTOMER_ZONE}.conf").exists()


@pytest.mark.usefixtures("source")
def test_dry_run_leaves_for_another_ca(sandbox: SandboxCa) -> None:
    customer = sandbox.customer()
    page = customer.open_page("certbot", options={"http_mode": "standalone"})
    customer.follow(page, "register", "order")
    kept = customer.issued(CHAIN).serial_number
    dry_run, _, server = page.trap("certbot renew --dry-run")
    dry_run = f"{dry_run} --no-random-sleep-on-renew"  # nobody sits at a terminal here

    lost = customer.paste(dry_run, check=False)
    assert lost.returncode != 0
    assert "letsencrypt.org" in lost.stdout
    assert set(sandbox.last_serials(customer.binding).values()) == {kept}

    customer.paste(f"{dry_run} {server}")
    assert customer.issued(CHAIN).serial_number == kept
    assert kept not in sandbox.last_serials(customer.binding).values(), "no real certificate was issued"


@pytest.mark.usefixtures("source")
def test_key_given_as_a_flag_stays_in_the_log(customer: Customer) -> None:
    flag, log = customer.open_page("certbot").trap("An EAB HMAC key given as a flag")
    customer.paste(
        f"certbot register --server {customer.binding.directory_url} --non-interactive --agree-tos -m {EMAIL}"
        f" --eab-kid={customer.binding.key_id} {flag}={customer.binding.hmac_key}"
    )
    assert customer.files_holding(customer.binding.hmac_key) == {f"/var/log/letsencrypt/{log}"}
