"""The tiles of ACME clients."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from subscriptions.models import Subscription
from subscriptions.recipes import RECIPES, Platform
from tests import cast


def setup_of(subscription: Subscription) -> str:
    return reverse("subscriptions:my-setup", args=[subscription.code])


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ({}, [recipe.slug for recipe in RECIPES]),
        ({"q": "CertBot"}, ["certbot"]),
        *(
            ({"platform": platform.value}, [r.slug for r in RECIPES if platform in r.platforms])
            for platform in Platform
        ),
        ({"q": "nothing like it"}, []),
        ({"platform": "<b>"}, []),
    ],
)
def test_it_works(
    client: Client, viewer: User, subscription: Subscription, query: dict[str, str], slugs: list[str]
) -> None:
    response = cast.sign_in(client, viewer).get(setup_of(subscription), query)
    assert response.status_code == 200
    assert [recipe.slug for recipe in response.context["recipes"]] == slugs
    text = response.content.decode()
    assert [recipe.slug for recipe in RECIPES if f'/setup/{recipe.slug}/"' in text] == slugs
    assert cast.HMAC_KEY not in text


@pytest.mark.parametrize("name", ["stranger", "operator"])
def test_others_get_404(client: Client, subscription: Subscription, name: str, request: pytest.FixtureRequest) -> None:
    assert cast.sign_in(client, request.getfixturevalue(name)).get(setup_of(subscription)).status_code == 404


def test_post_is_refused(client: Client, owner: User, subscription: Subscription) -> None:
    assert cast.sign_in(client, owner).post(setup_of(subscription)).status_code == 405
