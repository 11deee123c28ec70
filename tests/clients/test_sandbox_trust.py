"""While the sandbox is in use each page says how its client trusts the sandbox's root."""

import pytest

from tests.services import require_service

from .customer import PLAIN_NAMES, Customer, missing_tools, names_of
from .dns import CUSTOMER_ZONE
from .namespace import Namespace

pytestmark = pytest.mark.clients

# Clients that order once and end. A server's trust is in the test of its page.
CHAINS = {
    "certbot": f"/etc/letsencrypt/live/{CUSTOMER_ZONE}/fullchain.pem",
    "acme-sh": f"/etc/ssl/{CUSTOMER_ZONE}.pem",
    "lego": f"/etc/lego/certificates/{CUSTOMER_ZONE}.crt",
    "dehydrated": f"/etc/dehydrated/caas/certs/{CUSTOMER_ZONE}/fullchain.pem",
    "uacme": f"/etc/ssl/uacme/{CUSTOMER_ZONE}/cert.pem",
    "node-acme-client": "/etc/node-acme-client/fullchain.pem",
}
NEEDS_WEB_SERVER = {"dehydrated", "uacme"}


@pytest.mark.parametrize("slug", CHAINS)
def test_trust_step(namespace: Namespace, slug: str) -> None:
    missing = missing_tools(
        "pebble", "named", "curl", "certbot", "acme.sh", "lego", "socat", "dehydrated", "uacme", "node",
        "/opt/node-acme-client/node_modules/acme-client",
    )  # fmt: skip
    require_service("the test CA and its clients", not missing, f"not installed: {missing}")
    customer = Customer.sits_down(namespace, trusting=False)
    # What the system trusts is not enough: curl's code 60 is "certificate not trusted".
    assert customer.namespace.run(["curl", "-sS", customer.binding.directory_url], check=False).returncode == 60
    if slug in NEEDS_WEB_SERVER:
        customer.serve_document_root()
    page = customer.open_page(slug, options={"http_mode": "standalone"}, trust=customer.offer_sandbox_root())
    customer.follow(page, "trust", "register", "order", "renew")
    assert names_of(customer.issued(CHAINS[slug])) == set(PLAIN_NAMES)
