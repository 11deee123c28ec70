"""The acme.sh page, run with the real acme.sh against Pebble with EAB required."""

import pytest

from subscriptions.recipes import Challenge
from tests.services import require_service

from .customer import (
    EMAIL,
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
from .namespace import Namespace
from .pebble import CREDENTIALS
from .renewals import LATER, acme_sh_cron
from .sandbox_ca import FOREIGN_NAME, SandboxCa
from .versions import DEBIAN_OR_SID, use_acme_sh_from_sid

pytestmark = pytest.mark.clients

CHAIN = f"/etc/ssl/{CUSTOMER_ZONE}.pem"
KEPT_KEY = "/root/.acme.sh/ca/acme.test/dir/ca.conf"


@pytest.fixture(autouse=True)
def acme_sh() -> None:
    missing = missing_tools("acme.sh", "socat", "crontab", "nsupdate", "faketime")
    require_service("acme.sh", not missing, f"not installed: {missing}")


@pytest.fixture(params=DEBIAN_OR_SID)
def version(request: pytest.FixtureRequest, namespace: Namespace) -> str:
    """Which `acme.sh` it is."""
    version: str = request.param
    if version == "sid":
        use_acme_sh_from_sid(namespace)
    return version


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize("http_mode", ["standalone", "webroot"])
def test_http_01(customer: Customer, http_mode: str) -> None:
    if http_mode == "webroot":
        customer.serve_document_root()
    page = customer.open_page("acme-sh", options={"http_mode": http_mode})
    customer.follow(page, "register", "order", "renew")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx"]
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == {KEPT_KEY}
    assert mode_of(customer.namespace.path("/root/.acme.sh")) == "0o700"

    assert "Le_NextRenewTimeStr=" in customer.follow(page, "check").stdout
    key = f"/etc/ssl/{CUSTOMER_ZONE}.key"
    assert customer.served_serial(page, chain=CHAIN, key=key) == first.serial_number

    command = acme_sh_cron(customer.namespace)
    assert "Skipping. Next renewal time is" in customer.namespace.run(command).stdout
    customer.namespace.run([*LATER, *command])
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx", "reload nginx"]


@pytest.mark.usefixtures("version")
def test_dns_01_wildcard(customer: Customer) -> None:
    page = customer.open_page("acme-sh", names=WILDCARD_NAMES, challenge=Challenge.DNS_01)
    customer.follow(page, "register", "order", "renew")
    first = customer.issued(CHAIN)
    assert names_of(first) == set(WILDCARD_NAMES)
    assert mode_of(customer.namespace.path("/root/.acme.sh/nsupdate.key")) == "0o600"

    # Update keys are time-checked, so the clock cannot be moved here. The DNS login comes from acme.sh's own memory.
    *shell, command = acme_sh_cron(customer.namespace)
    customer.namespace.run([*shell, f"{command} --force"])
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(WILDCARD_NAMES)


@pytest.mark.usefixtures("version")
@wrong_credentials
def test_wrong_credentials(customer: Customer, key_id: str, hmac_key: str) -> None:
    page = customer.open_page("acme-sh", key_id=key_id, hmac_key=hmac_key)
    done = customer.follow(page, "register", "order", check=False)
    assert done.returncode != 0
    assert "Account registration error" in done.stdout
    assert not customer.namespace.path(CHAIN).exists()


def test_old_registration_is_dropped(customer: Customer) -> None:
    customer.follow(customer.open_page("acme-sh"), "register")
    second = customer.open_page("acme-sh", key_id=SECOND_KEY_ID)
    assert "Already registered" in customer.follow(second, "register").stdout
    customer.follow(second, "cached")
    registered = customer.follow(second, "register").stdout
    assert "Already registered" not in registered
    assert "Registered" in registered


def test_stop_renewing(customer: Customer) -> None:
    page = customer.open_page("acme-sh", options={"http_mode": "standalone"})
    customer.follow(page, "register", "order", "remove")
    assert customer.namespace.run(["acme.sh", "--list"]).stdout.count(CUSTOMER_ZONE) == 0


def first_line_with(customer: Customer, words: str, command: str) -> str:
    """The first line of what a command says that holds these words; the command is not waited for."""
    return customer.paste(f"grep --max-count=1 --fixed-strings '{words}' < <({command} 2>&1)").stdout


@pytest.mark.usefixtures("version")
def test_another_ca_without_server(customer: Customer) -> None:
    server, default_ca, said, _ = customer.open_page("acme-sh").trap("Without --server acme.sh talks to ZeroSSL")
    register = f"acme.sh --register-account -m {EMAIL}"
    assert "https://acme.zerossl.com/" in first_line_with(customer, "Cannot init API", register)

    make_default = f"acme.sh {default_ca} {server} {customer.binding.directory_url}"
    customer.namespace.run(["rm", "-rf", "/root/.acme.sh"])
    assert said in customer.paste(make_default).stdout
    assert "https://acme.zerossl.com/" in first_line_with(customer, "Cannot init API", register)

    customer.paste(f"mkdir -p /root/.acme.sh\n{make_default}")
    assert customer.binding.directory_url in first_line_with(customer, "Registering account", register)


@pytest.mark.usefixtures("version")
def test_refused_first_order_is_reported_by_each_cron_run(sandbox: SandboxCa) -> None:
    customer = sandbox.customer()
    page = customer.open_page("acme-sh", names=(*PLAIN_NAMES, FOREIGN_NAME), options={"http_mode": "standalone"})
    customer.follow(page, "register", "order", check=False)
    said, remove = page.trap("A refused first order")
    assert said in customer.paste("acme.sh --cron").stdout
    customer.paste(remove.replace("NAME", PLAIN_NAMES[0]))
    assert said not in customer.paste("acme.sh --cron").stdout


def test_openssl_that_decodes_the_key_to_nothing(customer: Customer) -> None:
    """As an old LibreSSL does with text of more than 64 characters in one line."""
    page = customer.open_page("acme-sh", hmac_key="A" * 86)
    check = page.texts["acme-sh-old-openssl"]
    assert customer.paste(check).stdout.strip() == "66"
    put_old_openssl(customer.namespace)
    assert customer.paste(check).stdout.strip() == "0"
    said = customer.follow(page, "register", check=False)
    assert "Usage: _hmac hashalg secret [outputhex]" in said.stdout + said.stderr
    good = customer.open_page("acme-sh")
    customer.paste(f"export ACME_OPENSSL_BIN=/usr/bin/openssl\n{good.script('register')}")
