"""The Ansible page, run with the real collection community.crypto against Pebble with EAB required."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from subscriptions.recipes import Challenge, SandboxTrust
from subscriptions.recipes.plugins.ansible import PLUGINS
from tests.recipes.builders import setup_values
from tests.recipes.parsed import render, yaml_of
from tests.services import require_service

from .customer import KEY_ID, PLAIN_NAMES, SECOND_KEY_ID, WILDCARD_NAMES, Customer, Page, names_of, wrong_credentials
from .dns import CUSTOMER_ZONE
from .namespace import Namespace
from .pebble import CREDENTIALS
from .sandbox_ca import FOREIGN_NAME, SandboxCa

pytestmark = pytest.mark.clients_all

PROGRAMS = Path("/opt/ansible/bin")
CHAIN = f"/etc/ssl/acme/{CUSTOMER_ZONE}.pem"
ACCOUNT_KEY = "/etc/ssl/acme/account.key"

# The customer's own: the machine itself is the one host of the group, and root needs no sudo.
INVENTORY = f"""\
[web]
localhost ansible_connection=local ansible_python_interpreter={PROGRAMS}/python3 ansible_become=false
"""

FILES = {
    "ansible-credentials": "vault.yml",
    "ansible-dns-login": "dns.yml",
    "ansible-dns-records": "dns-records.yml",
    "ansible-playbook": "certificate.yml",
}
RENEWAL_LIMIT = "remaining_days: 30"
DNS_WAIT = "seconds: 60"


@pytest.fixture(autouse=True)
def ansible(namespace: Namespace) -> None:
    require_service("Ansible", (PROGRAMS / "ansible-playbook").exists(), "see .ci/install-ansible")
    namespace.environment["PATH"] = f"{PROGRAMS}:{namespace.environment['PATH']}"
    namespace.run(["rm", "-rf", "/root/certificates", "/etc/ssl/acme", "/etc/ansible"])
    namespace.path("/etc/ansible").mkdir()
    namespace.path("/etc/ansible/hosts").write_text(INVENTORY)


def typed(page: Page, *steps: str) -> str:
    """The blocks of these steps in their order: commands as they are, files saved under their names."""
    parts = []
    for identifier, text in page.texts.items():
        if page.steps[identifier] not in steps or identifier == "ansible-served":
            continue
        if page.languages[identifier] == "shell":
            parts.append(text)
        elif identifier in FILES:
            parts.append(f"cat > ~/certificates/{FILES[identifier]} <<'END_OF_FILE'\n{text}\nEND_OF_FILE")
    return "\n".join(parts).replace(DNS_WAIT, "seconds: 1")


def cron_command(page: Page) -> str:
    """What the page's line for the crontab runs, after its five fields of time."""
    return page.texts["ansible-cron"].split(maxsplit=5)[5]


def renew(customer: Customer, page: Page) -> str:
    return customer.namespace.run(["sh", "-c", cron_command(page)], env={"HOME": "/root"}).stdout


def make_due(customer: Customer) -> None:
    """The same renewal with a limit of 100 days for a certificate of 90."""
    playbook = customer.namespace.path("/root/certificates/certificate.yml")
    assert RENEWAL_LIMIT in playbook.read_text()
    playbook.write_text(playbook.read_text().replace(RENEWAL_LIMIT, "remaining_days: 100"))


def changed_tasks(said: str) -> int:
    (changed,) = re.findall(r"^localhost .*changed=(\d+) .*failed=0", said, re.MULTILINE)
    return int(changed)


def test_http_01(customer: Customer) -> None:
    customer.serve_document_root()
    page = customer.open_page("ansible")
    said = customer.paste(typed(page, "register", "order")).stdout
    first = customer.issued(CHAIN)
    assert names_of(first) == set(PLAIN_NAMES)
    assert CREDENTIALS[KEY_ID] not in said
    assert customer.files_holding(CREDENTIALS[KEY_ID]) == set()
    assert list(customer.namespace.path("/var/www/html/.well-known/acme-challenge").iterdir()) == []
    assert customer.reloads() == ["reload nginx"]

    assert f"DNS:www.{CUSTOMER_ZONE}" in customer.paste(typed(page, "check")).stdout
    key = f"/etc/ssl/acme/{CUSTOMER_ZONE}.key"
    assert customer.served_serial(page, chain=CHAIN, key=key) == first.serial_number

    assert changed_tasks(renew(customer, page)) == 0
    assert customer.issued(CHAIN).serial_number == first.serial_number

    make_due(customer)
    renew(customer, page)
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(PLAIN_NAMES)
    assert customer.reloads() == ["reload nginx", "reload nginx"]


def test_dns_01_wildcard(customer: Customer) -> None:
    page = customer.open_page("ansible", names=WILDCARD_NAMES, challenge=Challenge.DNS_01)
    customer.paste(typed(page, "register", "order"))
    first = customer.issued(CHAIN)
    assert names_of(first) == set(WILDCARD_NAMES)
    assert customer.files_holding(customer.update_key.secret) == set()
    records = customer.namespace.run(["dig", "+short", f"_acme-challenge.{CUSTOMER_ZONE}", "TXT", "@127.0.0.1"])
    assert records.stdout == ""

    make_due(customer)
    renew(customer, page)
    renewed = customer.issued(CHAIN)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(WILDCARD_NAMES)


@wrong_credentials
def test_wrong_credentials(customer: Customer, key_id: str, hmac_key: str) -> None:
    page = customer.open_page("ansible", key_id=key_id, hmac_key=hmac_key)
    done = customer.paste(typed(page, "register", "order"), check=False)
    assert done.returncode != 0
    assert [words for words in page.trap("A wrong EAB key ID or HMAC key") if words not in done.stdout] == []
    assert not customer.namespace.path(CHAIN).exists()


def test_other_names_are_ordered_at_once(customer: Customer) -> None:
    customer.serve_document_root()
    one = customer.open_page("ansible", names=(CUSTOMER_ZONE,))
    customer.paste(typed(one, "register", "order"))
    two = customer.open_page("ansible")
    customer.paste(typed(two, "register", "order"))
    assert names_of(customer.issued(CHAIN)) == set(PLAIN_NAMES)
    # As after a run that failed between ordering and fetching.
    first = customer.issued(CHAIN)
    customer.paste(f"{two.texts['ansible-order']} -e reissue=true")
    assert customer.issued(CHAIN).serial_number != first.serial_number


def test_old_registration_is_dropped(customer: Customer) -> None:
    customer.serve_document_root()
    customer.paste(typed(customer.open_page("ansible"), "register", "order"))
    old = customer.namespace.path(ACCOUNT_KEY).read_bytes()
    second = customer.open_page("ansible", key_id=SECOND_KEY_ID)
    customer.paste(typed(second, "cached"))
    said = customer.paste(typed(second, "register", "order")).stdout
    assert re.search(r"Registration with external account binding.*\nchanged: \[localhost\]", said)
    assert customer.namespace.path("/etc/ssl/acme/account-replaced.key").read_bytes() == old
    assert customer.namespace.path(ACCOUNT_KEY).read_bytes() != old


def test_registration_outlives_the_eab_values(customer: Customer) -> None:
    customer.serve_document_root()
    customer.paste(typed(customer.open_page("ansible"), "register", "order"))
    wrong = customer.open_page("ansible", key_id="kid-unknown", hmac_key=CREDENTIALS[KEY_ID])
    assert changed_tasks(customer.paste(typed(wrong, "register", "order")).stdout) == 0


def test_stop_renewing(customer: Customer) -> None:
    page = customer.open_page("ansible")
    customer.serve_document_root()
    customer.paste(typed(page, "register", "order", "remove"))
    assert not customer.namespace.path(ACCOUNT_KEY).exists()
    assert not customer.namespace.path("/root/certificates/vault.yml").exists()
    assert customer.issued(CHAIN)


def test_sandbox_root(namespace: Namespace) -> None:
    customer = Customer.sits_down(namespace, trusting=False)
    customer.serve_document_root()
    portal = namespace.directory / "portal"
    portal.mkdir()
    (portal / "root.pem").write_bytes(customer.ca.https_ca.read_bytes())
    namespace.popen(["python3", "-m", "http.server", "8000", "--bind", "127.0.0.1", "--directory", str(portal)])
    namespace.wait_for_port(8000)
    page = customer.open_page("ansible", trust=SandboxTrust(ca_url="http://127.0.0.1:8000/root.pem"))
    customer.paste(typed(page, "trust", "register", "order"))
    assert names_of(customer.issued(CHAIN)) == set(PLAIN_NAMES)


@pytest.mark.parametrize("provider", PLUGINS)
def test_dns_modules_have_these_options(namespace: Namespace, provider: str) -> None:
    (task,) = tasks_of(provider)
    module = PLUGINS[provider].name
    documented = json.loads(namespace.run(["ansible-doc", "--json", "-t", "module", module]).stdout)[module]["doc"]
    assert set(task[module]) <= set(documented["options"])
    required = {name for name, option in documented["options"].items() if option.get("required")}
    assert required <= set(task[module])


RELATIVE = "_acme-challenge.www"
ABSOLUTE = "_acme-challenge.www.northwind.test"


@pytest.mark.parametrize(
    ("provider", "record", "values"),
    [
        ("rfc2136", {"record": f"{ABSOLUTE}."}, {"value": ["one", "two"]}),
        ("cloudflare", {"record": ABSOLUTE}, {"value": "two"}),
        ("route53", {"record": ABSOLUTE}, {"value": ['"one"', '"two"']}),
        ("hetzner", {"name": RELATIVE}, {"records": [{"value": '"one"'}, {"value": '"two"'}]}),
        ("gandi", {"record": RELATIVE}, {"values": ["one", "two"]}),
    ],
)
def test_dns_modules_are_given_the_records(
    namespace: Namespace, provider: str, record: dict[str, str], values: dict[str, Any]
) -> None:
    plugin = PLUGINS[provider]
    (task,) = tasks_of(provider)
    options = task.pop(plugin.name)
    written = namespace.directory / "options.json"
    task["ansible.builtin.copy"] = {"dest": str(written), "content": "{{ options | to_json }}"}
    task["vars"] = {"options": options}
    variables = dict.fromkeys(plugin.variables, "x") | {
        "dns_zone": "northwind.test",
        "record_state": "present",
        "acme": {"challenge_data_dns": {ABSOLUTE: ["one", "two"]}},
    }
    play = [{"hosts": "web", "gather_facts": False, "vars": variables, "tasks": [task]}]
    playbook = namespace.directory / "options.yml"
    playbook.write_text(yaml.safe_dump(play))
    namespace.run(["ansible-playbook", str(playbook)])
    given = json.loads(written.read_text())
    assert given | record | values == given
    assert (given["type"], given["state"]) == ("TXT", "present")


def tasks_of(provider: str) -> list[dict[str, Any]]:
    values = setup_values(challenge=Challenge.DNS_01, options={"dns_provider": provider})
    found: list[dict[str, Any]] = yaml_of(render("ansible", values), "ansible-dns-records")
    return found


def test_foreign_name_is_refused_as_the_page_says(sandbox: SandboxCa) -> None:
    customer = sandbox.customer()
    customer.serve_document_root()
    page = customer.open_page("ansible", names=(*PLAIN_NAMES, FOREIGN_NAME))
    done = customer.paste(typed(page, "register", "order"), check=False)
    assert done.returncode != 0
    predicted = page.trap("A name outside your subscription")
    assert "rejectedIdentifier" in predicted
    assert [words for words in predicted if words not in done.stdout] == []
    assert sandbox.last_serials(customer.binding) == {}
