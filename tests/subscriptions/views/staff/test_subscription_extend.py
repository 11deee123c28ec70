"""Three years of a subscription through the pages: sold, extended on the way, lapsed, extended again, and sold anew."""

import re
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from subscriptions.models import Order, Quote, Subscription
from subscriptions.rules.instants import day_text
from subscriptions.rules.prices import all_shown
from subscriptions.rules.terms import last_day
from subscriptions.worker import pricing
from tests import cast
from tests.ledger.conftest import ca, caas, clock, world
from tests.ledger.world import World

__all__ = ["ca", "caas", "clock", "world"]

pytestmark = pytest.mark.django_db


def text_of(client: Client, route: str, row: Subscription | Quote | Order) -> str:
    answer = client.get(reverse(f"subscriptions:{route}", args=[row.code]))
    assert answer.status_code == 200
    page = answer.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def extend(world: World, client: Client, subscription: Subscription, years: int) -> Order:
    """Staff press Extend, choose a term, read the quote and confirm it; workers do the rest."""
    page = reverse("subscriptions:subscription-extend", args=[subscription.code])
    assert page in client.get(reverse("subscriptions:subscription-detail", args=[subscription.code])).content.decode()
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(page).content.decode())
    assert token
    sent = {"term_years": years, "form_token": token[1]}
    first, again = client.post(page, sent), client.post(page, sent)
    assert first["Location"] == again["Location"]
    quote = Quote.objects.latest("pk")
    pricing.price(quote.pk, client=world.caas)
    quote.refresh_from_db()
    shown = text_of(client, "quote-detail", quote)
    years_text = f"{years} year" if years == 1 else f"{years} years"
    assert f"by {years_text} – charge {all_shown(quote.amounts)}" in shown
    assert page in client.get(reverse("subscriptions:quote-detail", args=[quote.code])).content.decode()  # the way back
    client.post(reverse("subscriptions:quote-confirm", args=[quote.code]))
    order = Order.objects.get(quote=quote)
    assert "The extension is under way" in text_of(client, "subscription-detail", subscription)
    world.work(order.operations.get())
    shown = text_of(client, "order-detail", order)
    assert f"Extend by {years_text}" in shown
    assert "brings" not in shown  # the names are there already
    return order


def at_noon(day: datetime) -> datetime:
    return datetime.combine(day.date(), time(12), UTC)


def test_the_life_of_a_subscription(world: World) -> None:
    client = cast.sign_in(Client(), world.staff)
    subscription = world.run(world.ready_subscription())
    world.add(subscription, "*.example.net", add_companions=True)
    first_end = subscription.expires_at
    assert first_end is not None
    assert "The CA takes its extension from" in text_of(client, "subscription-extend", subscription)

    world.clock.instant = at_noon(first_end - timedelta(days=99))
    world.read(subscription)
    client = cast.sign_in(Client(), world.staff)  # the session before is long over
    assert "The term ends soon" in text_of(client, "subscription-detail", subscription)
    extend(world, client, subscription, 2)
    subscription.refresh_from_db()
    second_end = subscription.expires_at
    assert second_end == first_end + timedelta(days=730)
    assert "The term ends soon" not in text_of(client, "subscription-detail", subscription)

    world.clock.instant = at_noon(second_end + timedelta(days=29))
    world.read(subscription)
    client = cast.sign_in(Client(), world.staff)  # the session before is long over
    shown = text_of(client, "subscription-detail", subscription)
    assert "the CA takes an extension, and names can be removed before it" in shown
    ended = f"it counts from {day_text(last_day(second_end))}"
    assert ended in text_of(client, "subscription-extend", subscription)
    typed = {"names": "late.example.com", "form_token": str(uuid4())}
    page = client.post(reverse("subscriptions:domain-add", args=[subscription.code]), typed).content.decode()
    assert "extend it before adding names" in page
    assert "late.example.com" in page
    extend(world, client, subscription, 1)
    subscription.refresh_from_db()
    third_end = subscription.expires_at
    assert third_end == second_end + timedelta(days=365)

    world.clock.instant = at_noon(third_end + timedelta(days=30))
    world.read(subscription)
    client = cast.sign_in(Client(), world.staff)  # the session before is long over
    assert "nothing can be removed from it. From" in text_of(client, "subscription-detail", subscription)
    assert "took its extension until" in text_of(client, "subscription-extend", subscription)
    world.clock.advance(days=2)
    client = cast.sign_in(Client(), world.staff)
    shown = text_of(client, "subscription-detail", subscription)
    assert "There are two ways on" in shown
    assert "starts a new term of 1 year" in shown
    world.add(subscription, "first.example.com")
    subscription.refresh_from_db()
    assert subscription.expires_at is not None
    assert subscription.expires_at > third_end + timedelta(days=365)
    assert world.charged_in_ledger() == world.charged_by_ca()
    world.clock.advance(minutes=20)
    world.read_twice(subscription)
    assert world.findings() == {}
    assert list(subscription.domains.present().values_list("name", flat=True)) == ["first.example.com"]
