"""The last look: what it refuses between the guards and the first byte, each alone and in one statement."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from subscriptions.ledger import gate, moves
from subscriptions.ledger.claims import Claim
from subscriptions.models import AcmeServer, Gate, Operation, Order
from subscriptions.worker import claiming
from tests.ledger.world import World

pytestmark = pytest.mark.servers

State = Operation.State

Change = Callable[[World, Claim], object]


def _lease_ran_out(world: World, claim: Claim) -> None:
    Operation.objects.filter(pk=claim.operation.pk).update(lease_expires_at=world.clock.instant)


def _claim_lost(world: World, claim: Claim) -> None:
    Operation.objects.filter(pk=claim.operation.pk).update(lease_expires_at=world.clock.instant - timedelta(seconds=1))
    claiming.reap_dead_claims(world.clock.instant)


def _claimed_by_another(world: World, claim: Claim) -> None:
    _claim_lost(world, claim)
    world.claim(Operation.objects.get(pk=claim.operation.pk), worker="worker-2")


def _price_old(world: World, claim: Claim) -> None:
    Operation.objects.filter(pk=claim.operation.pk).update(quoted_at=world.clock.instant - timedelta(seconds=60))


def _order_stopped(world: World, claim: Claim) -> None:
    Order.objects.update(stopped_at=world.clock.instant, stop_reason="a test")


def _stopped_after_the_decision(world: World, claim: Claim) -> None:
    Operation.objects.filter(pk=claim.operation.pk).update(decided_at=world.clock.instant)
    Order.objects.update(stopped_at=world.clock.instant + timedelta(seconds=1), stop_reason="a test")


def _server_closed(world: World, claim: Claim) -> None:
    AcmeServer.objects.update(charges_closed_at=world.clock.instant)


def _closed(closed_for: Gate.Closed) -> Change:
    def close(world: World, claim: Claim) -> None:
        gate.close_for(closed_for, "a test")

    close.__name__ = f"closed_for_{closed_for}"
    return close


def _probe(world: World, claim: Claim) -> None:
    gate.ask_for_probe()


@pytest.mark.parametrize(
    "change",
    [
        _lease_ran_out,
        _claim_lost,
        _claimed_by_another,
        _price_old,
        _order_stopped,
        _stopped_after_the_decision,
        _server_closed,
        _closed(Gate.Closed.CHARGES),
        _closed(Gate.Closed.CHANGES),
        _closed(Gate.Closed.ALL),
        _probe,
    ],
    ids=lambda one: one.__name__,
)
def test_nothing_is_sent_where_something_has_changed(world: World, change: Change) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    prepared = world.prepare(world.claim(operation))
    change(world, prepared)
    with CaptureQueriesContext(connection) as statements:
        assert not prepared.last_look()
    assert len(statements) == 1
    world.send(prepared)
    assert world.changes("ADDDOMAIN") == 0
    operation.refresh_from_db()
    assert operation.state in {State.QUEUED, State.SENDING}
    assert operation.sent_at is None


def test_a_person_who_has_it_sent_after_the_order_was_stopped_has_looked(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    Order.objects.update(stopped_at=world.clock.instant - timedelta(seconds=1), stop_reason="a test")
    Operation.objects.update(decided_at=world.clock.instant)
    prepared = world.prepare(world.claim(operation))
    assert prepared.last_look()


def test_a_gate_closed_for_charges_lets_a_removal_go(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    world.add(subscription, "example.net")
    prepared = world.prepare(world.claim(world.removal(subscription, "example.net")))
    gate.close_for(Gate.Closed.CHARGES, "a test")
    AcmeServer.objects.update(charges_closed_at=world.clock.instant)
    assert prepared.last_look()


def test_a_look_whose_answer_was_lost_is_not_sent_again_without_reading(world: World) -> None:
    """The mark may be written though nobody hears of it: the call counts as sent."""
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    prepared = world.prepare(world.claim(operation))
    assert prepared.last_look()
    world.clock.advance(seconds=121)
    claiming.reap_dead_claims(world.clock.instant)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    assert not moves.give_back(
        operation, token=prepared.token, by=prepared.by, reason="no", not_before=world.clock.instant
    )
