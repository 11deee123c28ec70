"""A refusal that follows a lost call: settled by reading, and never sent again without end."""

from subscriptions.models import Operation
from subscriptions.sandbox import Fault
from subscriptions.selectors.operations import last_event_of
from subscriptions.services.operations import decide_send
from tests.ledger.world import World

State = Operation.State


def test_what_is_refused_and_not_there_needs_a_person(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    assert world.settle_until_known(operation).state == State.QUEUED

    world.ca.arm("ADDDOMAIN", Fault.error("permission"), quoteOnly="N")
    world.work(operation)

    assert world.settle_until_known(operation).state == State.ATTENTION
    reason = operation.events.last()
    assert reason is not None
    assert "You do not have permission for this request" in reason.reason
    assert world.charged_by_ca() == 0


def test_a_person_can_have_it_sent_afterwards(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    for fault in (Fault.cut_before(), Fault.error("permission")):
        world.ca.arm("ADDDOMAIN", fault, quoteOnly="N")
        world.work(operation)
        world.settle_until_known(operation)
    decide_send(
        actor=world.staff,
        operation=operation,
        seen_event=last_event_of(operation),
        reason="The permission was granted.",
    )
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    assert world.settle_until_known(operation).state == State.QUEUED, "the refusal of before counts no more"
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price
