"""The database went back: told by the ledger's counter, and by nothing that happens in ordinary business."""

import time

import pytest
from django.db import OperationalError, transaction

from subscriptions import tasks
from subscriptions.caas.client import CaasClient
from subscriptions.ledger import gate, moves
from subscriptions.models import Gate, Operation, OperationEvent
from subscriptions.sandbox import Sandbox
from subscriptions.worker import process, watermark
from tests.ledger.conftest import FrozenClock
from tests.ledger.world import WORKER, World

pytestmark = pytest.mark.servers

BY = moves.Author(worker=WORKER)


def test_what_another_worker_writes_and_notes_meanwhile_is_no_restore(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = world.new_subscription().operations.get()
    watermark.look()

    def noted_by_another(_place: str) -> int:
        moves.note(operation, by=BY, reason="Another worker was faster.")
        return OperationEvent.objects.latest("pk").pk

    monkeypatch.setattr(watermark, "_noted_in_redis", noted_by_another)
    assert not watermark.look()
    assert gate.the_gate().closed_for == Gate.Closed.NOTHING


def test_a_counter_below_what_was_noted_is_a_restore(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.new_subscription()
    newest = OperationEvent.objects.latest("pk").pk
    monkeypatch.setattr(watermark, "_noted_in_redis", lambda _place: newest + 1)
    assert watermark.look()
    assert gate.the_gate().closed_for == Gate.Closed.CHANGES


@pytest.mark.django_db(transaction=True)
def test_an_event_that_was_rolled_back_is_no_restore(
    ca: Sandbox, caas: CaasClient, clock: FrozenClock, no_broker: list[object]
) -> None:
    world = World(ca, caas, clock)
    operation = world.new_subscription().operations.get()
    with transaction.atomic():
        moves.note(operation, by=BY, reason="The first of two.")
        moves.note(operation, by=BY, reason="The second.")
        transaction.set_rollback(True)

    assert world.work(operation) is not None
    assert operation.events.filter(to_state=Operation.State.SUCCEEDED).exists()
    assert gate.the_gate().closed_for == Gate.Closed.NOTHING


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_starts_before_its_database_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, no_broker: list[tuple[str, tuple[int, ...]]]
) -> None:
    answers: list[Exception | None] = [OperationalError("the database system is starting up"), None]
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    look = watermark.look

    def look_if_it_is_there() -> bool:
        if problem := answers.pop(0):
            raise problem
        return look()

    monkeypatch.setattr(watermark, "look", look_if_it_is_there)
    tasks.start_worker()
    assert answers == []
    assert process.compares_since() is not None
    assert gate.the_gate().needs_probe
    assert no_broker == [("probe_ca", ())]
