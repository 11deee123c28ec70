"""The price guard: a charge above the confirmed price is not made."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.errors import ServiceError
from subscriptions.caas.types import DomainQuote
from subscriptions.models import Operation
from subscriptions.sandbox import Fault
from subscriptions.selectors.operations import ways_out
from subscriptions.services.operations import accept_asked_price, decide_send
from subscriptions.services.orders import confirm_quote
from tests.ledger.world import World

State = Operation.State


def _ordered(world: World) -> Operation:
    return world.order(world.ready_subscription(), ["example.com"]).operations.get()


def test_a_fresh_quote_is_charged_without_asking_again(world: World) -> None:
    operation = _ordered(world)
    quotes = world.ca.summary()["calls"]["ADDDOMAIN"]["quotes"]
    world.work(operation)
    assert world.ca.summary()["calls"]["ADDDOMAIN"]["quotes"] == quotes


@pytest.mark.parametrize(("price", "state"), [("500.00", State.ATTENTION), ("1.00", State.SUCCEEDED)])
def test_an_old_quote_is_asked_again(world: World, price: str, state: str) -> None:
    operation = _ordered(world)
    world.clock.advance(hours=1)
    world.ca.set_price("northwind", "DV", "FQDN", price)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == state
    assert world.charged_by_ca() == (Decimal(price) if state == State.SUCCEEDED else 0)
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_quoting_again_refused_needs_a_person(world: World) -> None:
    operation = _ordered(world)
    world.clock.advance(hours=1)
    world.ca.arm("ADDDOMAIN", Fault.error("permission"), quoteOnly="Y")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    moves = list(operation.events.values_list("from_state", "to_state"))
    assert moves == [("", "queued"), ("queued", "sending"), ("sending", "queued"), ("queued", "attention")]
    assert world.changes("ADDDOMAIN") == 0


def test_quoting_again_unanswered_waits(world: World) -> None:
    operation = _ordered(world)
    world.clock.advance(hours=1)
    world.ca.arm("ADDDOMAIN", Fault.server_error(), quoteOnly="Y")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    assert operation.sent_at is None


def test_a_neighbour_that_ended_since_makes_it_ask_again(world: World) -> None:
    order = world.order(world.ready_subscription(), ["example.com", "shop.example.com"])
    first, second = order.operations.order_by("pk")
    world.work(first)
    quotes = world.ca.summary()["calls"]["ADDDOMAIN"]["quotes"]
    world.clock.advance(seconds=5)
    Operation.objects.filter(pk=first.pk).update(finished_at=world.clock.instant - timedelta(seconds=1))
    world.work(second)
    assert world.ca.summary()["calls"]["ADDDOMAIN"]["quotes"] == quotes + 1


def _answering_late(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    quote_domain = world.caas.quote_domain

    def late(**arguments: Any) -> DomainQuote:
        quoted = quote_domain(**arguments)
        world.clock.advance(seconds=2)
        return quoted

    monkeypatch.setattr(world.caas, "quote_domain", late)


def test_a_price_asked_before_midnight_is_of_that_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    subscription = world.ready_subscription()
    world.clock.advance(hours=14, minutes=59, seconds=59)
    _answering_late(world, monkeypatch)
    quote = world.quote(subscription, ["example.com"])
    assert quote.state == quote.State.READY
    assert not quote.is_valid(world.clock.instant), "the price is yesterday's"


@pytest.mark.parametrize("again", [False, True], ids=["first quote", "quoted again"])
def test_a_neighbour_that_ended_while_the_answer_was_on_its_way(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    again: bool,
) -> None:
    subscription = world.ready_subscription()
    first = world.order(subscription, ["example.com"]).operations.get()
    world.work(first)
    _answering_late(world, monkeypatch)
    second = world.order(subscription, ["shop.example.com"]).operations.get()
    if again:
        world.clock.advance(hours=1)
        world.ca.arm("ADDDOMAIN", Fault.too_many_requests(), quoteOnly="N")
        world.work(second)
    quotes = world.ca.summary()["calls"]["ADDDOMAIN"]["quotes"]
    Operation.objects.filter(pk=first.pk).update(finished_at=world.clock.instant - timedelta(seconds=1))
    world.clock.advance(minutes=20)
    world.work(second)
    second.refresh_from_db()
    assert second.state == State.SUCCEEDED
    assert world.ca.summary()["calls"]["ADDDOMAIN"]["quotes"] == quotes + 1


def test_a_quote_that_no_longer_holds_cannot_be_confirmed(world: World) -> None:
    quote = world.quote(world.ready_subscription(), ["example.com"])
    world.clock.advance(hours=1)
    with pytest.raises(ServiceError, match="no longer valid"):
        confirm_quote(actor=world.staff, quote=quote)
    assert not Operation.objects.filter(kind=Operation.Kind.ADD_DOMAIN).exists()


def test_a_price_that_rose_while_an_answer_was_looked_for_can_be_accepted(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    assert world.settle_until_known(operation).state == Operation.State.QUEUED
    world.ca.set_price("northwind", "DV", "FQDN", "60.00")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == Operation.State.ATTENTION

    ways = ways_out(operation)
    assert ways.asked is not None
    accept_asked_price(
        actor=world.staff, operation=operation, seen_event=ways.seen_event, reason="Still wanted.", asked=ways.asked
    )
    world.work(operation)

    operation.refresh_from_db()
    assert (operation.state, operation.charged) == (Operation.State.SUCCEEDED, Decimal("60.00"))
    assert world.charged_by_ca() == Decimal("60.00")


def test_an_order_of_one_term_begins_no_other(world: World) -> None:
    """It was held until the next name begins a new term, and the CA asks less by then: nobody has wanted that."""
    subscription = world.run(world.ready_subscription())
    ends_at = subscription.expires_at
    assert ends_at is not None
    world.clock.instant = ends_at - timedelta(days=20)
    operation = world.order(subscription, ["second.example.com"]).operations.get()
    world.ca.set_price("northwind", "DV", "FQDN", "1.00")
    world.clock.instant = ends_at + timedelta(days=32)
    world.work(operation)

    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert "has ended since" in operation.events.latest("pk").reason
    assert world.changes("ADDDOMAIN") == 1
    last = operation.events.latest("pk").pk
    decide_send(actor=world.staff, operation=operation, seen_event=last, reason="Begin the new term with it.")
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.charged) == (State.SUCCEEDED, Decimal("1.00"))
