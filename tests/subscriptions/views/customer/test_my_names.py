"""The list of a subscription's names for its customer: what it is searched and filtered by, and that nothing costs."""

from decimal import Decimal

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from subscriptions.models import AcmeAccount, Certificate, Operation, Subscription
from tests import cast

pytestmark = pytest.mark.usefixtures("no_broker")


@pytest.fixture
def viewing(client: Client, viewer: User) -> Client:
    return cast.sign_in(client, viewer)


@pytest.fixture
def names(running_subscription: Subscription) -> Subscription:
    """Two names, one of them with a certificate, and a third that was paid."""
    account = AcmeAccount.objects.create(
        binding=running_subscription.binding, acme_account_id="70999", status="valid", user_agent="lego/4.9.1"
    )
    made = cast.make_certificate(running_subscription.domains.get(name="www.example.com"))
    Certificate.objects.filter(pk=made.pk).update(ca_order_number=123455, acme_account_id=account.acme_account_id)
    operation = cast.make_order(
        cast.make_quote(running_subscription, {"*.shop.example.com": "987.65"})
    ).operations.get()
    Operation.objects.filter(pk=operation.pk).update(charged=Decimal("987.65"), charged_currency="USD")
    cast.make_domain(running_subscription, "*.shop.example.com", operation=operation)
    return running_subscription


def listed(client: Client, subscription: Subscription, **query: str) -> list[str]:
    page = client.get(reverse("subscriptions:my-names", args=[subscription.code]), query)
    return [row.record.name for row in page.context["table"].rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["*.shop.example.com", "example.com", "www.example.com"]),
        ({"sort": "-name"}, ["www.example.com", "example.com", "*.shop.example.com"]),
        ({"q": "WWW"}, ["www.example.com"]),
        ({"type": "wildcard"}, ["*.shop.example.com"]),
        ({"certificate": "current"}, ["www.example.com"]),
        ({"certificate": "never_issued", "type": "fqdn"}, ["example.com"]),
        ({"price": "free"}, ["*.shop.example.com", "example.com", "www.example.com"]),
        ({"jump": "ex"}, ["example.com", "www.example.com"]),
        ({"until": "2001-01-01"}, []),
    ],
)
def test_names_are_searched_filtered_and_ordered(
    viewing: Client, names: Subscription, query: dict[str, str], expected: list[str]
) -> None:
    assert listed(viewing, names, **query) == expected


def test_page_and_file_say_what_the_ca_reported_and_no_price(viewing: Client, names: Subscription) -> None:
    page = viewing.get(reverse("subscriptions:my-names", args=[names.code])).content.decode()
    file = viewing.get(reverse("subscriptions:my-name-export", args=[names.code]), {"q": "example"})
    assert isinstance(file, StreamingHttpResponse)
    text = file.getvalue().decode()

    for shown in (page, text):
        assert "123455" in shown
        assert "lego 4.9.1" in shown
        assert "987" not in shown
        assert "USD" not in shown
    assert len(text.splitlines()) == 4


def test_removed_names_are_in_neither(viewing: Client, names: Subscription) -> None:
    names.domains.filter(name="www.example.com").update(removed_at=cast.utc(2026, 1, 5))

    assert listed(viewing, names) == ["*.shop.example.com", "example.com"]
    file = viewing.get(reverse("subscriptions:my-name-export", args=[names.code]))
    assert isinstance(file, StreamingHttpResponse)
    assert "www.example.com" not in file.getvalue().decode()


def test_the_page_of_the_subscription_leads_there(viewing: Client, names: Subscription) -> None:
    page = viewing.get(reverse("subscriptions:my-subscription", args=[names.code])).content.decode()
    assert reverse("subscriptions:my-names", args=[names.code]) in page
