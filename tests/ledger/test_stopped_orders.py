"""An order stopped by a charge above the confirmed one: nothing more of it is sent before a person decides."""

from decimal import Decimal

import pytest

from subscriptions.models import Operation, Order, Transaction
from subscriptions.sandbox import Fault
from subscriptions.selectors.operations import last_event_of
from subscriptions.services.operations import decide_done, decide_send
from tests.ledger.world import World

State = Operation.State


def _running_with_two(world: World) -> tuple[Operation, Operation]:
    """Two names of one order in lanes of their own, the price raised after the confirmation."""
    subscription = world.ready_subscription()
    world.work(world.order(subscription, ["example.com"]).operations.get())
    order = world.order(subscription, ["example.net", "example.org"])
    first, second = order.operations.order_by("pk")
    world.ca.set_price("northwind", "DV", "FQDN", "500.00")
    return first, second


def test_one_that_was_under_way_is_not_sent(world: World) -> None:
    first, second = _running_with_two(world)
    prepared = world.prepare(world.claim(second))
    world.work(first)
    assert Order.objects.filter(operations=first).get().stopped_at is not None

    world.send(prepared)
    second.refresh_from_db()
    assert (second.state, world.changes("ADDDOMAIN")) == (State.QUEUED, 2), "the last look saw it"

    world.work(second)
    second.refresh_from_db()
    assert second.state == State.ATTENTION
    assert world.changes("ADDDOMAIN") == 2


def test_one_that_was_given_back_is_not_sent_again_unless_a_person_says_so(world: World) -> None:
    first, second = _running_with_two(world)
    world.ca.arm("ADDDOMAIN", Fault.too_many_requests(), quoteOnly="N")
    world.send(world.prepare(world.claim(second)))
    world.work(first)
    world.clock.advance(minutes=11)
    world.work(second)
    second.refresh_from_db()
    assert second.state == State.ATTENTION
    assert "was stopped" in str(second.events.last())

    decide_send(actor=world.staff, operation=second, seen_event=last_event_of(second), reason="The new price is fine.")
    Operation.objects.filter(pk=second.pk).update(price=Decimal("500.00"))
    world.work(second)

    second.refresh_from_db()
    assert second.state == State.SUCCEEDED


@pytest.mark.parametrize(("charged", "state"), [("500.00", State.ATTENTION), ("50.00", State.QUEUED)])
def test_a_charge_a_person_chooses_stops_the_rest_too(world: World, charged: str, state: str) -> None:
    order = world.order(world.ready_subscription(), ["example.com", "example.net"])
    first, second = order.operations.order_by("pk")
    Operation.objects.filter(pk=first.pk).update(state=State.ATTENTION, was_unknown=True)
    first.refresh_from_db()
    charge = Transaction.objects.create(
        binding=world.binding(first.subscription),
        kind=Transaction.ADDITION,
        ca_order_number=1,
        cost=Decimal(charged),
        currency="USD",
        names=["example.com"],
    )
    decide_done(
        actor=world.staff,
        operation=first,
        seen_event=last_event_of(first),
        reason="It is on the bill.",
        charge=charge,
    )
    second.refresh_from_db()
    first.refresh_from_db()
    assert second.state == state
    assert (first.charged, first.ca_order_number) == (Decimal(charged), 1)
