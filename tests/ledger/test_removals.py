"""Removing a name whose answer was lost: what the two lists prove."""

from typing import Any

import pytest

from subscriptions.models import Operation, Subscription, Transaction
from subscriptions.sandbox import Fault
from tests.ledger.world import World

State = Operation.State


@pytest.fixture
def running(world: World) -> Subscription:
    """A subscription with a second name, which is to be removed."""
    subscription = world.run(world.ready_subscription())
    world.add(subscription, "example.net")
    world.clock.advance(days=1)
    return subscription


def _lost(world: World, running: Subscription, fault: Fault) -> Operation:
    operation = world.removal(running, "example.net")
    world.ca.arm("REMOVEDOMAIN", fault)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    return operation


def test_gone_with_its_refund_it_happened(world: World, running: Subscription) -> None:
    operation = _lost(world, running, Fault.cut_after())
    assert world.settle(operation).state == State.SUCCEEDED
    assert Transaction.objects.get(kind=Transaction.REFUND).operation == operation
    assert not running.domains.present().filter(name="example.net").exists()
    assert running.domains.get(name="example.net").removal == operation


def test_gone_without_a_refund_two_readings_decide(world: World, running: Subscription) -> None:
    world.clock.advance(days=31)
    operation = _lost(world, running, Fault.cut_after())
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=4)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=1)
    assert world.settle(operation).state == State.SUCCEEDED


def test_one_empty_list_proves_nothing(world: World, running: Subscription) -> None:
    operation = _lost(world, running, Fault.cut_before())
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=[]))
    assert world.settle(operation).state == State.UNKNOWN
    world.rewrite("LISTDOMAINS", None)
    world.clock.advance(minutes=5)
    assert world.settle_until_known(operation).state == State.QUEUED
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.changes("REMOVEDOMAIN") == 2


def test_still_there_with_a_refund_is_for_a_person(world: World, running: Subscription) -> None:
    operation = _lost(world, running, Fault.cut_after())
    there = [{"domainName": name} for name in ("first.example.com", "example.net")]
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=there))
    assert world.settle_until_known(operation).state == State.ATTENTION


def test_two_refunds_are_for_a_person(world: World, running: Subscription) -> None:
    operation = _lost(world, running, Fault.cut_after())

    def twice(answer: dict[str, Any]) -> None:
        rows = answer["subscriptions"][0]["transactions"]
        rows += [row | {"orderNumber": 900000001} for row in rows if row["transactionType"] == "refundDomain"]

    world.rewrite("LISTTRANSACTIONS", twice)
    assert world.settle(operation).state == State.ATTENTION


def test_a_lost_removal_that_did_its_work_late_is_not_sent_again(world: World, running: Subscription) -> None:
    operation = _lost(world, running, Fault.after_caller_gave_up(hold=True))
    assert world.settle_until_known(operation).state == State.QUEUED
    world.ca.release()
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    assert world.settle_until_known(operation).state == State.SUCCEEDED
    assert world.changes("REMOVEDOMAIN") == 1


def test_what_somebody_else_removed_is_for_a_person(world: World, running: Subscription) -> None:
    operation = world.removal(running, "example.net")
    world.by_curl(running, "example.net", remove=True)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert world.changes("REMOVEDOMAIN") == 1


def test_a_companion_goes_with_its_name(world: World, running: Subscription) -> None:
    world.add(running, "example.org", add_companions=True)
    operation = _lost_companion(world, running)
    assert world.settle(operation).state == State.SUCCEEDED
    assert list(running.domains.present().values_list("name", flat=True)) == ["example.net", "first.example.com"]
    world.clock.advance(hours=1)
    world.read_twice(running)
    assert world.findings() == {}


def _lost_companion(world: World, running: Subscription) -> Operation:
    operation = world.removal(running, "example.org")
    world.ca.arm("REMOVEDOMAIN", Fault.cut_after())
    world.work(operation)
    return operation
