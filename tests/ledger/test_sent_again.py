"""A person has something sent again that in truth happened: it is found, and never charged twice."""

import pytest

from subscriptions.models import Operation
from subscriptions.sandbox import Fault
from subscriptions.selectors.operations import last_event_of
from subscriptions.services.operations import decide_send
from tests.ledger.world import World

State = Operation.State


def _in_attention(world: World) -> Operation:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.after_caller_gave_up(hold=True), quoteOnly="N")
    world.work(operation)
    Operation.objects.filter(pk=operation.pk).update(state=State.ATTENTION)
    return operation


@pytest.mark.parametrize("minutes", [1, 90])
def test_it_is_found_at_the_ca_before_anything_is_sent(world: World, minutes: int) -> None:
    operation = _in_attention(world)
    world.ca.release()
    world.clock.advance(minutes=minutes)
    decide_send(actor=world.staff, operation=operation, seen_event=last_event_of(operation), reason="Surely not.")
    changes = world.changes("ADDDOMAIN")

    world.work(operation)

    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    assert str(operation.events.last()).endswith("Not sent again: example.com is at the CA already.")
    assert world.changes("ADDDOMAIN") == changes
    assert world.settle(operation).state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price


def test_what_is_not_there_is_sent(world: World) -> None:
    operation = _in_attention(world)
    decide_send(actor=world.staff, operation=operation, seen_event=last_event_of(operation), reason="Surely not.")

    world.work(operation)

    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price
