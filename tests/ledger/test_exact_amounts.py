"""Amounts of more or fewer digits than two are quoted, confirmed, charged, read and shown exactly."""

import html
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Operation, Order, Transaction
from subscriptions.sandbox import Fault
from subscriptions.selectors.costs import cost_overview
from tests import cast
from tests.ledger.world import World

PRICES = [
    ("50.005", "KWD", "50.005"),
    ("200.10000000000002", "USD", "200.10"),
    ("200.1000004", "USD", "200.10"),
    ("0.0000005", "USD", "0.000001"),
    ("9800", "JPY", "9,800"),
    ("1e2", "EUR", "100.00"),
]


@pytest.fixture
def price_of_the_ca(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The sandbox counts in cents: what it says of money on its way out is made another amount."""
    answer = world.ca.handle_admin

    def have(amount: str, currency: str) -> None:
        def say(*args: Any, **kwargs: Any) -> Any:
            reply = answer(*args, **kwargs)
            body = re.sub(rb'("cost": ?)[1-9][\d.]*', rb"\g<1>" + amount.encode(), reply.body)
            return replace(reply, body=re.sub(rb'("currency": ?")USD', rb"\g<1>" + currency.encode(), body))

        monkeypatch.setattr(world.ca, "handle_admin", say)

    return have


def _told_everywhere(world: World, order: Order, told: str) -> None:
    client = cast.sign_in(Client(), world.staff)
    operation = order.operations.get()
    pages = [
        reverse("subscriptions:quote-detail", args=[order.quote.code]),
        reverse("subscriptions:order-detail", args=[order.code]),
        reverse("subscriptions:operation-detail", args=[operation.code]),
        reverse("subscriptions:subscription-detail", args=[cast.subscription_of(order).code]),
        reverse("subscriptions:operation-list"),
        reverse("subscriptions:order-list"),
        reverse("subscriptions:dashboard"),
    ]
    for page in pages:
        assert f">{operation.currency}</span> {told}<" in html.unescape(client.get(page).content.decode()), page


@pytest.mark.parametrize(("said", "currency", "told"), PRICES)
def test_from_quote_to_charge(world: World, price_of_the_ca: Any, said: str, currency: str, told: str) -> None:
    price_of_the_ca(said, currency)
    exact = Decimal(told.replace(",", ""))
    subscription = world.ready_subscription()
    order = world.order(subscription, ["example.com"])
    assert order.amounts == {currency: exact}

    world.clock.advance(minutes=5)  # the price guard asks again
    world.work(order.operations.get())

    operation = order.operations.get()
    assert (operation.state, operation.charged, operation.charged_currency) == ("succeeded", exact, currency)
    assert operation.charged_text == said
    assert not operation.is_overcharged
    world.clock.advance(minutes=5)
    world.read(subscription)
    assert Transaction.objects.get().cost == exact
    assert cost_overview(timezone.now()).this_month == {currency: exact}
    _told_everywhere(world, order, told)


def test_a_lost_charge_is_read_back_exactly(world: World, price_of_the_ca: Any) -> None:
    price_of_the_ca("50.005", "KWD")
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)

    world.settle_until_known(operation)

    assert (operation.state, operation.charged) == (Operation.State.SUCCEEDED, Decimal("50.005"))
    order = operation.order
    assert order is not None
    assert order.stopped_at is None


def test_a_rise_in_the_third_digit_needs_a_person(world: World, price_of_the_ca: Any) -> None:
    price_of_the_ca("50.005", "KWD")
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.clock.advance(minutes=5)
    price_of_the_ca("50.006", "KWD")

    world.work(operation)

    operation.refresh_from_db()
    assert operation.state == Operation.State.ATTENTION
    assert "The CA now asks KWD 50.006; KWD 50.005 was confirmed." in str(operation.events.last())
    assert world.changes("ADDDOMAIN") == 0
