"""ACME accounts at the CA that no binding holds: no machine adopts one."""

from datetime import timedelta
from typing import Any

import pytest

from subscriptions.models import EabBinding, Operation, Subscription, UnassignedAccount
from subscriptions.sandbox import Fault
from subscriptions.worker import execution, unassigned
from tests.ledger.world import World

State = UnassignedAccount.State


def _stray(world: World) -> str:
    """Somebody with cURL makes an ACME account."""
    subscription = Subscription.objects.first() or world.new_subscription()
    url = subscription.server.directory_url
    return world.caas.preregister(directory_url=url, years=3, last_look=lambda: True).eab_key_id


@pytest.mark.parametrize(("minutes", "state"), [(0, State.SEEN_ONCE), (4.9, State.SEEN_ONCE), (5, State.UNASSIGNED)])
def test_two_lists_five_minutes_apart_show_it(world: World, minutes: float, state: str) -> None:
    key = _stray(world)
    unassigned.look_for_unassigned(world.caas)
    world.clock.advance(minutes=minutes)
    unassigned.look_for_unassigned(world.caas)
    assert UnassignedAccount.objects.get(eab_key_id=key).state == state


def test_nothing_is_unassigned_while_an_account_is_being_made(world: World) -> None:
    making = world.claim(world.new_subscription().operations.get())
    made = execution.call(world.prepare(making))
    assert made is not None
    unassigned.look_for_unassigned(world.caas)
    world.clock.advance(minutes=5)
    unassigned.look_for_unassigned(world.caas)
    assert UnassignedAccount.objects.get().state == State.SEEN_ONCE
    execution.record(making, made)
    assert not UnassignedAccount.objects.exists()
    assert EabBinding.objects.count() == 1


def test_what_a_lost_call_made_is_for_a_person_and_the_call_is_made_again(world: World) -> None:
    operation = world.new_subscription().operations.get()
    world.ca.arm("PREREGISTER", Fault.cut_after())
    world.work(operation)
    world.clock.advance(minutes=1)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == Operation.State.SUCCEEDED
    unassigned.look_for_unassigned(world.caas)
    world.clock.advance(minutes=5)
    unassigned.look_for_unassigned(world.caas)
    stray = UnassignedAccount.objects.get()
    assert stray.state == State.UNASSIGNED
    assert stray.eab_key_id != EabBinding.objects.get().eab_key_id


def test_an_answer_that_names_an_assigned_key_is_for_a_person(world: World) -> None:
    claim = world.claim(world.new_subscription().operations.get())
    sent = execution.call(world.prepare(claim))
    assert sent is not None
    unassigned.look_for_unassigned(world.caas)
    UnassignedAccount.objects.update(state=State.ASSIGNED)
    execution.record(claim, sent)
    claim.operation.refresh_from_db()
    assert claim.operation.state == Operation.State.ATTENTION
    assert not EabBinding.objects.exists()
    assert UnassignedAccount.objects.get().state == State.ASSIGNED


def test_a_late_answer_to_a_call_made_again_leaves_an_account_for_a_person(world: World) -> None:
    operation = world.new_subscription().operations.get()
    claim = world.claim(operation)
    sent = execution.call(world.prepare(claim))
    assert sent is not None
    world.clock.advance(seconds=121)
    from subscriptions.worker import claiming

    claiming.reap_dead_claims(world.clock.instant)
    world.work(operation)
    execution.record(claim, sent)
    assert EabBinding.objects.count() == 1
    assert UnassignedAccount.objects.get().eab_key_id == sent.effect.eab_key_id


def test_one_that_is_gone_and_back_is_seen_anew(world: World) -> None:
    _stray(world)
    unassigned.look_for_unassigned(world.caas)
    world.clock.advance(minutes=5)
    unassigned.look_for_unassigned(world.caas)
    world.rewrite("LISTBINDINGS", lambda answer: answer.update(Bindings=[]))
    for _ in range(2):
        world.clock.advance(minutes=5)
        unassigned.look_for_unassigned(world.caas)
    assert UnassignedAccount.objects.get().state == State.GONE
    world.rewrite("LISTBINDINGS", None)
    unassigned.look_for_unassigned(world.caas)
    row = UnassignedAccount.objects.get()
    assert (row.state, row.first_seen_at) == (State.SEEN_ONCE, world.clock.instant)


def _empty(answer: dict[str, Any]) -> None:
    answer["Bindings"] = []


@pytest.mark.parametrize("state", [State.SEEN_ONCE, State.UNASSIGNED])
@pytest.mark.parametrize(("minutes", "is_gone"), [(0, False), (4.99, False), (5, True)])
def test_what_one_list_lacks_is_not_gone(world: World, state: str, minutes: float, is_gone: bool) -> None:
    _stray(world)
    unassigned.look_for_unassigned(world.caas)
    UnassignedAccount.objects.update(state=state)
    world.clock.advance(days=3)  # since the last list, and so many minutes between the two that lack it
    world.rewrite("LISTBINDINGS", _empty)
    unassigned.look_for_unassigned(world.caas)
    assert UnassignedAccount.objects.get().state == state
    world.clock.advance(minutes=minutes)
    unassigned.look_for_unassigned(world.caas)
    assert UnassignedAccount.objects.get().state == (State.GONE if is_gone else state)


def test_listed_between_two_lists_without_it_it_is_not_gone(world: World) -> None:
    _stray(world)
    for change in (None, _empty, None, _empty):
        world.rewrite("LISTBINDINGS", change)
        unassigned.look_for_unassigned(world.caas)
        world.clock.advance(minutes=5)
    assert UnassignedAccount.objects.get().state == State.UNASSIGNED


def test_an_unreadable_list_says_nothing(world: World) -> None:
    _stray(world)
    unassigned.look_for_unassigned(world.caas)
    world.clock.advance(hours=1)
    world.ca.arm("LISTBINDINGS", Fault.wrong_json())
    unassigned.look_for_unassigned(world.caas)
    row = UnassignedAccount.objects.get()
    assert (row.state, row.last_seen_at) == (State.SEEN_ONCE, world.clock.instant - timedelta(hours=1))


def test_its_names_are_read_for_whoever_judges_it(world: World) -> None:
    key = _stray(world)
    account = world.caas.list_accounts(eab_key_id=key)[0].acme_account_id
    world.caas.add_domain(acme_account_id=account, name="other.example", last_look=lambda: True)
    unassigned.look_for_unassigned(world.caas)
    world.clock.advance(minutes=5)
    unassigned.look_for_unassigned(world.caas)
    row = UnassignedAccount.objects.get()
    assert (row.names, row.carries_anchor, row.expires_at is None) == (["other.example"], False, False)
