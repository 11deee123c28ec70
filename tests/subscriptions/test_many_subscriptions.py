"""Quotes and orders of several subscriptions, kinds and currencies: each line knows what it is about."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from subscriptions.kinds import ADDING
from subscriptions.models import Operation, Order, Quote, QuoteLine, Subscription
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quotes import write_quote
from subscriptions.worker import pricing
from tests import cast
from tests.ledger.conftest import ca, caas, clock, world
from tests.ledger.world import World

__all__ = ["ca", "caas", "clock", "world"]

pytestmark = pytest.mark.django_db


def of_both(world: World, one: Subscription, other: Subscription) -> Quote:
    """Staff ask for the price of the same name for two subscriptions, in one quote."""
    lines = [
        QuoteLine(subscription=subscription, kind=ADDING.name, name=name)
        for subscription, name in ((one, "example.com"), (other, "example.com"), (other, "*.example.net"))
    ]
    quote = write_quote(lines, actor=world.staff, form_token=uuid4())
    pricing.price(quote.pk, client=world.caas)
    quote.refresh_from_db()
    return quote


def test_one_order_charges_each_line_for_its_own_subscription(world: World) -> None:
    one, other = world.ready_subscription(), world.ready_subscription()
    quote = of_both(world, one, other)
    order = confirm_quote(actor=world.staff, quote=quote)

    assert confirm_quote(actor=world.staff, quote=quote) == order
    lines = order.operations.order_by("turn").values_list("subscription", "domain_name")
    assert list(lines) == [(one.pk, "example.com"), (other.pk, "example.com"), (other.pk, "*.example.net")]
    for operation in order.operations.order_by("turn"):
        world.work(operation)

    assert set(order.operations.values_list("state", flat=True)) == {Operation.State.SUCCEEDED}
    assert [sub.domains.count() for sub in (one, other)] == [1, 2]
    assert world.charged_in_ledger() == world.charged_by_ca() == order.amounts["USD"]


def test_its_pages_tell_of_each_subscription(world: World) -> None:
    one, other = world.ready_subscription(), world.ready_subscription()
    Subscription.objects.filter(pk=one.pk).update(label="The first")
    Subscription.objects.filter(pk=other.pk).update(label="The second")
    quote, client = of_both(world, one, other), cast.sign_in(Client(), world.staff)

    page = client.get(reverse("subscriptions:quote-detail", args=[quote.code])).content.decode()
    told = (
        "For 2 subscriptions.",
        "The first",
        "The second",
        "Add 1 name",
        "Add 2 names",
        "Confirm all 2 – charge",
    )
    for words in told:
        assert words in page, words
    order = confirm_quote(actor=world.staff, quote=quote)
    page = client.get(reverse("subscriptions:order-detail", args=[order.code])).content.decode()
    assert "For 2 subscriptions." in page
    assert "· 2 subscriptions" in client.get(reverse("subscriptions:order-list")).content.decode()
    for subscription in (one, other):
        of_it = client.get(reverse("subscriptions:subscription-detail", args=[subscription.code])).content.decode()
        assert reverse("subscriptions:order-detail", args=[order.code]) in of_it


def test_totals_are_by_currency(subscription: Subscription, operator: User) -> None:
    quote = cast.make_quote(subscription, {"a.example.com": "95.00", "b.example.com": "50.00"})
    quote.lines.filter(name="b.example.com").update(currency="KWD", cost=Decimal("50.005"))
    pricing._finish(quote, None)  # type: ignore[arg-type]  # nobody has claimed it
    quote.refresh_from_db()

    assert quote.amounts == {"KWD": Decimal("50.005"), "USD": Decimal("95.00")}
    order = confirm_quote(actor=operator, quote=quote)
    assert order.amounts == quote.amounts
    assert AuditEvent.objects.get(action="order.confirmed").detail["total"] == "KWD 50.005 and USD 95.00"


@pytest.mark.django_db(transaction=True)
def test_quotes_of_before_keep_what_they_were_for(subscription: Subscription) -> None:
    order = cast.make_order(cast.make_quote(subscription, {"a.example.com": "95.10"}))
    before = [("subscriptions", "0014_keys_not_listed")]
    newest = [node for node in MigrationExecutor(connection).loader.graph.leaf_nodes() if node[0] == "subscriptions"]
    try:
        MigrationExecutor(connection).migrate(before)
        with connection.cursor() as cursor:
            cursor.execute("SELECT subscription_id, total, currency FROM subscriptions_order WHERE id = %s", [order.pk])
            subscription_id, total, currency = cursor.fetchone()
        assert (subscription_id, Decimal(str(total)), currency) == (subscription.pk, Decimal("95.10"), "USD")
    finally:
        MigrationExecutor(connection).migrate(newest)

    order = Order.objects.get(pk=order.pk)
    assert order.amounts == order.quote.amounts == {"USD": Decimal("95.10")}
    line = order.quote.lines.get()
    assert (line.subscription_id, line.kind, line.name) == (subscription.pk, "add_domain", "a.example.com")
