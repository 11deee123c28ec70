"""Each kind whose lost answer is settled by reading: its worker is killed at any step, and it is refused once lost."""

from collections.abc import Callable

import pytest

from subscriptions.kinds import CATALOGUE
from subscriptions.models import Operation, Subscription
from subscriptions.sandbox import Fault
from subscriptions.worker import claiming, execution
from tests.ledger.world import World

pytestmark = pytest.mark.servers

State = Operation.State

# By the CA's name for the call: how staff confirm one.
CONFIRMED: dict[str, Callable[[World, Subscription], Operation]] = {
    "ADDDOMAIN": lambda world, running: world.order(running, ["example.org"]).operations.get(),
    "REMOVEDOMAIN": lambda world, running: world.removal(running, "example.net"),
    "EXTENDDOMAINS": lambda world, running: world.extension(running),
}
each_action = pytest.mark.parametrize("action", CONFIRMED)


@pytest.fixture
def running(world: World) -> Subscription:
    """A subscription with two names, too old for a refund, that can be extended."""
    subscription = world.run(world.ready_subscription())
    world.add(subscription, "example.net")
    world.clock.advance(days=315)
    return world.read(subscription)


def is_done_once(world: World, operation: Operation, action: str, *, before: int) -> bool:
    """Whether it succeeded by one call, and CA and ledger agree."""
    operation.refresh_from_db()
    is_done = (operation.state, world.changes(action) - before) == (State.SUCCEEDED, 1)
    return is_done and world.charged_in_ledger() == world.charged_by_ca()


def test_none_is_forgotten() -> None:
    assert len(CONFIRMED) == len([kind for kind in CATALOGUE if not kind.repeatable])


@each_action
@pytest.mark.parametrize("step", ["before its mark", "before it called", "after the CA did it"])
def test_a_worker_is_killed(world: World, running: Subscription, action: str, step: str) -> None:
    operation, before = CONFIRMED[action](world, running), world.changes(action)
    claim = world.prepare(world.claim(operation))
    if step == "before it called":
        assert claim.last_look()
    if step == "after the CA did it":
        assert execution.call(claim) is not None
    world.clock.advance(minutes=3)
    assert claiming.reap_dead_claims(world.clock.instant) == 1

    operation.refresh_from_db()
    assert operation.state == (State.QUEUED if step == "before its mark" else State.UNKNOWN)
    if world.settle_until_known(operation).state == State.QUEUED:
        world.work(operation)

    assert is_done_once(world, operation, action, before=before)
    world.clock.advance(hours=1)
    world.read_twice(running)
    assert world.findings() == {}


@each_action
def test_refused_after_it_was_lost_it_is_for_a_person(world: World, running: Subscription, action: str) -> None:
    operation, charged = CONFIRMED[action](world, running), world.charged_by_ca()
    world.ca.arm(action, Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    assert world.settle_until_known(operation).state == State.QUEUED

    world.ca.arm(action, Fault.error("permission"), quoteOnly="N")
    world.work(operation)

    assert world.settle_until_known(operation).state == State.ATTENTION
    assert "You do not have permission for this request" in operation.events.latest("pk").reason
    assert world.charged_by_ca() == charged
