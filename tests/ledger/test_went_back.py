"""The database went back: told by this process, by Redis, by a file and by its place, and by the next claim."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from subscriptions.ledger import gate, moves
from subscriptions.ledger.counter import Counter
from subscriptions.models import Gate, Operation, OperationEvent
from subscriptions.worker import process, watermark
from tests.append_only import rows_may_go
from tests.ledger.world import World

pytestmark = pytest.mark.servers


class FakeRedis:
    """As much of Redis as the watermark uses."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}

    def hget(self, key: str, field: str) -> int | None:
        return self.kept.get(field)

    def hset(self, key: str, field: str, value: int) -> None:
        self.kept[field] = value


@pytest.fixture
def bought(world: World) -> World:
    """Something has been bought, and the gate is open."""
    world.run(world.ready_subscription())
    Gate.objects.update(needs_probe=False)
    return world


def _restore(world: World) -> None:
    """Back to a backup from before the last events."""
    newest = OperationEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    connection.check_constraints()  # PostgreSQL alters no table with deferred checks before it
    with rows_may_go(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM subscriptions_operationevent WHERE id >= %s", [newest - 1])


def _is_held() -> bool:
    row = gate.the_gate()
    return row.closed_for == Gate.Closed.CHANGES and row.needs_comparison


def test_looking_again_closes_nothing(bought: World) -> None:
    for _ in range(3):
        assert not watermark.look()
    assert not _is_held()


@pytest.mark.parametrize("remembers", ["process", "file", "redis"])
def test_each_that_has_seen_more_tells(bought: World, monkeypatch: pytest.MonkeyPatch, remembers: str) -> None:
    redis = FakeRedis()
    monkeypatch.setattr(watermark, "_redis", lambda: redis)
    assert not watermark.look()
    _restore(bought)
    if remembers != "process":
        watermark._seen.clear()
    if remembers != "file":
        watermark._file().unlink()
    if remembers != "redis":
        redis.kept.clear()
    assert watermark.look()
    assert _is_held()
    assert not watermark.look(), "told once"


def test_nobody_remembers_and_the_place_is_another(bought: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not watermark.look()
    watermark._seen.clear()
    monkeypatch.setattr(watermark, "the_place", lambda: "another host")
    assert watermark.look()
    assert _is_held()
    assert gate.the_gate().place == "another host"
    assert not watermark.look()


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"x": "y"}', "null"])
def test_a_spoilt_file_is_no_reason(bought: World, content: str) -> None:
    assert not watermark.look()
    Path(watermark._file()).write_text(content, encoding="utf-8")
    watermark._seen.clear()
    assert not watermark.look()
    assert json.loads(watermark._file().read_text(encoding="utf-8"))


def test_a_claim_sees_it_before_any_look(bought: World, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = bought.order(bought.ready_subscription(), ["example.net"]).operations.get()
    monkeypatch.setattr(Counter, "newest", 10**9)
    assert bought.work(operation) is None
    operation.refresh_from_db()
    assert operation.state == Operation.State.QUEUED
    assert _is_held()
    assert bought.changes("ADDDOMAIN") == 1
    assert Counter.newest == 0


def test_after_it_nothing_counts_as_compared(bought: World) -> None:
    assert process.compares_since() is None
    process.note_restore(bought.clock.instant)
    assert process.compares_since() == bought.clock.instant


def test_events_of_this_process_are_its_memory(
    bought: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    operation = Operation.objects.order_by("-pk")[0]
    with django_capture_on_commit_callbacks(execute=True):
        moves.note(operation, by=moves.Author(), reason="a test")
    assert Counter.newest == OperationEvent.objects.order_by("-pk")[0].pk
