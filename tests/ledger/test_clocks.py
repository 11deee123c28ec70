"""Clocks: those of hosts differ and jump, the database's jumps, workers are paused. None of it costs money."""

import time
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from subscriptions.ledger import clock as ledger_clock
from subscriptions.ledger import moves
from subscriptions.ledger.reading import CaList, read_binding
from subscriptions.models import Baseline, Finding, Operation
from subscriptions.sandbox import Fault
from subscriptions.worker import claiming, execution
from tests.ledger.world import World

State = Operation.State


class Hosts:
    """The clocks of the hosts, beside the database's: what they differ by."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return self.world.clock.instant + self.ahead


@pytest.fixture
def hosts(world: World, monkeypatch: pytest.MonkeyPatch) -> Hosts:
    """A database with a clock of its own."""
    made = Hosts(world)
    monkeypatch.setattr(timezone, "now", made)
    monkeypatch.setattr(ledger_clock, "now", world.clock)
    monkeypatch.setattr(ledger_clock, "instant", world.clock.expression)
    return made


AHEAD = [timedelta(days=1), timedelta(minutes=-10), timedelta(days=-1)]


@pytest.mark.parametrize("ahead", AHEAD)
def test_a_whole_story_on_a_host_whose_clock_is_wrong(world: World, hosts: Hosts, ahead: timedelta) -> None:
    hosts.ahead = ahead
    subscription = world.run(world.ready_subscription())
    hosts.ahead = -ahead
    operation = world.order(subscription, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    hosts.ahead = ahead
    assert world.settle_until_known(operation).state == State.QUEUED
    ended = operation.connection_ended_at
    assert ended is not None
    assert world.clock.instant - ended == timedelta(minutes=20)
    world.work(operation)
    world.read_twice(subscription)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca()
    assert not Finding.objects.exists()


@pytest.mark.parametrize("ahead", AHEAD)
def test_the_cas_clock_is_known_by_the_databases(world: World, hosts: Hosts, ahead: timedelta) -> None:
    """The baseline's charges could not be read, so dates decide which are new: those of the CA, in the CA's time."""
    subscription = world.run(world.ready_subscription())
    old = world.add(subscription, "example.net")
    world.clock.advance(days=2)
    world.remove(subscription, "example.net")
    old.transactions.update(explained="", operation=None)
    Operation.objects.filter(pk=old.pk).update(ca_order_number=None)
    hosts.ahead = ahead
    world.caas.ca_clock_offset = lambda: -ahead  # type: ignore[method-assign]  # the CA's is the database's
    world.ca.arm("LISTTRANSACTIONS", Fault.server_error())
    operation = world.order(subscription, ["example.net"]).operations.get()
    Operation.objects.filter(pk=operation.pk).update(decided_at=world.clock.instant + timedelta(minutes=1))
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    assert world.settle(operation).state == State.SUCCEEDED
    newest = world.ca.summary()["charges"][-1]["orderNumber"]
    assert operation.ca_order_number == newest


def test_the_offset_of_a_reading_is_that_between_ca_and_database(world: World, hosts: Hosts) -> None:
    subscription = world.run(world.ready_subscription())
    hosts.ahead = timedelta(hours=3)
    world.caas.ca_clock_offset = lambda: timedelta(hours=-2)  # type: ignore[method-assign]
    reading = read_binding(world.binding(subscription), world.caas, {CaList.DOMAINS})
    assert reading.ca_clock_offset == timedelta(hours=1)


def test_events_are_in_the_databases_time(world: World, hosts: Hosts) -> None:
    hosts.ahead = timedelta(days=1)
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.work(operation)
    assert {event.at for event in operation.events.all()} == {world.clock.instant}


def test_the_databases_clock_jumps_forward_and_the_wait_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    boot = 1000.0
    monkeypatch.setattr(ledger_clock, "boot_id", lambda: "this boot")
    monkeypatch.setattr(ledger_clock, "seconds_since_boot", lambda: boot)
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.after_caller_gave_up(hold=True), quoteOnly="N")
    world.work(operation)
    world.clock.advance(hours=5)
    for _ in range(3):
        assert world.settle(operation).state == State.UNKNOWN
        world.clock.advance(hours=1)
        boot += 200
    world.ca.release()
    assert world.settle(operation).state == State.SUCCEEDED
    assert world.changes("ADDDOMAIN") == 1
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_after_another_boot_the_databases_clock_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_clock, "boot_id", lambda: "before")
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    monkeypatch.setattr(ledger_clock, "boot_id", lambda: "after")
    monkeypatch.setattr(ledger_clock, "seconds_since_boot", lambda: time.monotonic() * 0)
    world.clock.advance(minutes=15)
    world.settle(operation)
    monkeypatch.setattr(ledger_clock, "boot_id", lambda: "after that")
    world.clock.advance(minutes=5)
    assert world.settle(operation).state == State.QUEUED


def test_the_databases_clock_is_set_back_and_no_price_is_taken_for_young(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    order = world.order(subscription, ["example.net"])
    world.clock.advance(minutes=-50)
    world.ca.set_price("northwind", "DV", "FQDN", "60.00")
    operation = order.operations.get()
    Operation.objects.update(not_before=world.clock.instant)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert world.changes("ADDDOMAIN") == 1


def test_the_databases_clock_is_set_back_and_no_baseline_is_taken_for_young(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    order = world.order(subscription, ["example.net", "example.org"])
    first, second = order.operations.order_by("pk")
    world.work(first)
    world.clock.advance(minutes=-50)
    Operation.objects.update(not_before=world.clock.instant)
    world.work(second)
    assert Baseline.objects.filter(order=order).count() == 2


@pytest.mark.parametrize("step", ["claimed", "prepared", "looked", "answered"])
def test_a_worker_paused_at_any_step_charges_once(world: World, step: str) -> None:
    """It goes on when another has ended its claim, settled what it may have done and done it itself."""
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    claim = world.claim(operation)
    claim = claim if step == "claimed" else world.prepare(claim)
    sent = None
    if step == "looked":
        assert claim.last_look()
    if step == "answered":
        sent = execution.call(claim)
    world.clock.advance(seconds=121)
    assert claiming.reap_dead_claims(world.clock.instant) == 1
    assert world.settle_until_known(operation).state in {State.QUEUED, State.SUCCEEDED}
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    if step in {"claimed", "prepared"}:
        assert not claim.last_look()
        world.send(claim)
    if sent is not None:
        execution.record(claim, sent)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.changes("ADDDOMAIN") == 1
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price
    assert not Finding.objects.exists()


def test_a_move_that_was_rolled_back_is_not_taken_for_a_restore(world: World, db: None) -> None:
    """SQLite gives the number of an event that was rolled back again."""
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    with transaction.atomic():
        for _ in range(3):
            moves.note(operation, by=moves.Author(), reason="never written")
        transaction.set_rollback(True)
    assert world.work(operation) is not None
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
