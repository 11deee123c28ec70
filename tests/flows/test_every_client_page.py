"""The set-up page of every ACME client, with each challenge, on a small screen: nothing axe knows, nothing too wide."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page as BrowserPage
from pytest_django.live_server_helper import LiveServer

from subscriptions.recipes import RECIPES, Challenge, Recipe
from tests.flows.screen import Screen, Window
from tests.portal import browsing, story

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.slug)
def test_it_is_as_it_should_be(
    recipe: Recipe, screen: Screen, live_server: LiveServer, settings: Any, no_broker: list[Any]
) -> None:
    settings.CAAS_SANDBOX = True  # with the step that trusts it
    told = story.tell()
    address = reverse("subscriptions:my-setup-client", args=[told.running.code, recipe.slug])
    session = browsing.session_of(told.owner)
    with screen.window(live_server.url, session, viewport=browsing.SMALL, color_scheme="light") as window:
        found = window.do(lambda shown: list(wrong_with(shown, window, address, recipe)))
    assert found == []


def wrong_with(shown: BrowserPage, window: Window, address: str, recipe: Recipe) -> Iterator[str]:
    for challenge in sorted(recipe.challenges):
        shown.goto(
            f"{window.server}{address}?names=northwind.example&challenge={challenge}&email=tls@northwind.example"
        )
        yield from instructions_missing(shown, challenge)
        browsing.keep_picture(shown, f"client-{recipe.slug}-{challenge}")
        yield from (f"{challenge}: {barrier}" for barrier in browsing.barriers_of(shown))
        if overflow := browsing.overflow_of(shown):
            yield f"{challenge}: {overflow} px wider than the window"
    yield from window.complaints


def instructions_missing(shown: BrowserPage, challenge: Challenge) -> Iterator[str]:
    if not shown.locator(".recipe .code-block").count():
        yield f"{challenge}: no instructions: {shown.locator('.recipe-refusals').all_inner_texts()}"
