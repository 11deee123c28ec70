"""The list of the help's topics, and its search."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from subscriptions.help import TOPICS
from tests import cast

HELP = reverse("subscriptions:help-list")


def results(client: Client, query: str) -> list[str]:
    return [found.topic.slug for found in client.get(HELP, {"q": query}).context["results"]]


@pytest.mark.parametrize("name", ["viewer", "stranger", "auditor"])
def test_it_works(client: Client, name: str, request: pytest.FixtureRequest) -> None:
    response = cast.sign_in(client, request.getfixturevalue(name)).get(HELP)
    text = response.content.decode()

    assert response.status_code == 200
    assert [topic.slug for topic in TOPICS if f'href="{HELP}{topic.slug}/"' not in text] == []


def test_search_shows_the_matching_sentence(client: Client, viewer: User) -> None:
    text = cast.sign_in(client, viewer).get(HELP, {"q": "Port NEEDED renewal"}).content.decode()

    assert f'href="{HELP}challenges/#port-80"' in text
    assert "It is <mark>needed</mark> at each <mark>renewal</mark> too, not only at the first order." in text
    assert 'value="Port NEEDED renewal"' in text


def test_search_needs_all_words(client: Client, viewer: User) -> None:
    cast.sign_in(client, viewer)

    assert "term" in results(client, "expiry extended")
    assert results(client, "expiry zzz") == []
    assert "Nothing found" in client.get(HELP, {"q": "expiry zzz"}).content.decode()


def test_blanks_are_no_search(client: Client, viewer: User) -> None:
    text = cast.sign_in(client, viewer).get(HELP, {"q": "  "}).content.decode()

    assert text.count("help-topic-tile") == len(TOPICS)


@pytest.mark.parametrize("query", ["<script>alert(1)</script>", '"><b>', "%00%", "[(*+?"])
def test_what_is_searched_for_is_escaped(client: Client, viewer: User, query: str) -> None:
    response = cast.sign_in(client, viewer).get(HELP, {"q": query})

    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    assert '"><b>' not in response.content.decode()


def test_what_is_found_is_escaped(client: Client, viewer: User) -> None:
    text = cast.sign_in(client, viewer).get(HELP, {"q": "openssl /dev/null"}).content.decode()

    assert "-servername example.com &lt; <mark>/dev/null</mark> | <mark>openssl</mark> x509" in text


def test_signed_out(client: Client, db: None) -> None:
    assert client.get(HELP)["Location"] == f"{reverse('account_login')}?next={HELP}"


def test_post_is_refused(client: Client, viewer: User) -> None:
    assert cast.sign_in(client, viewer).post(HELP).status_code == 405
