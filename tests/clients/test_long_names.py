"""Names of more than 64 characters, which no common name can hold: what each client makes of them."""

from collections.abc import Callable

import pytest

from subscriptions.recipes import recipe_by_slug
from tests.services import require_service

from .customer import Customer, missing_tools, names_of
from .dns import CUSTOMER_ZONE, LONG_NAME
from .namespace import Namespace
from .versions import use_acme_sh_from_sid, use_lego_from_sid

pytestmark = pytest.mark.clients

CHAINS = {
    "certbot": "/etc/letsencrypt/live/{}/fullchain.pem",
    "acme-sh": "/etc/ssl/{}.pem",
    "lego": "/etc/lego/certificates/{}.crt",
    "dehydrated": "/etc/dehydrated/caas/certs/{}/fullchain.pem",
    "uacme": "/etc/ssl/uacme/{}/cert.pem",
}


def follow_to_the_order(customer: Customer, slug: str, *names: str) -> str:
    tool = {"acme-sh": "acme.sh"}.get(slug, slug)
    missing = missing_tools(tool)
    require_service(tool, not missing, f"not installed: {missing}")
    customer.serve_document_root()
    done = customer.follow(customer.open_page(slug, names=names), "register", "order", check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("slug", CHAINS)
def test_short_name_comes_first(customer: Customer, slug: str) -> None:
    said = follow_to_the_order(customer, slug, LONG_NAME, CUSTOMER_ZONE)
    assert "too long" not in said
    assert names_of(customer.issued(CHAINS[slug].format(CUSTOMER_ZONE))) == {LONG_NAME, CUSTOMER_ZONE}


@pytest.mark.parametrize("slug", ["certbot", "lego", "uacme"])
def test_nothing_but_a_long_name(customer: Customer, slug: str) -> None:
    assert recipe_by_slug(slug).long_names == ""
    follow_to_the_order(customer, slug, LONG_NAME)
    assert names_of(customer.issued(CHAINS[slug].format(LONG_NAME))) == {LONG_NAME}


@pytest.mark.parametrize("slug", ["acme-sh", "dehydrated"])
def test_nothing_but_a_long_name_fails_as_the_page_says(customer: Customer, slug: str) -> None:
    assert "string too long … maxsize=64" in recipe_by_slug(slug).long_names
    said = follow_to_the_order(customer, slug, LONG_NAME)
    assert "string too long" in said
    assert "maxsize=64" in said


@pytest.mark.clients_all
@pytest.mark.parametrize(("slug", "use"), [("acme-sh", use_acme_sh_from_sid), ("lego", use_lego_from_sid)])
def test_newer_versions_leave_the_common_name_out(
    customer: Customer, namespace: Namespace, slug: str, use: Callable[[Namespace], None]
) -> None:
    use(namespace)
    follow_to_the_order(customer, slug, LONG_NAME)
    assert names_of(customer.issued(CHAINS[slug].format(LONG_NAME))) == {LONG_NAME}
