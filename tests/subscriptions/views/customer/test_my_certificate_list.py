"""The certificates of a customer's own names, and the sentence over all of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, Membership, User
from accounts.roles import CustomerRole
from subscriptions.models import Subscription
from tests import cast

URL = reverse("subscriptions:my-certificate-list")
FILE = reverse("subscriptions:my-certificate-export")
HOME = reverse("subscriptions:my-home")


@pytest.fixture
def other(customer: Customer) -> Subscription:
    """Another subscription of the same customer, whose certificate is late."""
    subscription = cast.make_subscription(customer, expires_at=timezone.now() + timedelta(days=90))
    domain = cast.make_domain(subscription, "late.example.com")
    cast.make_certificate(domain, days=10, valid_from=timezone.now() - timedelta(days=80))
    return subscription


def listed(client: Client, **query: str) -> list[str]:
    return [row.record.name for row in client.get(URL, query).context["table"].rows]


def test_it_lists_ones_own(
    client: Client, viewer: User, running_subscription: Subscription, other: Subscription
) -> None:
    cast.make_certificate(running_subscription.domains.get(name="example.com"))
    strange = cast.make_subscription(cast.make_customer("Contoso"))
    cast.make_certificate(cast.make_domain(strange, "contoso.example"))
    cast.sign_in(client, viewer)
    assert listed(client) == ["late.example.com", "example.com"]
    assert listed(client, state="late") == ["late.example.com"]
    assert listed(client, q="late") == ["late.example.com"]
    page = client.get(URL).content.decode()
    assert reverse("subscriptions:my-name", args=[other.domains.get().code]) in page
    assert "Contoso" not in page


def test_whoever_sees_some_subscriptions_sees_their_names(
    client: Client, viewer: User, running_subscription: Subscription, other: Subscription
) -> None:
    cast.make_certificate(running_subscription.domains.get(name="example.com"))
    place = Membership.objects.get(user=viewer)
    Membership.objects.filter(pk=place.pk).update(is_limited=True)
    place.subscriptions.set([running_subscription])
    cast.sign_in(client, viewer)
    assert listed(client) == ["example.com"]
    assert client.get(reverse("subscriptions:my-name", args=[other.domains.get().code])).status_code == 404
    assert client.get(HOME).context["health"].sentence == "1 of 2 certificates current."


def test_the_file(client: Client, viewer: User, other: Subscription) -> None:
    response: Any = cast.sign_in(client, viewer).get(FILE, {"state": "late"})
    lines = response.getvalue().decode().splitlines()
    assert len(lines) == 2
    assert "late.example.com" in lines[1]
    assert "Late" in lines[1]


def test_a_stranger_sees_nothing(client: Client, stranger: User, other: Subscription) -> None:
    cast.sign_in(client, stranger)
    assert listed(client) == []
    assert client.get(HOME).context["health"] is None


def test_one_sentence_over_everything(
    client: Client, owner: User, running_subscription: Subscription, other: Subscription, customer: Customer
) -> None:
    for domain in running_subscription.domains.all():
        cast.make_certificate(domain)
    lapsed = cast.make_subscription(customer, expires_at=timezone.now() - timedelta(days=60))
    cast.make_certificate(cast.make_domain(lapsed, "over.example.com"), days=-20)
    response = cast.sign_in(client, owner).get(HOME)
    sentence = "The renewal of late.example.com is late: it was due 20 days ago."
    assert response.context["health"].sentence == sentence
    assert sentence in response.content.decode()
    assert f'href="{URL}"' in response.content.decode()


def test_several_customers_are_told_apart(client: Client, owner: User, other: Subscription) -> None:
    cast.add_person(cast.make_customer("Wingtip Toys"), owner, CustomerRole.OWNER)
    assert "Northwind Traders" in cast.sign_in(client, owner).get(URL).content.decode()
