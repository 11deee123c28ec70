"""The HAProxy page, run on demand with HAProxy 3.4 against Pebble with EAB required."""

import re
import shlex
from pathlib import Path

import pytest

from subscriptions.recipes import recipe_by_slug
from tests.services import require_service
from tests.waiting import wait_for

from .customer import (
    KEY_ID,
    PLAIN_NAMES,
    SECOND_KEY_ID,
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
from .sandbox_ca import FOREIGN_NAME, SandboxCa
from .test_sandbox_acme import OTHER_KEY, OTHER_KEY_ID

pytestmark = pytest.mark.clients_all

SLUG = "haproxy"
PEM = f"/etc/haproxy/{CUSTOMER_ZONE}.pem"
KEPT_KEY = "/etc/haproxy/eab.mac"
UNIT = "/etc/systemd/system/caas-haproxy"
LOG = "/var/log/haproxy-service.log"
(RUN,) = recipe_by_slug(SLUG).ran_by_tests
UNPACKED = Path(f"/opt/clients/haproxy-{RUN.version}")

# HAProxy with the libraries it was built with, which may be newer than this machine's.
_HAPROXY = """#!/bin/sh
exec {root}/usr/lib64/ld-linux-x86-64.so.2 --library-path {root}/usr/lib/x86_64-linux-gnu {root}/usr/sbin/haproxy "$@"
"""

# The stand-in for the service manager notes what it was asked, and starts HAProxy anew.
_SYSTEMCTL = """#!/bin/sh
echo "$@" >> /var/log/systemctl.log
if [ "$*" = "restart haproxy" ]; then
    if [ -e /run/haproxy/pid ]; then kill "$(cat /run/haproxy/pid)"; fi
    setsid haproxy -db -f /etc/haproxy/haproxy.cfg >> {log} 2>&1 &
    echo $! > /run/haproxy/pid
fi
"""


@pytest.fixture(autouse=True)
def haproxy() -> None:
    require_service(f"HAProxy {RUN.version}", UNPACKED.exists(), "not unpacked: run .ci/install-haproxy")
    missing = missing_tools("socat")
    require_service("socat", not missing, f"not installed: {missing}")


def furnish(customer: Customer) -> Customer:
    """Gives the customer what the package brings: the program, its user and its directories."""
    tools = customer.namespace.directory / "tools"
    (tools / "haproxy").write_text(_HAPROXY.format(root=UNPACKED))
    (tools / "haproxy").chmod(0o755)
    (tools / "systemctl").write_text(_SYSTEMCTL.format(log=LOG))
    prepare = "rm -rf /etc/haproxy; mkdir /etc/haproxy; mount -t tmpfs tmpfs /run; mkdir /run/haproxy"
    user = "id haproxy >/dev/null 2>&1 || useradd --system haproxy"
    customer.namespace.run(["sh", "-c", f"{prepare}; {user}"])
    return customer


def ordering(customer: Customer, page: Page) -> None:
    customer.follow(page, "register", "order")
    wait_for(
        customer.namespace.path("/run/haproxy/admin.sock").exists, seconds=60, what=f"HAProxy's start\n{log(customer)}"
    )


def log(customer: Customer) -> str:
    return customer.namespace.run(["cat", LOG], check=False).stdout


def served_serial(customer: Customer, page: Page) -> str:
    """The serial number that the page's check shows; of HAProxy's temporary certificate until there is a real one."""
    said = customer.paste(page.texts[f"{SLUG}-served"], check=False).stdout
    return "".join(re.findall(r"^serial=([0-9A-F]+)$", said, re.MULTILINE))


def scheduled(customer: Customer, page: Page) -> bool:
    """Whether the order is done and the next one is planned, as the page's check shows."""
    return "Scheduled" in customer.paste(page.texts[f"{SLUG}-check"]).stdout


def write_to_the_disk(customer: Customer) -> None:
    """What the page's timer runs, with the script of the version unpacked."""
    unit = customer.namespace.path(f"{UNIT}.service").read_text()
    (line,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    program, *arguments = shlex.split(line.removeprefix("ExecStart="))
    customer.namespace.run(["sh", "-c", f"umask 077; {shlex.join([f'{UNPACKED}{program}', *arguments])}"])


def test_issue_keep_and_renew(namespace: Namespace) -> None:
    customer = furnish(Customer.sits_down(namespace))
    page = customer.open_page(SLUG)
    ordering(customer, page)
    customer.follow(page, "renew")
    wait_for(lambda: scheduled(customer, page), seconds=60, what=f"a certificate\n{log(customer)}")
    write_to_the_disk(customer)
    first = customer.issued(PEM)
    assert names_of(first) == set(PLAIN_NAMES)
    assert int(served_serial(customer, page), 16) == first.serial_number
    assert mode_of(namespace.path(PEM)) == "0o600"
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == {KEPT_KEY}
    assert mode_of(namespace.path(KEPT_KEY)) == "0o600"

    customer.paste(page.texts[f"{SLUG}-force"])
    wait_for(
        lambda: int(served_serial(customer, page), 16) != first.serial_number,
        seconds=60,
        what="a new certificate in use",
    )
    write_to_the_disk(customer)
    renewed = customer.issued(PEM)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(PLAIN_NAMES)

    namespace.run(["systemctl", "restart", "haproxy"])
    wait_for(lambda: served_serial(customer, page) != "", seconds=60, what="HAProxy after its restart")
    assert int(served_serial(customer, page), 16) == renewed.serial_number


@wrong_credentials
def test_wrong_credentials(namespace: Namespace, key_id: str, hmac_key: str) -> None:
    customer = furnish(Customer.sits_down(namespace))
    page = customer.open_page(SLUG, key_id=key_id, hmac_key=hmac_key)
    ordering(customer, page)
    wait_for(
        lambda: "urn:ietf:params:acme:error:unauthorized" in log(customer),
        seconds=60,
        what=f"a refusal\n{log(customer)}",
    )
    assert "invalid HTTP status code 403 when getting Account URL" in log(customer)
    assert not scheduled(customer, page)


def test_plain_base64_keeps_haproxy_from_starting(namespace: Namespace) -> None:
    customer = furnish(Customer.sits_down(namespace))
    page = customer.open_page(SLUG, hmac_key="ab+/")
    done = customer.follow(page, "register", "order", check=False)
    assert done.returncode != 0
    assert "failed to base64url decode EAB MAC key" in done.stdout


def test_old_registration_is_dropped(namespace: Namespace) -> None:
    customer = furnish(Customer.sits_down(namespace))
    ordering(customer, customer.open_page(SLUG))
    page = customer.open_page(SLUG, key_id=SECOND_KEY_ID)
    wait_for(lambda: scheduled(customer, page), seconds=60, what=f"a certificate\n{log(customer)}")
    customer.follow(page, "register", "cached")
    key = "/etc/haproxy/sectigo.account.key"
    wait_for(namespace.path(key).exists, seconds=60, what="a new registration")
    replaced = [path for path in customer.namespace.changed_files() if path.startswith(f"{key}-replaced-")]
    assert len(replaced) == 1
    assert namespace.path(key).read_bytes() != namespace.path(replaced[0]).read_bytes()


def test_timer_is_one_that_systemd_takes(namespace: Namespace) -> None:
    missing = missing_tools("systemd-analyze")
    require_service("systemd-analyze", not missing, f"not installed: {missing}")
    customer = furnish(Customer.sits_down(namespace))
    customer.follow(customer.open_page(SLUG), "renew")
    said = namespace.run(["systemd-analyze", "verify", f"{UNIT}.service", f"{UNIT}.timer"], check=False).stdout
    complaints = [line for line in said.splitlines() if "caas-haproxy" in line and "haproxy-dump-certs" not in line]
    assert complaints == []


def test_sandbox_root(namespace: Namespace) -> None:
    customer = furnish(Customer.sits_down(namespace, trusting=False))
    page = customer.open_page(SLUG, trust=customer.offer_sandbox_root())
    customer.follow(page, "trust")
    ordering(customer, page)
    wait_for(lambda: scheduled(customer, page), seconds=60, what=f"a certificate\n{log(customer)}")


def test_foreign_name_is_refused_as_the_page_says(sandbox: SandboxCa) -> None:
    customer = furnish(sandbox.customer())
    page = customer.open_page(SLUG, names=(*PLAIN_NAMES, FOREIGN_NAME))
    ordering(customer, page)
    wait_for(lambda: "rejectedIdentifier" in log(customer), seconds=60, what=f"a refusal\n{log(customer)}")
    assert [words for words in page.trap("A name outside your subscription") if words not in log(customer)] == []
    assert sandbox.last_serials(customer.binding) == {}


@pytest.mark.parametrize(("key_id", "hmac_key"), [(OTHER_KEY_ID, None), (None, OTHER_KEY)], ids=["key-id", "hmac-key"])
def test_sectigo_refuses_wrong_credentials_as_the_page_says(
    sandbox: SandboxCa, key_id: str | None, hmac_key: str | None
) -> None:
    customer = furnish(sandbox.customer())
    page = customer.open_page(SLUG, key_id=key_id, hmac_key=hmac_key)
    ordering(customer, page)
    wait_for(lambda: "[External Account Binding]" in log(customer), seconds=60, what=f"a refusal\n{log(customer)}")
    assert [words for words in page.trap("A wrong EAB key ID or HMAC key") if words not in log(customer)] == []
