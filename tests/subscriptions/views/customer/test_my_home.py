"""The home of the customers' people."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from subscriptions.models import Certificate, Subscription
from tests import cast

HOME = reverse("subscriptions:my-home")


def sentences(client: Client) -> list[str]:
    return [card.health.sentence for card in client.get(HOME).context["cards"]]


def test_it_works(client: Client, viewer: User, running_subscription: Subscription) -> None:
    for domain in running_subscription.domains.all():
        cast.make_certificate(domain)
    response = cast.sign_in(client, viewer).get(HOME)
    text = response.content.decode()
    [card] = response.context["cards"]
    assert (card.subscription.title, list(card.names), card.more) == ("Intranet", ["example.com", "www.example.com"], 0)
    assert "2 of 2 certificates current." in text
    assert "Northwind Traders" in text
    assert reverse("subscriptions:my-subscription", args=[running_subscription.code]) in text


def test_nothing_yet(client: Client, owner: User) -> None:
    text = cast.sign_in(client, owner).get(HOME).content.decode()
    assert "No subscription yet" in text


@pytest.mark.parametrize("name", ["stranger", "operator"])
def test_others_see_nothing_of_it(
    client: Client, running_subscription: Subscription, name: str, request: pytest.FixtureRequest
) -> None:
    response = cast.sign_in(client, request.getfixturevalue(name)).get(HOME)
    assert response.context["cards"] == []
    assert "Northwind" not in response.content.decode()


def test_signed_out(client: Client) -> None:
    assert client.get(HOME)["Location"] == f"{reverse('account_login')}?next={HOME}"


@pytest.mark.parametrize(("days", "word"), [(3, "Expires"), (-3, "Expired")])
def test_a_term_that_is_over_expired(
    client: Client, owner: User, running_subscription: Subscription, days: int, word: str
) -> None:
    ends_at = timezone.now() + timedelta(days=days)
    Subscription.objects.filter(pk=running_subscription.pk).update(expires_at=ends_at)
    pages = [HOME, reverse("subscriptions:subscription-detail", args=[running_subscription.code])]
    staff = cast.sign_in(Client(), cast.make_user("robin@reseller.example", reseller_role="operator"))
    for visitor, page in zip((cast.sign_in(client, owner), staff), pages, strict=True):
        assert f"<dt>{word}</dt>" in visitor.get(page).content.decode()


def test_health(client: Client, owner: User, running_subscription: Subscription) -> None:
    cast.sign_in(client, owner)
    first, second = running_subscription.domains.all()
    assert sentences(client) == ["No certificate yet for 2 names."]
    cast.make_certificate(first)
    assert sentences(client) == ["1 of 2 certificates current."]
    late = cast.make_certificate(second)
    cast.change_certificate(late, valid_until=timezone.now() - timedelta(days=3, hours=1))
    assert sentences(client) == ["The certificate of www.example.com expired 3 days ago."]
    failed = {"status_code": 7, "failed_code": 7, "ordered_failed_since": timezone.now()}
    cast.change_certificate(Certificate.objects.get(domain=first), **failed)
    assert sentences(client) == ["The certificate of www.example.com expired 3 days ago."]
    cast.change_certificate(Certificate.objects.get(domain=second), valid_until=timezone.now() + timedelta(days=3))
    assert sentences(client) == ["The last order of 1 of 2 names failed."]
    for certificate in Certificate.objects.all():
        cast.change_certificate(certificate, valid_until=timezone.now() - timedelta(days=3))
    assert sentences(client) == ["2 of 2 certificates have expired."]


def test_more_names_than_a_card_shows(client: Client, owner: User, running_subscription: Subscription) -> None:
    cast.make_names(running_subscription, 10)
    [card] = cast.sign_in(client, owner).get(HOME).context["cards"]
    assert (list(card.names), card.more) == (["example.com", "host0.example.com", "host1.example.com"], 9)


def test_two_customers(client: Client, owner: User, subscription: Subscription) -> None:
    other = cast.make_customer("Tailspin Toys")
    cast.add_person(other, owner)
    cast.make_subscription(other)
    response = cast.sign_in(client, owner).get(HOME)
    assert len(response.context["cards"]) == 2
    assert "<dd>Tailspin Toys</dd>" in "".join(response.content.decode().split("\n")).replace("  ", "")


def test_queries_do_not_grow(
    client: Client, owner: User, customer: Customer, count_queries: Callable[[Client, str], int]
) -> None:
    cast.make_names(cast.make_subscription(customer), 10)
    cast.sign_in(client, owner).get(HOME)
    few = count_queries(client, HOME)
    cast.make_names(cast.make_subscription(customer), 1000)
    for _ in range(30):
        cast.make_subscription(customer)
    assert count_queries(client, HOME) == few
