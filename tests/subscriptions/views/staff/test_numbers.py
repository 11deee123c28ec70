"""The numbers by which people cite quotes and orders: in headings, lists, searches, records and on paper."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from subscriptions.models import Order, Subscription
from subscriptions.services.orders import confirm_quote
from tests import cast


@pytest.fixture
def order(subscription: Subscription, operator: User) -> Order:
    return confirm_quote(actor=operator, quote=cast.make_quote(subscription, {"a.example.com": "95.00"}))


def text_of(client: Client, route: str, *args: object, **query: str) -> str:
    return " ".join(client.get(reverse(f"subscriptions:{route}", args=args), query).content.decode().split())


def test_a_page_is_headed_by_its_number(staff_client: Client, order: Order) -> None:
    quote = order.quote
    of_quote, of_order = (
        text_of(staff_client, "quote-detail", quote.code),
        text_of(staff_client, "order-detail", order.code),
    )

    assert f"<h1>Quote {quote.number}</h1>" in of_quote
    assert f"<title>Quote {quote.number}" in of_quote
    assert f">Order {order.number}</a> was made once" in of_quote
    assert f"<h1>Order {order.number}</h1>" in of_order
    assert f"<title>Order {order.number}" in of_order
    assert f">{quote.number}</a>" in of_order


@pytest.mark.parametrize("route", ["quote-list", "order-list", "dashboard", "operation-detail", "subscription-detail"])
def test_it_stands_wherever_a_quote_or_an_order_is_told(staff_client: Client, order: Order, route: str) -> None:
    operation = order.operations.get()
    args = {"operation-detail": [operation.code], "subscription-detail": [operation.subscription.code]}.get(route, [])
    number = order.quote.number if route == "quote-list" else order.number

    assert f">{number}</a>" in text_of(staff_client, route, *args)


def test_it_is_looked_for(staff_client: Client, order: Order, subscription: Subscription) -> None:
    cast.make_order(cast.make_quote(subscription, {"b.example.com": "1.00"}))

    def found(route: str, text: str) -> list[object]:
        response = staff_client.get(reverse(f"subscriptions:{route}"), {"q": text})
        return [row.record for row in response.context["table"].rows]

    assert found("order-list", order.number.lower()) == [order]
    assert found("order-list", order.quote.number) == [order]
    assert found("quote-list", order.quote.number) == [order.quote]
    assert found("operation-list", order.number) == [order.operations.get()]
    assert found("order-list", "O-999999") == []


def test_the_audit_trail_tells_it(order: Order) -> None:
    told = AuditEvent.objects.filter(target_kind="order").values_list("target_name", flat=True)
    assert list(told) == [f"Order {order.number}"]


def test_no_number_is_given_twice(subscription: Subscription) -> None:
    first = cast.make_quote(subscription)
    number = first.number
    first.delete()

    assert cast.make_quote(subscription).number != number
