"""Kept statements: they say what the querysets say of which they were made, each time anew."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from subscriptions.ledger.kept import AT_MOST, Change, Given, Objects, Rows, instant, kept
from subscriptions.models import Operation
from tests.ledger.world import World

COLUMNS = ("pk", "code", "price", "names", "created_at", "add_companion", "reply")


@pytest.fixture
def operation(world: World) -> Operation:
    return world.order(world.ready_subscription(), ["example.com"]).operations.get()


def _all() -> "Objects[Operation]":
    rows = Operation.objects.filter(pk=Given.of(Operation, "id")).annotate(at=instant())
    return Objects(rows.select_related("subscription__server", "binding").order_by())


def test_columns_are_of_the_same_types(operation: Operation) -> None:
    rows = Rows(Operation.objects.filter(pk=Given.of(Operation, "id")).values_list(*COLUMNS))
    assert rows(id=operation.pk) == list(Operation.objects.filter(pk=operation.pk).values_list(*COLUMNS))
    assert rows(id=operation.pk + 1) == []


def test_objects_come_with_what_is_selected_beside_them(world: World, operation: Operation) -> None:
    kept_one = _all().first(id=operation.pk)
    assert kept_one is not None
    same = Operation.objects.get(pk=operation.pk)
    assert {name: value for name, value in vars(kept_one).items() if name not in {"_state", "at"}} == {
        name: value for name, value in vars(same).items() if name != "_state"
    }
    with CaptureQueriesContext(connection) as statements:
        assert kept_one.subscription.server == same.subscription.server
        assert kept_one.binding == same.binding
    assert len(statements) == 3, "those of the other one only"
    assert _all().first(id=operation.pk + 1) is None


def test_the_time_is_that_of_each_execution(world: World, operation: Operation) -> None:
    rows = _all()
    first = rows.first(id=operation.pk)
    world.clock.advance(minutes=1)
    second = rows.first(id=operation.pk)
    assert first is not None
    assert second is not None
    assert second.at - first.at == timedelta(minutes=1)  # type: ignore[attr-defined]  # annotated


def test_a_change_writes_what_is_given_and_tells_how_many_rows(world: World, operation: Operation) -> None:
    change = Change(
        Operation.objects.filter(pk=Given.of(Operation, "id"), lease_expires_at=None),
        lease_expires_at=instant(timedelta(minutes=2)),
        attempts=F("attempts") + 1,
        **{name: Given.of(Operation, name) for name in ("claim_token", "baseline", "reply", "price")},
    )
    token = uuid4()
    values = {"id": operation.pk, "claim_token": token, "baseline": None, "reply": {"a": ["b"]}, "price": None}
    assert change(**values) == 1
    assert change(**values) == 0
    operation.refresh_from_db()
    assert operation.lease_expires_at == world.clock.instant + timedelta(minutes=2)
    assert (operation.attempts, operation.claim_token) == (1, token)
    assert (operation.baseline, operation.reply, operation.price) == (None, {"a": ["b"]}, None)


def test_a_statement_is_made_once_for_each_of_its_arguments() -> None:
    made = []

    @kept
    def of_kind(kind: str, *, is_new: bool) -> int:
        made.append((kind, is_new))
        return len(made)

    assert [of_kind("a", is_new=True), of_kind("a", is_new=False), of_kind("a", is_new=True)] == [1, 2, 1]


def test_what_many_arguments_make_is_not_kept_without_end() -> None:
    made = []

    @kept
    def of_number(number: int) -> int:
        made.append(number)
        return number

    for number in (*range(AT_MOST + 1), 0):
        assert of_number(number) == number
    assert made.count(0) == 2
