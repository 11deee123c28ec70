"""The page for Apache with mod_md, run with the real Apache against Pebble with EAB required."""

import datetime as dt
import json
import re
import shlex

import pytest
from cryptography import x509

from subscriptions.recipes import Challenge
from tests.services import require_service
from tests.waiting import wait_for

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
from .pebble import CREDENTIALS, LIFETIME
from .sandbox_ca import FOREIGN_NAME, SandboxCa
from .test_sandbox_acme import OTHER_KEY, OTHER_KEY_ID

pytestmark = pytest.mark.clients

SLUG = "apache-mod-md"
KEPT_KEY = "/etc/apache2/md-eab.json"
STORE = "/etc/apache2/md"
UNIT = "/etc/systemd/system/caas-apache"
LOG = "/var/log/apache2/error.log"

# The stand-in for the service manager notes what it was asked, and starts or stops Apache as the package's unit does.
_SYSTEMCTL = """#!/bin/sh
echo "$@" >> /var/log/systemctl.log
case "$*" in
  "restart apache2") apachectl restart ;;
  "reload apache2") apachectl graceful ;;
esac
"""


@pytest.fixture(autouse=True)
def apache() -> None:
    missing = missing_tools("apache2", "apachectl", "a2enmod", "nsupdate")
    require_service("apache2", not missing, f"not installed: {missing}")


def sit_down(namespace: Namespace, *, lifetime: dt.timedelta = LIFETIME, trusting: bool = True) -> Customer:
    """A customer of Pebble with a fresh Apache."""
    return furnish(Customer.sits_down(namespace, lifetime=lifetime, trusting=trusting))


def furnish(customer: Customer) -> Customer:
    """Gives the customer a fresh Apache, which `systemctl` starts."""
    # The process id of another test's Apache would mislead this one.
    customer.namespace.run(["sh", "-c", "mount -t tmpfs tmpfs /run && mkdir /run/lock"])
    (customer.namespace.directory / "tools" / "systemctl").write_text(_SYSTEMCTL)
    customer.namespace.run(["a2enmod", "md", "ssl"])
    return customer


def begin(customer: Customer, page: Page) -> None:
    """The page's steps up to its last block of the order, which waits for a certificate."""
    before_waiting = page.script("order").removesuffix(page.texts[f"{SLUG}-activate"])
    customer.paste(f"{page.script('register')}\n{before_waiting}")


def issued(customer: Customer, name: str) -> x509.Certificate:
    """The certificate in use, once the reload that the page ends with has taken it."""
    path = f"{STORE}/domains/{name}/pubcert.secp256r1.pem"
    wait_for(customer.namespace.path(path).exists, seconds=60, what=f"a certificate for {name}\n{log(customer)}")
    return customer.issued(path)


def log(customer: Customer) -> str:
    return customer.namespace.run(["cat", LOG], check=False).stdout


def staged(customer: Customer, name: str) -> bool:
    """Whether a certificate waits for a reload."""
    job = customer.namespace.path(f"{STORE}/staging/{name}/job.json")
    return job.exists() and json.loads(job.read_text()).get("finished", False)


def served_serial(customer: Customer, page: Page) -> int:
    """The serial number that the page's check shows."""
    said = customer.paste(page.texts[f"{SLUG}-served"]).stdout
    (serial,) = re.findall(r"^serial=([0-9A-F]+)$", said, re.MULTILINE)
    return int(serial, 16)


def check_often(customer: Customer) -> None:
    """Makes mod_md look every second whether it is time to renew, not twice a day."""
    customer.namespace.path("/etc/apache2/conf-enabled/often.conf").write_text("MDCheckInterval 1s\n")


def timer_command(customer: Customer) -> list[str]:
    """What the page's timer runs."""
    unit = customer.namespace.path(f"{UNIT}.service").read_text()
    (line,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    return shlex.split(line.removeprefix("ExecStart="))


def test_http_01(namespace: Namespace) -> None:
    customer = sit_down(namespace)
    page = customer.open_page(SLUG)
    customer.follow(page, "register", "order")
    first = issued(customer, CUSTOMER_ZONE)
    assert names_of(first) == set(PLAIN_NAMES)
    wait_for(lambda: served_serial(customer, page) == first.serial_number, seconds=60, what="the certificate in use")
    assert mode_of(customer.namespace.path(KEPT_KEY)) == "0o600"
    checked = customer.paste(page.texts[f"{SLUG}-check"]).stdout
    assert f"The Managed Domain {CUSTOMER_ZONE} has been setup" in checked


def test_key_is_kept_from_other_users(namespace: Namespace) -> None:
    customer = sit_down(namespace)
    page = customer.open_page(SLUG)
    customer.follow(page, "register", "order")
    # Until the reload is through, the registration stands in the order's directory too.
    staging = customer.namespace.path(f"{STORE}/staging/{CUSTOMER_ZONE}")
    wait_for(lambda: not staging.exists(), seconds=60, what=f"the end of the order\n{log(customer)}")
    holding = customer.files_holding(CREDENTIALS[KEY_ID])
    assert {path for path in holding if not path.startswith(f"{STORE}/")} == {KEPT_KEY}
    # mod_md leaves this one readable: what protects it is the directory that the page makes.
    (account,) = [path for path in holding if path.startswith(f"{STORE}/accounts/")]
    assert mode_of(customer.namespace.path(account)) == "0o644"
    for path in holding:
        reading = namespace.run(["runuser", "-u", "nobody", "--", "cat", path], check=False)
        assert "Permission denied" in reading.stdout


def test_renewal_is_served_after_the_timers_reload(namespace: Namespace) -> None:
    customer = sit_down(namespace, lifetime=dt.timedelta(seconds=15))
    check_often(customer)
    page = customer.open_page(SLUG)
    customer.follow(page, "register", "order", "renew")
    first = issued(customer, CUSTOMER_ZONE).serial_number
    wait_for(lambda: staged(customer, CUSTOMER_ZONE), seconds=60, what=f"a renewal\n{log(customer)}")
    assert served_serial(customer, page) == first
    namespace.run(timer_command(customer))
    wait_for(lambda: served_serial(customer, page) != first, seconds=60, what="the new certificate in use")
    assert names_of(issued(customer, CUSTOMER_ZONE)) == set(PLAIN_NAMES)


def test_timer_is_one_that_systemd_takes(namespace: Namespace) -> None:
    missing = missing_tools("systemd-analyze")
    require_service("systemd-analyze", not missing, f"not installed: {missing}")
    customer = sit_down(namespace)
    customer.follow(customer.open_page(SLUG), "renew")
    said = namespace.run(["systemd-analyze", "verify", f"{UNIT}.service", f"{UNIT}.timer"]).stdout
    assert "caas-apache" not in said


@pytest.mark.parametrize("names", [WILDCARD_NAMES, WILDCARD_NAMES[:1]], ids=["with-bare-name", "wildcard-alone"])
def test_dns_01_wildcard(namespace: Namespace, names: tuple[str, ...]) -> None:
    customer = sit_down(namespace)
    page = customer.open_page(SLUG, names=names, challenge=Challenge.DNS_01)
    customer.follow(page, "register", "order")
    first_name = sorted(names, key=len)[0]
    assert names_of(issued(customer, first_name)) == set(names)
    owned = namespace.run(["stat", "-c", "%U %G %a", "/etc/apache2/md-dns.key", "/etc/apache2/md-dns"]).stdout
    assert owned.splitlines() == ["root www-data 640", "root root 755"]
    published = namespace.run(["dig", "+short", "TXT", f"_acme-challenge.{CUSTOMER_ZONE}", "@127.0.0.1"]).stdout
    assert published == ""


@wrong_credentials
def test_wrong_credentials(namespace: Namespace, key_id: str, hmac_key: str) -> None:
    customer = sit_down(namespace)
    page = customer.open_page(SLUG, key_id=key_id, hmac_key=hmac_key)
    begin(customer, page)
    wait_for(lambda: "problem[urn:ietf:params:acme:error:unauthorized]" in log(customer), seconds=60, what="a refusal")
    assert not staged(customer, CUSTOMER_ZONE)


def registered_with(customer: Customer) -> set[str]:
    """The EAB key IDs of the registrations in mod_md's store."""
    accounts = [
        json.loads(content)
        for path, content in customer.namespace.changed_files().items()
        if path.startswith(f"{STORE}/accounts/") and path.endswith("/account.json")
    ]
    return {account["eab"]["kid"] for account in accounts}


def test_new_values_register_anew(namespace: Namespace) -> None:
    customer = sit_down(namespace)
    customer.follow(customer.open_page(SLUG), "register", "order")
    first = issued(customer, CUSTOMER_ZONE)
    assert registered_with(customer) == {KEY_ID}

    second = customer.open_page(SLUG, key_id=SECOND_KEY_ID)
    customer.follow(second, "register", "cached")
    customer.paste(second.texts[f"{SLUG}-activate"])
    wait_for(lambda: registered_with(customer) == {KEY_ID, SECOND_KEY_ID}, seconds=60, what="a second registration")
    wait_for(
        lambda: served_serial(customer, second) != first.serial_number, seconds=60, what="the new certificate in use"
    )


def test_two_subscriptions_on_one_machine(namespace: Namespace) -> None:
    # As the page says: a set for each, with a file of its own, in place of MDomain.
    customer = sit_down(namespace)
    for key_id, name in ((KEY_ID, CUSTOMER_ZONE), (SECOND_KEY_ID, f"www.{CUSTOMER_ZONE}")):
        page = customer.open_page(SLUG, names=(name,), key_id=key_id)
        file = f"/etc/apache2/{name}.json"
        customer.paste(page.script("register").replace(KEPT_KEY, file))
        domain_set = f"<MDomainSet {name}>\nMDExternalAccountBinding {file}\n</MDomainSet>"
        site = page.texts[f"{SLUG}-site"].replace(f"MDExternalAccountBinding {KEPT_KEY}\n", "")
        namespace.path(f"/etc/apache2/sites-enabled/{name}.conf").write_text(
            site.replace(f"MDomain {name}", domain_set)
        )
    namespace.run(["apachectl", "restart"])
    wait_for(
        lambda: all(staged(customer, name) for name in PLAIN_NAMES),
        seconds=60,
        what=f"two certificates\n{log(customer)}",
    )
    namespace.run(["apachectl", "graceful"])
    wait_for(lambda: registered_with(customer) == {KEY_ID, SECOND_KEY_ID}, seconds=60, what="both registrations")


def test_stop(namespace: Namespace) -> None:
    customer = sit_down(namespace)
    page = customer.open_page(SLUG)
    customer.follow(page, "register", "order", "renew", "remove")
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == set()
    assert EMAIL not in namespace.run(["sh", "-c", "cat /etc/apache2/sites-enabled/*"]).stdout


def test_sandbox_root(namespace: Namespace) -> None:
    customer = sit_down(namespace, trusting=False)
    page = customer.open_page(SLUG, trust=customer.offer_sandbox_root())
    customer.follow(page, "trust", "register", "order")
    assert names_of(issued(customer, CUSTOMER_ZONE)) == set(PLAIN_NAMES)


def test_foreign_name_is_refused_as_the_page_says(sandbox: SandboxCa) -> None:
    customer = furnish(sandbox.customer())
    page = customer.open_page(SLUG, names=(*PLAIN_NAMES, FOREIGN_NAME))
    begin(customer, page)
    predicted = page.trap("A name outside your subscription")
    assert "rejectedIdentifier" in "".join(predicted)
    wait_for(lambda: "rejectedIdentifier" in log(customer), seconds=60, what=f"a refusal\n{log(customer)}")
    assert [words for words in predicted if words not in log(customer)] == []
    assert f'Not in the subscription of this account: "{FOREIGN_NAME}"' in log(customer).replace("\\", "")
    assert not staged(customer, CUSTOMER_ZONE)
    assert sandbox.last_serials(customer.binding) == {}


@pytest.mark.parametrize(("key_id", "hmac_key"), [(OTHER_KEY_ID, None), (None, OTHER_KEY)], ids=["key-id", "hmac-key"])
def test_sectigo_refuses_wrong_credentials_as_the_page_says(
    sandbox: SandboxCa, key_id: str | None, hmac_key: str | None
) -> None:
    customer = furnish(sandbox.customer())
    page = customer.open_page(SLUG, key_id=key_id, hmac_key=hmac_key)
    begin(customer, page)
    wait_for(lambda: "[External Account Binding]" in log(customer), seconds=60, what=f"a refusal\n{log(customer)}")
    assert [words for words in page.trap("A wrong EAB key ID or HMAC key") if words not in log(customer)] == []
