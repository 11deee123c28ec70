"""Confirming a quote."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from subscriptions.models import Operation, Order, Quote, Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown


@pytest.fixture
def quote(subscription: Subscription) -> Quote:
    return cast.make_quote(subscription, {"a.example.com": "95.00", "b.example.com": "45.00", "bad.example": None})


@pytest.fixture
def url(quote: Quote) -> str:
    return reverse("subscriptions:quote-confirm", args=[quote.code])


def test_it_works(staff_client: Client, url: str, quote: Quote, operator: User) -> None:
    response = staff_client.post(url)

    order = Order.objects.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("subscriptions:order-detail", args=[order.code])
    assert (order.amounts, order.confirmed_by) == ({"USD": Decimal("140.00")}, operator)
    assert list(Operation.objects.order_by("pk").values_list("domain_name", "state")) == [
        ("a.example.com", "queued"),
        ("b.example.com", "queued"),
    ]


def test_the_work_is_sent_after_the_commit(
    staff_client: Client,
    url: str,
    no_broker: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    cast.open_gate()

    with django_capture_on_commit_callbacks(execute=True):
        staff_client.post(url)

    # The first name starts the term, so it goes alone.
    first = Operation.objects.order_by("pk")[0]
    assert no_broker == [("execute_operation", (first.pk,))]


def test_two_people_confirming_make_one_order(staff_client: Client, admin_client: Client, url: str) -> None:
    first, second = staff_client.post(url), admin_client.post(url)

    assert first["Location"] == second["Location"]
    assert (Order.objects.count(), Operation.objects.count()) == (1, 2)


def test_an_expired_quote_makes_no_order_and_says_so(staff_client: Client, url: str) -> None:
    Quote.objects.update(valid_until=timezone.now() - timedelta(seconds=1))

    response = staff_client.post(url)

    page = response.content.decode()
    assert response.status_code == 409
    assert "Nothing was ordered, nothing was charged" in page
    assert "This quote is no longer valid." in page
    assert "Get a new quote" in page
    assert (Order.objects.count(), Operation.objects.count()) == (0, 0)


def test_a_name_that_another_order_adds_makes_no_order(
    staff_client: Client, url: str, subscription: Subscription
) -> None:
    cast.make_order(cast.make_quote(subscription, {"a.example.com": "95.00"}))

    response = staff_client.post(url)

    assert response.status_code == 409
    assert "Being added by another order already: a.example.com." in response.content.decode()
    assert (Order.objects.count(), Operation.objects.count()) == (1, 1)


def test_access(url: str, owner: User, stranger: User, auditor: User, operator: User) -> None:
    assert status_for(None, url, "post") == 302
    assert status_for(stranger, url, "post") == 404
    assert status_for(owner, url, "post") == 404
    assert status_for(auditor, url, "post") == 403
    assert status_for(operator, unknown("quote-confirm"), "post") == 404
    assert Order.objects.count() == 0


def test_wrong_method(url: str, operator: User) -> None:
    assert status_for(operator, url) == 405
    assert Order.objects.count() == 0
