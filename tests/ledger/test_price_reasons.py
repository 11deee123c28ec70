"""When the price is asked for again right before the charge, and what becomes of another price."""

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from subscriptions.models import Operation, Order, Subscription
from subscriptions.sandbox import Fault
from tests.ledger.world import World

State = Operation.State


def _quotes(world: World) -> int:
    return int(world.ca.summary()["calls"]["ADDDOMAIN"]["quotes"])


@pytest.fixture
def running(world: World) -> Subscription:
    """A subscription whose first name was added an hour ago."""
    subscription = world.run(world.ready_subscription())
    world.clock.advance(hours=1)
    return subscription


def _nothing(world: World, operation: Operation) -> None:
    """Not a reason."""


def _old(world: World, operation: Operation) -> None:
    world.clock.advance(seconds=60)


def _came_back(world: World, operation: Operation) -> None:
    world.ca.arm("ADDDOMAIN", Fault.unreachable(), quoteOnly="N")
    world.work(operation)
    Operation.objects.filter(pk=operation.pk).update(not_before=world.clock.instant)


def _zero(world: World, operation: Operation) -> None:
    Operation.objects.filter(pk=operation.pk).update(price=0)


def _of_another_term(world: World, operation: Operation) -> None:
    ends_at = operation.subscription.expires_at
    assert ends_at is not None
    Subscription.objects.update(expires_at=ends_at + timedelta(days=1))


def _neighbour(world: World, operation: Operation, **values: Any) -> None:
    Operation.objects.create(
        kind="add_domain",
        state=State.REFUSED,
        subscription=operation.subscription,
        binding=operation.binding,
        finished_at=world.clock.instant + timedelta(seconds=1),
        **values,
    )


def _same_registrable_domain(world: World, operation: Operation) -> None:
    _neighbour(world, operation, registrable_domain=operation.registrable_domain)


def _whole_binding(world: World, operation: Operation) -> None:
    _neighbour(world, operation, lane=Operation.Lane.BINDING)


@pytest.mark.parametrize(
    ("reason", "asked"),
    [
        (_nothing, 0),
        (_old, 1),
        (_came_back, 1),
        (_zero, 1),
        (_of_another_term, 1),
        (_same_registrable_domain, 1),
        (_whole_binding, 1),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_each_reason_has_it_asked_for_again(
    world: World, running: Subscription, reason: Callable[[World, Operation], None], asked: int
) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    reason(world, operation)
    before = _quotes(world)
    world.work(operation)
    assert _quotes(world) - before == asked


def test_the_first_name_of_a_term_has_the_others_asked_for_again(world: World) -> None:
    order = world.order(world.ready_subscription(), ["example.com", "example.net"])
    first, second = order.operations.order_by("pk")
    before = _quotes(world)
    world.work(first)
    assert _quotes(world) == before
    world.work(second)
    assert _quotes(world) == before + 1


def test_a_term_that_the_ca_shows_to_be_another_has_it_asked_for_again(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    with world.ca.state.transaction() as db:  # somebody else extends it
        db.execute("UPDATE subscriptions SET expires_at = '2031-01-01T23:59:59Z'")
    before = _quotes(world)
    world.work(operation)
    assert _quotes(world) - before == 1
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION, "years more at the price of days more"
    assert world.changes("ADDDOMAIN") == 1
    running.refresh_from_db()
    assert running.expires_at == operation.subscription.expires_at
    assert running.expires_at is not None
    assert running.expires_at.year == 2031


@pytest.mark.parametrize(("listed", "asked"), [("880000001", 0), ("880000002", 1)])
def test_another_anchor_at_the_ca_has_it_asked_for_again(world: World, listed: str, asked: int) -> None:
    running = world.run(world.ready_subscription("OV"))
    operation = world.order(running, ["example.net"]).operations.get()
    world.rewrite("LISTDOMAINS", lambda answer: [row.update(ovAnchorOrderNumber=listed) for row in answer["Domains"]])
    before = _quotes(world)
    world.work(operation)
    assert _quotes(world) - before == asked


def test_a_lost_answer_is_not_followed_by_a_charge_at_a_risen_price(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    world.ca.set_price("northwind", "DV", "FQDN", "61.00")
    assert world.settle_until_known(operation).state == State.QUEUED
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert world.changes("ADDDOMAIN") == 2  # the first name's and the lost one
    assert world.charged_by_ca() == Decimal(50)


def test_what_is_left_of_an_order_when_the_price_rises_within_the_hour_is_not_charged(
    world: World, running: Subscription
) -> None:
    order = world.order(running, [f"example{number}.org" for number in range(20)])
    operations = list(order.operations.order_by("turn", "pk"))
    for operation in operations[:12]:
        world.work(operation)
    world.ca.set_price("northwind", "DV", "FQDN", "61.00")
    world.clock.advance(minutes=30)
    for operation in operations[12:]:
        world.work(operation)
    states = [one.state for one in order.operations.order_by("turn", "pk")]
    assert states == [State.SUCCEEDED] * 12 + [State.ATTENTION] * 8
    assert world.charged_in_ledger() == world.charged_by_ca() == 13 * 50


def test_with_an_age_of_zero_each_price_is_asked_for_and_charged(
    world: World, running: Subscription, settings: Any
) -> None:
    settings.CAAS_PRICE_MAX_AGE = 0
    order = world.order(running, ["example.net", "example.org"])
    before = _quotes(world)
    for operation in order.operations.all():
        world.work(operation)
    assert _quotes(world) == before + 2
    assert {one.state for one in order.operations.all()} == {State.SUCCEEDED}


@pytest.mark.parametrize("max_age", [0, 60])
def test_the_last_look_refuses_a_price_that_has_grown_old(
    world: World, running: Subscription, settings: Any, max_age: int
) -> None:
    settings.CAAS_PRICE_MAX_AGE = max_age
    operation = world.order(running, ["example.net"]).operations.get()
    prepared = world.prepare(world.claim(operation))
    world.clock.advance(seconds=60)
    assert not prepared.last_look()
    world.send(prepared)
    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    assert world.changes("ADDDOMAIN") == 1
    world.work(operation)
    assert world.changes("ADDDOMAIN") == 2


@pytest.mark.parametrize(("before_the_end", "is_added"), [(601, True), (600, False), (1, False)])
def test_nothing_is_added_in_the_last_ten_minutes_of_its_term(
    world: World, running: Subscription, before_the_end: float, is_added: bool
) -> None:
    assert running.expires_at is not None
    world.clock.instant = running.expires_at - timedelta(seconds=before_the_end)
    operation = world.order(running, ["example.net"]).operations.get()
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state == State.SUCCEEDED) == is_added
    assert (operation.state == State.ATTENTION) != is_added


def test_a_second_charge_above_the_price_stops_what_was_sent_on_after_the_first(
    world: World, running: Subscription
) -> None:
    """A person let the rest go after the first; of what is under way when the second comes nothing more is sent."""
    order = world.order(running, ["example.net", "example.org", "example.edu"])
    first, second, third = order.operations.order_by("turn", "pk")
    world.ca.set_price("northwind", "DV", "FQDN", "61.00")
    world.work(first)
    assert Order.objects.get(pk=order.pk).stopped_at == world.clock.instant
    world.clock.advance(seconds=5)
    Operation.objects.filter(pk__in=[second.pk, third.pk]).update(
        state=State.QUEUED, decided_at=world.clock.instant, not_before=world.clock.instant
    )
    waiting = world.prepare(world.claim(third))
    world.clock.advance(seconds=5)
    world.work(second)
    second.refresh_from_db()
    assert second.is_overcharged
    assert not waiting.last_look()
    world.send(waiting)
    world.work(third)
    third.refresh_from_db()
    assert third.state == State.ATTENTION
    assert world.changes("ADDDOMAIN") == 3


def test_a_zero_in_another_currency_is_no_overcharge_and_more_is(world: World, running: Subscription) -> None:
    world.add(running, "example.net")
    order = world.order(running, ["www.example.net", "example.org"])
    free, last = (order.operations.get(domain_name=name) for name in ("www.example.net", "example.org"))
    world.rewrite("ADDDOMAIN", lambda answer: answer.update(currency="EUR"))
    world.work(free)
    free.refresh_from_db()
    assert (free.charged, free.charged_currency, free.is_overcharged) == (Decimal(0), "EUR", False)
    assert Order.objects.get(pk=order.pk).stopped_at is None
    world.work(last)
    last.refresh_from_db()
    assert (last.charged, last.is_overcharged) == (Decimal(50), True)
    assert Order.objects.get(pk=order.pk).stopped_at is not None


@pytest.mark.parametrize("amount", ["50.005", "200.10000000000002", "0.0000004", "49.9999995", "1e2"])
def test_fractions_are_exact_from_the_quote_to_the_charge(world: World, running: Subscription, amount: str) -> None:
    """The same text in quote, guard, answer and list is the same amount; nothing is stopped over a rounded digit."""
    quoted = _to_six_decimals(amount)
    world.rewrite("ADDDOMAIN", lambda answer: answer.update(cost=amount), with_quotes=True)
    world.rewrite_charges(lambda entry: entry.update(cost=amount) if _is_for(entry, "example.net") else None)
    operation = world.order(running, ["example.net"]).operations.get()
    assert operation.price == quoted
    world.clock.advance(minutes=2)
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.charged, operation.is_overcharged) == (State.SUCCEEDED, quoted, False)
    world.clock.advance(minutes=20)
    world.read_twice(running)
    assert world.findings() == {}


def _is_for(entry: dict[str, Any], name: str) -> bool:
    return bool(entry["domains"][0]["name"] == name)


def _to_six_decimals(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)


def test_nobody_charges_what_nobody_confirmed(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    Operation.objects.filter(pk=operation.pk).update(price=None)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert world.changes("ADDDOMAIN") == 1
