"""The tiles of ACME clients."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

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


def test_it_says_that_the_term_is_over(client: Client, viewer: User, subscription: Subscription) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(expires_at=timezone.now() - timedelta(days=1))
    text = cast.sign_in(client, viewer).get(setup_of(subscription)).content.decode()
    assert "This subscription has lapsed" in text
    assert "Your provider can extend it until" in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"account_state": "suspended"}, "Your ACME account is suspended"),
        ({"account_state": "deactivated"}, "Your ACME account is deactivated for good"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "This subscription has lapsed"),
    ],
)
def test_each_page_says_what_stops_all_whatever_is_chosen(
    client: Client, viewer: User, running_subscription: Subscription, fields: dict[str, Any], words: str
) -> None:
    Subscription.objects.filter(pk=running_subscription.pk).update(**fields)
    client_page = reverse("subscriptions:my-setup-client", args=[running_subscription.code, "certbot"])
    cast.sign_in(client, viewer)
    for page in (setup_of(running_subscription), client_page, f"{client_page}?email=nobody"):
        assert words in client.get(page).content.decode(), page


def test_no_client_goes_on_where_the_term_is_over(client: Client, viewer: User, subscription: Subscription) -> None:
    cast.make_client(subscription)
    cast.make_client(subscription, status="suspended")
    cast.sign_in(client, viewer)
    told = "1 of 2 registered clients is suspended."

    text = client.get(setup_of(subscription)).content.decode()
    assert told in text
    assert "the others go on" in text
    Subscription.objects.filter(pk=subscription.pk).update(expires_at=timezone.now() - timedelta(days=1))
    text = client.get(setup_of(subscription)).content.decode()
    assert text.index("This subscription has lapsed") < text.index(told)
    assert "the others go on" not in text


@pytest.mark.parametrize("name", ["stranger", "operator"])
def test_others_get_404(client: Client, subscription: Subscription, name: str, request: pytest.FixtureRequest) -> None:
    assert cast.sign_in(client, request.getfixturevalue(name)).get(setup_of(subscription)).status_code == 404


def test_post_is_refused(client: Client, owner: User, subscription: Subscription) -> None:
    assert cast.sign_in(client, owner).post(setup_of(subscription)).status_code == 405
