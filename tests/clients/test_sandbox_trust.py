"""While the sandbox is in use each page says how its client trusts the sandbox's root."""

import pytest

from subscriptions.recipes import RECIPES, Recipe, SandboxTrust
from tests.services import require_service

from .customer import PLAIN_NAMES, Customer, missing_tools, names_of
from .dns import CUSTOMER_ZONE
from .namespace import Namespace

pytestmark = pytest.mark.clients

CHAINS = {
    "certbot": f"/etc/letsencrypt/live/{CUSTOMER_ZONE}/fullchain.pem",
    "acme-sh": f"/etc/ssl/{CUSTOMER_ZONE}.pem",
    "lego": f"/etc/lego/certificates/{CUSTOMER_ZONE}.crt",
}


RUN_HERE = [recipe for recipe in RECIPES if recipe.slug in CHAINS]


@pytest.mark.parametrize("recipe", RUN_HERE, ids=lambda recipe: recipe.slug)
def test_trust_step(namespace: Namespace, recipe: Recipe) -> None:
    missing = missing_tools("pebble", "named", "curl", "certbot", "acme.sh", "lego", "socat")
    require_service("the test CA and its clients", not missing, f"not installed: {missing}")
    customer = Customer.sits_down(namespace, trusting=False)
    # What the system trusts is not enough: curl's code 60 is "certificate not trusted".
    assert customer.namespace.run(["curl", "-sS", customer.binding.directory_url], check=False).returncode == 60

    portal = namespace.directory / "portal"
    portal.mkdir()
    (portal / "root.pem").write_bytes(customer.ca.https_ca.read_bytes())
    namespace.popen(["python3", "-m", "http.server", "8000", "--bind", "127.0.0.1", "--directory", str(portal)])
    namespace.wait_for_port(8000)
    trust = SandboxTrust(ca_url="http://127.0.0.1:8000/root.pem")
    page = customer.open_page(recipe.slug, options={"http_mode": "standalone"}, trust=trust)
    customer.follow(page, "trust", "register", "order", "renew")
    assert names_of(customer.issued(CHAINS[recipe.slug])) == set(PLAIN_NAMES)
