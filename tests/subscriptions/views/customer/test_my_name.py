"""The page of one name as its customer sees it."""

import html

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from subscriptions.models import Domain, Subscription
from tests import cast

pytestmark = pytest.mark.usefixtures("no_broker")


@pytest.fixture
def name(running_subscription: Subscription) -> Domain:
    domain: Domain = running_subscription.domains.get(name="www.example.com")
    return domain


def url_of(domain: Domain) -> str:
    return reverse("subscriptions:my-name", args=[domain.code])


def test_it_works(client: Client, viewer: User, name: Domain, running_subscription: Subscription) -> None:
    cast.make_ca_order(name)
    cast.make_certificate(cast.make_domain(running_subscription, "*.example.com"))
    cast.change_certificate(name.certificate)
    response = cast.sign_in(client, viewer).get(url_of(name))
    page = html.unescape(response.content.decode())
    assert response.context["shown"].state == "current"
    assert "It is valid, and its renewal is not due yet." in page
    assert url_of(running_subscription.domains.get(name="*.example.com")) in page
    assert "/staff/" not in page


def test_a_stranger(client: Client, stranger: User, name: Domain) -> None:
    assert cast.sign_in(client, stranger).get(url_of(name)).status_code == 404


def test_before_the_hand_over_there_is_none(client: Client, owner: User, name: Domain) -> None:
    Subscription.objects.update(shown_at=None)
    assert cast.sign_in(client, owner).get(url_of(name)).status_code == 404
