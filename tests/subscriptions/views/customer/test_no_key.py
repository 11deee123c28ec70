"""No page of the customers' people holds the EAB HMAC key before it is revealed."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from subscriptions.models import Subscription
from subscriptions.recipes import RECIPES
from subscriptions.urls import customer as routes
from tests import cast

NAMES = sorted(str(route.name) for route in routes.urlpatterns)


def urls_of(name: str, subscription: Subscription) -> list[str]:
    """Give every address of a route; a set-up page for each client and challenge."""
    [route] = [route for route in routes.urlpatterns if route.name == name]
    arguments = route.pattern.converters
    if "client" in arguments:
        pages = [reverse(f"subscriptions:{name}", args=[subscription.code, recipe.slug]) for recipe in RECIPES]
        return [f"{page}?challenge={challenge}" for page in pages for challenge in ("http-01", "dns-01")]
    return [reverse(f"subscriptions:{name}", args=[subscription.code] if arguments else [])]


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
        assert response.status_code == (404 if name == "my-sandbox-ca" else 200)
        assert cast.HMAC_KEY not in response.content.decode()
        assert cast.HMAC_KEY not in str(response.headers)
