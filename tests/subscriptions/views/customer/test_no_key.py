"""No page of the customers' people holds the EAB HMAC key before it is revealed."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from subscriptions.help import TOPICS
from subscriptions.models import CustomerRequest, Domain, Subscription
from subscriptions.recipes import RECIPES, Challenge, recipe_by_slug, render_recipe
from subscriptions.urls import customer as routes
from tests import cast
from tests.recipes.builders import setup_values

# There is no sandbox here, and not every block is a file that may be downloaded before the reveal.
STATUSES = {
    "my-sandbox-ca": {404},
    "my-setup-file": {200, 404},
    "my-request-withdraw": {405},
    "my-served-look": {405},
}
NAMES = sorted(str(route.name) for route in routes.urlpatterns)


def urls_of(name: str, subscription: Subscription) -> list[str]:
    """Give every address of a route; a set-up page for each client and challenge."""
    [route] = [route for route in routes.urlpatterns if route.name == name]
    arguments = route.pattern.converters
    if "block" in arguments:
        ways = [(recipe.slug, challenge) for recipe in RECIPES for challenge in sorted(recipe.challenges)]
        return [url for slug, challenge in ways for url in _files_of(name, subscription, slug, challenge)]
    if "client" in arguments:
        pages = [reverse(f"subscriptions:{name}", args=[subscription.code, recipe.slug]) for recipe in RECIPES]
        return [f"{page}?challenge={challenge}" for page in pages for challenge in ("http-01", "dns-01")]
    if "slug" in arguments:
        return [reverse(f"subscriptions:{name}", args=[topic.slug]) for topic in TOPICS]
    if "name_code" in arguments:
        domain = subscription.domains.order_by("pk")[0]
        return [reverse(f"subscriptions:{name}", args=[subscription.code, domain.code])]
    of = _subject_of(str(route.pattern), subscription)
    return [reverse(f"subscriptions:{name}", args=[of.code] if arguments else [])]


def _subject_of(address: str, subscription: Subscription) -> Customer | CustomerRequest | Domain | Subscription:
    if address.startswith(("customers/", "people/")):
        return subscription.customer
    if address.startswith("names/"):
        return subscription.domains.order_by("pk")[0]
    if address.startswith("requests/"):
        return CustomerRequest.objects.create(
            subscription=subscription, kind=CustomerRequest.Kind.NAMES, names=["new.example.com"]
        )
    return subscription


def _files_of(name: str, subscription: Subscription, slug: str, challenge: Challenge) -> list[str]:
    blocks = render_recipe(recipe_by_slug(slug), setup_values(challenge=challenge)).blocks
    pages = [reverse(f"subscriptions:{name}", args=[subscription.code, slug, block.id]) for block in blocks]
    return [f"{page}?challenge={challenge}" for page in pages]


@pytest.mark.usefixtures("no_broker")
@pytest.mark.parametrize("name", NAMES)
def test_no_key_before_reveal(
    client: Client, owner: User, running_subscription: Subscription, name: str, settings: Any
) -> None:
    settings.CAAS_SANDBOX, settings.CAAS_SANDBOX_CA_FILE = True, "/nonexistent"
    cast.sign_in(client, owner)
    cast.confirm_password(client)
    for url in urls_of(name, running_subscription):
        response = client.get(url, follow=True)
        assert response.status_code in STATUSES.get(name, {200})
        assert cast.HMAC_KEY not in response.getvalue().decode()
        assert cast.HMAC_KEY not in str(response.headers)
