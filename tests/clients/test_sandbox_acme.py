"""The pages run against the project's own sandbox, whose orders are held to the names of a subscription."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from subprocess import CompletedProcess

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from subscriptions.recipes import Challenge
from tests.services import require_service

from .customer import PLAIN_NAMES, WILDCARD_NAMES, Customer, missing_tools, names_of
from .dns import CUSTOMER_ZONE
from .namespace import Namespace
from .renewals import LATER, acme_sh_cron, certbot_timer, lego_made_due, lego_timer, page_timer
from .sandbox_ca import FOREIGN_NAME, ORGANIZATION, SandboxCa
from .versions import use_acme_sh_from_sid, use_certbot_from_pypi, use_lego_from_sid

pytestmark = pytest.mark.clients

STANDALONE = {"http_mode": "standalone"}
OTHER_KEY_ID = "r5xYmBnYZ2fI4LN7RpCEAg"
OTHER_KEY = "-zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9w"


@dataclass(frozen=True)
class Client:
    """An ACME client: the programs its page needs, where that page puts the certificate, and its due renewal.

    `switch` puts another version in the place of Debian's. `unlike` are words that the page says of other versions.
    """

    slug: str
    tools: tuple[str, ...]
    chain: str
    renewal: Callable[[Customer], list[str]]
    log: str = "/dev/null"
    switch: Callable[[Namespace], None] = lambda namespace: None
    unlike: tuple[str, ...] = ()
    needs_web_server: bool = False
    refusal: str = "rejectedIdentifier"  # what the page's item on a foreign name must name


CERTBOT = Client(
    "certbot",
    ("certbot", "faketime"),
    f"/etc/letsencrypt/live/{CUSTOMER_ZONE}/fullchain.pem",
    lambda _: [*LATER, *certbot_timer()],
    log="/var/log/letsencrypt/letsencrypt.log",
)
CERTBOT_FROM_PYPI = replace(
    CERTBOT,
    renewal=lambda _: [*LATER, "certbot", "-q", "renew", "--no-random-sleep-on-renew"],
    switch=use_certbot_from_pypi,
    unlike=("AttributeError: can't set attribute",),
)
ACME_SH = Client(
    "acme-sh",
    ("acme.sh", "socat", "crontab", "nsupdate", "faketime"),
    f"/etc/ssl/{CUSTOMER_ZONE}.pem",
    lambda customer: [*LATER, *acme_sh_cron(customer.namespace)],
)
LEGO = Client(
    "lego",
    ("lego",),
    f"/etc/lego/certificates/{CUSTOMER_ZONE}.crt",
    lambda customer: lego_made_due(lego_timer(customer.namespace)),
)
DEHYDRATED = Client(
    "dehydrated",
    ("dehydrated", "nsupdate", "faketime"),
    f"/etc/dehydrated/caas/certs/{CUSTOMER_ZONE}/fullchain.pem",
    lambda customer: [*LATER, *page_timer(customer.namespace, "dehydrated-caas")],
    needs_web_server=True,
)
UACME = Client(
    "uacme",
    ("uacme", "nsupdate", "faketime"),
    f"/etc/ssl/uacme/{CUSTOMER_ZONE}/cert.pem",
    lambda customer: [*LATER, *page_timer(customer.namespace, "uacme-caas")],
    needs_web_server=True,
)
NODE_ACME_CLIENT = Client(
    "node-acme-client",
    ("node", "nsupdate", "faketime", "/opt/node-acme-client/node_modules/acme-client"),
    "/etc/node-acme-client/fullchain.pem",
    lambda customer: [*LATER, *page_timer(customer.namespace, "node-acme-client")],
    refusal="createOrder",
)


@pytest.fixture(
    params=[
        pytest.param(CERTBOT, id="certbot"),
        pytest.param(CERTBOT_FROM_PYPI, id="certbot-pypi"),
        pytest.param(ACME_SH, id="acme-sh"),
        pytest.param(replace(ACME_SH, switch=use_acme_sh_from_sid), id="acme-sh-sid", marks=pytest.mark.clients_all),
        pytest.param(LEGO, id="lego"),
        pytest.param(replace(LEGO, switch=use_lego_from_sid), id="lego-sid", marks=pytest.mark.clients_all),
        pytest.param(DEHYDRATED, id="dehydrated"),
        pytest.param(UACME, id="uacme"),
        pytest.param(NODE_ACME_CLIENT, id="node-acme-client"),
    ]
)
def client(request: pytest.FixtureRequest, namespace: Namespace) -> Client:
    made: Client = request.param
    missing = missing_tools(*made.tools)
    require_service(made.slug, not missing, f"not installed: {missing}")
    made.switch(namespace)
    return made


def organization_of(certificate: x509.Certificate) -> list[object]:
    return [part.value for part in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]


def shown(done: "CompletedProcess[str]", client: Client, customer: Customer) -> str:
    """What a customer finds out: the output, and the log where the client keeps one."""
    return done.stdout + customer.namespace.run(["cat", client.log]).stdout


def test_issue_and_renew(sandbox: SandboxCa, client: Client) -> None:
    # The first order takes the time that the CA's do: challenge and order are in processing first.
    customer = sandbox.customer(validation_type="OV")
    if client.needs_web_server:
        customer.serve_document_root()
    customer.follow(customer.open_page(client.slug, options=STANDALONE), "register", "order", "renew")
    first = customer.issued(client.chain)
    assert names_of(first) == set(PLAIN_NAMES)
    assert organization_of(first) == [ORGANIZATION]

    sandbox.hurries()
    customer.namespace.run(client.renewal(customer))
    renewed = customer.issued(client.chain)
    assert renewed.serial_number != first.serial_number
    assert names_of(renewed) == set(PLAIN_NAMES)
    assert sandbox.last_serials(customer.binding) == dict.fromkeys(PLAIN_NAMES, renewed.serial_number)


def test_wildcard_by_dns_01(sandbox: SandboxCa, client: Client) -> None:
    sandbox.hurries()
    customer = sandbox.customer(validation_type="DV")
    page = customer.open_page(client.slug, names=WILDCARD_NAMES, challenge=Challenge.DNS_01)
    customer.follow(page, "register", "order")
    certificate = customer.issued(client.chain)
    assert names_of(certificate) == set(WILDCARD_NAMES)
    assert organization_of(certificate) == []


def test_client_is_told_to_renew_what_was_revoked(sandbox: SandboxCa, namespace: Namespace) -> None:
    # By ARI, which certbot asks for; by its age the certificate is not due for 60 days.
    require_service("certbot", not missing_tools("certbot"), "not installed")
    use_certbot_from_pypi(namespace)
    sandbox.hurries()
    customer = sandbox.customer()
    customer.follow(customer.open_page("certbot", options=STANDALONE), "register", "order")
    first = customer.issued(CERTBOT.chain)
    sandbox.control("orders", domainName=CUSTOMER_ZONE, statusCode=8)

    namespace.run(["certbot", "-q", "renew", "--no-random-sleep-on-renew"])

    renewed = customer.issued(CERTBOT.chain)
    assert renewed.serial_number != first.serial_number
    assert sandbox.last_serials(customer.binding) == dict.fromkeys(PLAIN_NAMES, renewed.serial_number)


CHANGE_OF_KEY = """
const acme = require("/opt/node-acme-client/node_modules/acme-client");
const [directoryUrl, kid, hmacKey] = process.argv.slice(2);
(async () => {
  const [accountKey, other] = [await acme.crypto.createPrivateEcdsaKey(), await acme.crypto.createPrivateRsaKey()];
  const client = new acme.Client({ directoryUrl, accountKey, externalAccountBinding: { kid, hmacKey } });
  await client.createAccount({ termsOfServiceAgreed: true, contact: ["mailto:tls@northwind.test"] });
  await client.updateAccountKey(other);
  const again = new acme.Client({ directoryUrl, accountKey: other });
  await again.createAccount({ onlyReturnExisting: true });
  console.log(client.getAccountUrl() === again.getAccountUrl());
})();
"""


def test_client_changes_its_account_key(sandbox: SandboxCa, namespace: Namespace) -> None:
    missing = missing_tools("node", "/opt/node-acme-client/node_modules/acme-client")
    require_service("acme-client for Node.js", not missing, f"not installed: {missing}")
    binding = sandbox.customer().binding
    script = namespace.directory / "change.js"
    script.write_text(CHANGE_OF_KEY)

    done = namespace.run(["node", str(script), binding.directory_url, binding.key_id, binding.hmac_key])

    assert done.stdout == "true\n"


def test_foreign_name_is_refused_as_the_page_says(sandbox: SandboxCa, client: Client) -> None:
    customer = sandbox.customer()
    page = customer.open_page(client.slug, names=(*PLAIN_NAMES, FOREIGN_NAME), options=STANDALONE)
    done = customer.follow(page, "register", "order", check=False)
    assert done.returncode != 0
    assert not customer.namespace.path(client.chain).exists()
    assert sandbox.last_serials(customer.binding) == {}

    said = shown(done, client, customer)
    predicted = page.trap("A name outside your subscription")
    assert client.refusal in predicted
    assert [words for words in predicted if words not in said] == list(client.unlike)
    assert f'Not in the subscription of this account: "{FOREIGN_NAME}"' in said.replace("\\", "")


def test_second_subscription_on_one_machine(sandbox: SandboxCa, client: Client) -> None:
    # The first registration is used for the second subscription too, whatever EAB values it is given.
    sandbox.hurries()
    first = sandbox.customer("www.northwind.test")
    if client.needs_web_server:
        first.serve_document_root()
    first.follow(first.open_page(client.slug, names=("www.northwind.test",), options=STANDALONE), "register", "order")
    second = sandbox.customer(CUSTOMER_ZONE)
    page = second.open_page(client.slug, names=(CUSTOMER_ZONE,), options=STANDALONE)
    second.follow(page, "register", check=False)
    refused = second.follow(page, "order", check=False)
    assert refused.returncode != 0
    assert "Not in the subscription of this account" in shown(refused, client, second)
    assert sandbox.last_serials(second.binding) == {}

    second.follow(page, "cached")
    second.follow(page, "register", "order")
    assert sandbox.last_serials(second.binding) == {CUSTOMER_ZONE: second.issued(client.chain).serial_number}


@pytest.mark.parametrize(("key_id", "hmac_key"), [(OTHER_KEY_ID, None), (None, OTHER_KEY)], ids=["key-id", "hmac-key"])
def test_wrong_credentials_are_refused_as_the_page_says(
    sandbox: SandboxCa, client: Client, key_id: str | None, hmac_key: str | None
) -> None:
    customer = sandbox.customer()
    page = customer.open_page(client.slug, options=STANDALONE, key_id=key_id, hmac_key=hmac_key)
    done = customer.follow(page, "register", "order", check=False)
    assert done.returncode != 0
    assert not customer.namespace.path(client.chain).exists()
    assert [words for words in page.trap("A wrong EAB key ID or HMAC key") if words not in done.stdout] == []
    assert "[External Account Binding]" in done.stdout
