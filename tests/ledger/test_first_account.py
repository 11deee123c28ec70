"""Before the first account that a worker process has made, the CA's list is compared with the ledger."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.models import EabBinding, Operation, Subscription, UnassignedAccount
from subscriptions.sandbox import Fault
from subscriptions.selectors.operations import last_event_of
from subscriptions.services.accounts import mark_not_ours
from subscriptions.services.operations import decide_send
from subscriptions.worker import process, unassigned
from tests.ledger.slowness import after
from tests.ledger.world import World

State = Operation.State


def _by_curl(world: World, subscription: Subscription) -> str:
    url = subscription.server.directory_url
    return world.caas.preregister(directory_url=url, years=1, last_look=lambda: True).eab_key_id


def _lists(world: World) -> int:
    return world.ca.call_log().count("LISTBINDINGS")


def _state(world: World, operation: Operation) -> str:
    world.work(operation)
    operation.refresh_from_db()
    return operation.state


def _begin(world: World) -> None:
    """A worker process begins."""
    process.begin(world.clock.instant)


def test_it_is_read_once_a_process(world: World) -> None:
    for number in range(3):
        _begin(world)
        for _ in range(2):
            assert _state(world, world.new_subscription().operations.get()) == State.SUCCEEDED
        assert _lists(world) == number + 1


def test_what_was_made_after_the_backup_is_not_made_again(world: World) -> None:
    subscription = world.new_subscription()
    operation = subscription.operations.get()
    key = _by_curl(world, subscription)  # as the portal did, before its database went back
    _begin(world)
    assert _state(world, operation) == State.ATTENTION
    assert world.changes("PREREGISTER") == 1
    assert f"EAB key ID {key}." in str(operation.events.last())
    decide_send(actor=world.staff, operation=operation, seen_event=last_event_of(operation), reason="Not this one.")
    assert _state(world, operation) == State.SUCCEEDED


def test_all_that_wait_are_held_and_what_is_ordered_afterwards_goes(world: World) -> None:
    waiting = [world.new_subscription().operations.get() for _ in range(2)]
    _by_curl(world, waiting[0].subscription)
    _begin(world)
    assert _state(world, waiting[0]) == State.ATTENTION
    waiting[1].refresh_from_db()
    assert waiting[1].state == State.ATTENTION
    world.clock.advance(seconds=1)
    assert _state(world, world.new_subscription().operations.get()) == State.SUCCEEDED
    assert _lists(world) == 1


def test_what_was_there_before_it_was_ordered_says_nothing(world: World) -> None:
    known = world.ready_subscription()
    _by_curl(world, known)
    unassigned.look_for_unassigned(world.caas)
    world.clock.advance(minutes=1)
    operation = world.new_subscription().operations.get()
    _begin(world)
    assert _state(world, operation) == State.SUCCEEDED


def test_what_a_person_has_judged_says_nothing(world: World) -> None:
    operation = world.new_subscription().operations.get()
    _by_curl(world, operation.subscription)
    for _ in range(2):
        unassigned.look_for_unassigned(world.caas)
        world.clock.advance(minutes=5)
    mark_not_ours(actor=world.staff, account=UnassignedAccount.objects.get(), reason="The old shop’s.")
    _begin(world)
    assert _state(world, operation) == State.SUCCEEDED


def test_what_a_lost_call_left_does_not_hold_it(world: World) -> None:
    operation = world.new_subscription().operations.get()
    world.ca.arm("PREREGISTER", Fault.cut_after())
    assert _state(world, operation) == State.QUEUED
    world.clock.advance(minutes=1)
    _begin(world)
    assert _state(world, operation) == State.SUCCEEDED


def test_one_that_is_being_made_elsewhere_is_waited_for_by_none(world: World) -> None:
    first, second = (world.new_subscription().operations.get() for _ in range(2))
    world.work(first)
    Operation.objects.filter(pk=first.pk).update(state=State.SENDING)  # its answer is on the way
    EabBinding.objects.all().update(eab_key_id="not written yet")
    _begin(world)
    assert _state(world, second) == State.SUCCEEDED


def test_one_whose_answer_is_written_while_this_is_looked_at_is_no_stray(world: World) -> None:
    first, second = (world.new_subscription().operations.get() for _ in range(2))
    world.work(first)
    Operation.objects.filter(pk=first.pk).update(state=State.SENDING)  # its answer is on the way
    key_id = EabBinding.objects.get().eab_key_id
    EabBinding.objects.all().update(eab_key_id="not written yet")
    _begin(world)

    def write_then(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        answer = execute(sql, params, many, context)
        if sql.startswith("SELECT") and "unassignedaccount" in sql and "EXISTS" in sql:
            Operation.objects.filter(pk=first.pk).update(state=State.SUCCEEDED)
            EabBinding.objects.all().update(eab_key_id=key_id)
        return answer

    with connection.execute_wrapper(write_then):
        assert _state(world, second) == State.SUCCEEDED


@pytest.mark.parametrize("fault", [Fault.wrong_json(), Fault.server_error(), Fault.cut_before()])
def test_the_list_must_be_read(world: World, fault: Fault) -> None:
    operation = world.new_subscription().operations.get()
    _begin(world)
    world.ca.arm("LISTBINDINGS", fault)
    assert _state(world, operation) == State.QUEUED
    assert world.changes("PREREGISTER") == 0
    world.clock.advance(minutes=1)
    assert _state(world, operation) == State.SUCCEEDED
    assert _lists(world) == 2


def test_a_list_that_comes_slowly_renews_the_lease(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = world.new_subscription().operations.get()
    _begin(world)
    for name in ("list_bindings", "preregister"):
        after(100, world, monkeypatch, name)
    assert _state(world, operation) == State.SUCCEEDED
    assert operation.attempts == 1


def test_after_the_database_went_back_it_is_compared_anew(world: World) -> None:
    _begin(world)
    assert _state(world, world.new_subscription().operations.get()) == State.SUCCEEDED
    process.note_restore(world.clock.instant)
    assert not process.has_compared_accounts()


def test_one_that_waited_for_another_ones_reading_is_looked_at_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (world.new_subscription().operations.get() for _ in range(2))
    _by_curl(world, first.subscription)
    _begin(world)
    claims = [world.claim(first), world.claim(second, worker="worker-2")]
    with pytest.raises(Exception, match="nothing here holds"):
        unassigned.compare_before_making(claims[0])
    # It had seen that nothing is compared, and waited for the lock.
    answers = iter([False, True])
    monkeypatch.setattr(process, "has_compared_accounts", lambda: next(answers))
    with pytest.raises(Exception, match="nothing here holds"):
        unassigned.compare_before_making(claims[1])
    assert _lists(world) == 1
    assert isinstance(process.comparing_accounts, type(threading.Lock()))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    strays=st.lists(st.integers(-5, 5), max_size=4),
    lost=st.integers(0, 3),
    decided=st.none() | st.integers(0, 5),
)
def test_which_strays_hold_it(world: World, strays: list[int], lost: int, decided: int | None) -> None:
    UnassignedAccount.objects.all().delete()
    operation = Operation.objects.filter(state=State.QUEUED).first() or world.new_subscription().operations.get()
    at = operation.created_at
    UnassignedAccount.objects.bulk_create(
        UnassignedAccount(eab_key_id=f"K{number}", first_seen_at=at + timedelta(minutes=minutes))
        for number, minutes in enumerate(strays)
    )
    operation.decided_at = None if decided is None else at + timedelta(minutes=decided)
    Operation.objects.filter(pk=operation.pk).update(lost_answers=lost)
    since = [minutes for minutes in strays if minutes >= 0 and (decided is None or minutes > decided)]
    assert bool(unassigned._may_be_made_already(operation)) == (len(since) > lost)
