"""The links from the portal's pages to the help: where they stand, and that each leads to what is there."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from accounts.models import User
from subscriptions.help import TOPICS, topic_by_slug
from subscriptions.models import Subscription
from subscriptions.recipes import RECIPES, Challenge, Recipe, render_recipe
from tests import cast
from tests.portal import story
from tests.portal.story import Story
from tests.recipes.builders import setup_values

from .reading import HELP, help_links_in, html_of, ids_in

TEMPLATES = Path(settings.BASE_DIR) / "templates"
TAG = re.compile(r'{% help_link "([\w-]+)" "[^"]+"(?: section="([\w-]+)")? %}')


def written_links() -> list[tuple[str, str, str]]:
    """Each `help_link` of the templates: the template, the slug, the section."""
    return [
        (str(path.relative_to(TEMPLATES)), slug, section)
        for path in sorted(TEMPLATES.rglob("*.html"))
        for slug, section in TAG.findall(path.read_text())
    ]


def test_every_link_is_read_by_this_test() -> None:
    texts = [path.read_text() for path in TEMPLATES.rglob("*.html") if path.name != "_help_link.html"]

    assert sum(text.count("{% help_link ") for text in texts) == len(written_links()) > 0


@pytest.mark.parametrize("link", written_links(), ids=str)
def test_every_link_leads_to_a_topic_and_its_section(link: tuple[str, str, str]) -> None:
    _, slug, section = link

    assert section in ["", *ids_in(html_of(topic_by_slug(slug)))]


def test_every_topic_is_linked_from_a_page_but_the_glossary() -> None:
    assert {slug for _, slug, _ in written_links()} == {topic.slug for topic in TOPICS} - {"glossary"}


def test_a_link_opens_beside_the_page_and_says_so() -> None:
    text = Template('{% load ui %}{% help_link "eab" label section="form" %}').render(Context({"label": "A & B"}))

    assert f'href="{HELP}eab/#form"' in text
    assert 'target="_blank"' in text
    assert "A &amp; B" in text
    assert "(opens in a new tab)" in text


def test_a_link_to_no_topic_is_an_error() -> None:
    with pytest.raises(KeyError):
        Template('{% load ui %}{% help_link "no-such-topic" "More" %}').render(Context())


# --- On the pages ---------------------------------------------------------------------------------------------------


def _lapsed(told: Story) -> Subscription:
    Subscription.objects.filter(pk=told.running.pk).update(expires_at="2020-01-01T00:00:00Z")
    return told.running


def _with_wildcard(told: Story) -> Subscription:
    cast.make_domain(told.running, "*.northwind.example")
    return told.running


Row = Callable[[Story], Subscription]
CREDENTIALS = ["eab/#values", "keys/#keep"]
PAGES: list[tuple[str, str, Row | None, Mapping[str, str], list[str]]] = [
    ("owner", "my-home", None, {}, ["term/"]),
    ("owner", "my-subscription", lambda told: told.running, {}, [*CREDENTIALS, "renewal/", "term/"]),
    ("owner", "my-subscription", lambda told: told.ready, {}, ["errors/", *CREDENTIALS, "renewal/"]),
    ("owner", "my-subscription", _lapsed, {}, ["term/#extend", *CREDENTIALS, "renewal/", "term/"]),
    ("owner", "my-subscription", _with_wildcard, {}, [*CREDENTIALS, "renewal/", "wildcards/#dns-01", "term/"]),
    ("owner", "my-setup", lambda told: told.running, {"q": "zzz"}, ["eab/#values"]),
    ("reseller_admin", "subscription-add", None, {}, ["ov/#validated", "term/"]),
    ("reseller_admin", "domain-add", lambda told: told.running, {}, ["wildcards/", "ov/#validated"]),
    ("reseller_admin", "domain-add", lambda told: told.ready, {}, ["wildcards/"]),
]


IDS = [f"{number}-{page[1]}" for number, page in enumerate(PAGES)]


@pytest.mark.parametrize(("person", "route", "row", "query", "links"), PAGES, ids=IDS)
def test_pages_link_to_the_help(
    client: Client,
    db: None,
    no_broker: list[object],
    person: str,
    route: str,
    row: Row | None,
    query: Mapping[str, str],
    links: list[str],
) -> None:
    told = story.tell()
    viewer: User = getattr(told, person)
    address = reverse(f"subscriptions:{route}", args=[row(told).code] if row else [])

    text = cast.sign_in(client, viewer).get(address, query).content.decode()

    assert help_links_in(text) == links


def test_newcomers_are_told_what_credentials_are(client: Client, owner: User) -> None:
    text = cast.sign_in(client, owner).get(reverse("subscriptions:my-home")).content.decode()

    assert help_links_in(text) == ["eab/"]


def test_a_setup_page_links_from_its_choices(client: Client, db: None, no_broker: list[object]) -> None:
    told = story.tell()
    address = reverse("subscriptions:my-setup-client", args=[told.running.code, "certbot"])

    text = cast.sign_in(client, told.owner).get(address).content.decode()

    assert help_links_in(text)[:2] == ["challenges/#which", "wildcards/"]


COMMON = ["eab/", "errors/#rejectedidentifier", "eab/#form", "serving/#full-chain", "errors/", "keys/#leaked"]


OWN = {Challenge.HTTP_01: ["challenges/#port-80"], Challenge.DNS_01: ["wildcards/", "challenges/#cname"]}
WAYS = [(recipe, challenge) for recipe in RECIPES for challenge in sorted(recipe.challenges)]


@pytest.mark.parametrize(("recipe", "challenge"), WAYS, ids=lambda part: getattr(part, "slug", None) or str(part))
def test_instructions_link_from_their_terms(recipe: Recipe, challenge: Challenge) -> None:
    found = help_links_in(render_recipe(recipe, setup_values(challenge=challenge)).html)

    assert found == [*COMMON[:2], *OWN[challenge], *COMMON[2:]]


@pytest.mark.parametrize(("person", "route"), [("owner", "my-home"), ("reseller_admin", "dashboard")])
def test_the_navigation_leads_to_the_help(client: Client, db: None, person: str, route: str) -> None:
    viewer: User = getattr(story.tell(), person)

    text = cast.sign_in(client, viewer).get(reverse(f"subscriptions:{route}")).content.decode()

    assert f'href="{HELP}"' in text
