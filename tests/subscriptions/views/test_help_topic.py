"""One topic of the help."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from subscriptions.help import TOPICS, Topic
from tests import cast

YOU_ARE = "“your provider” is you"


def address(slug: str) -> str:
    return reverse("subscriptions:help-topic", args=[slug])


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.slug)
def test_it_works(client: Client, viewer: User, topic: Topic) -> None:
    response = cast.sign_in(client, viewer).get(address(topic.slug))
    text = response.content.decode()

    assert response.status_code == 200
    assert f"<h1>{topic.title}</h1>" in text
    assert text.count('aria-current="page"') == 1
    assert YOU_ARE not in text


def test_staff_read_it_in_their_section(client: Client, auditor: User) -> None:
    response = cast.sign_in(client, auditor).get(address("term"))

    assert response.status_code == 200
    assert "staff/base.html" in [template.name for template in response.templates]
    assert YOU_ARE in response.content.decode()


@pytest.mark.parametrize("slug", ["no-such-topic", "EAB", "_recipe"])
def test_unknown_topic(client: Client, viewer: User, slug: str) -> None:
    assert cast.sign_in(client, viewer).get(address(slug)).status_code == 404


def test_signed_out(client: Client, db: None) -> None:
    assert client.get(address("eab"))["Location"] == f"{reverse('account_login')}?next={address('eab')}"


def test_post_is_refused(client: Client, viewer: User) -> None:
    assert cast.sign_in(client, viewer).post(address("eab")).status_code == 405
