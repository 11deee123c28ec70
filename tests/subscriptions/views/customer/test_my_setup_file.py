"""The files of the set-up pages: each is the block of the page, and the key comes only as a reveal."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from subscriptions.models import Subscription
from subscriptions.recipes import RECIPES, Block, Challenge, Recipe
from tests import cast

PAGES = [(recipe, challenge) for recipe in RECIPES for challenge in sorted(recipe.challenges)]

every_page = pytest.mark.parametrize(
    ("recipe", "challenge"), PAGES, ids=[f"{recipe.slug}-{challenge}" for recipe, challenge in PAGES]
)


def choices(challenge: Challenge) -> dict[str, Any]:
    return {"names": ["example.com"], "challenge": challenge.value, "email": "tls@northwind.example"}


def file_url(subscription: Subscription, recipe: Recipe, block: Block) -> str:
    return reverse("subscriptions:my-setup-file", args=[subscription.code, recipe.slug, block.id])


def blocks_of(client: Client, subscription: Subscription, recipe: Recipe, challenge: Challenge) -> list[Block]:
    page = reverse("subscriptions:my-setup-client", args=[subscription.code, recipe.slug])
    return list(client.get(page, choices(challenge)).context["rendered"].blocks)


@pytest.mark.long
@every_page
def test_files_are_the_blocks_of_the_page(
    client: Client, viewer: User, running_subscription: Subscription, recipe: Recipe, challenge: Challenge
) -> None:
    cast.sign_in(client, viewer)
    for block in blocks_of(client, running_subscription, recipe, challenge):
        answer = client.get(file_url(running_subscription, recipe, block), choices(challenge))
        if not block.is_file or block.secret:
            assert answer.status_code == 404
            continue
        assert answer.status_code == 200
        assert answer.content.decode() == f"{block.text}\n"
        assert answer["Content-Disposition"].startswith("attachment; filename")
        assert block.download_name in answer["Content-Disposition"]


@every_page
def test_file_with_the_key_is_a_reveal(
    client: Client, member: User, running_subscription: Subscription, recipe: Recipe, challenge: Challenge
) -> None:
    cast.sign_in(client, member)
    cast.confirm_password(client)
    revealed = 0
    for block in blocks_of(client, running_subscription, recipe, challenge):
        answer = client.post(file_url(running_subscription, recipe, block), choices(challenge))
        holds_key = block.is_file and block.secret
        assert answer.status_code == (200 if holds_key else 404)
        assert (cast.HMAC_KEY in answer.content.decode()) is holds_key
        assert not holds_key or "no-store" in answer["Cache-Control"]
        revealed += holds_key
        assert AuditEvent.objects.filter(action="key.revealed").count() == revealed


@pytest.mark.parametrize(("name", "status"), [("viewer", 403), ("stranger", 404), ("operator", 404)])
def test_others_cannot_reveal(
    client: Client, running_subscription: Subscription, name: str, status: int, request: pytest.FixtureRequest
) -> None:
    cast.sign_in(client, request.getfixturevalue(name))
    cast.confirm_password(client)
    url = reverse("subscriptions:my-setup-file", args=[running_subscription.code, "certbot", "certbot-credentials"])
    assert client.post(url, choices(Challenge.HTTP_01)).status_code == status
    assert not AuditEvent.objects.filter(action="key.revealed").exists()


def test_choices_that_cannot_work_have_no_file(
    client: Client, viewer: User, running_subscription: Subscription
) -> None:
    cast.sign_in(client, viewer)
    url = reverse("subscriptions:my-setup-file", args=[running_subscription.code, "certbot", "certbot-order"])
    assert client.get(url, {"email": "nobody", "challenge": "http-01"}).status_code == 404
