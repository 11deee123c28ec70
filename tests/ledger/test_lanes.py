"""Lanes: what may run side by side, over all lanes there are, and that the queue is emptied whatever stands in it."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions import tasks
from subscriptions.ledger import gate, lanes
from subscriptions.models import AcmeServer, Gate, Operation, Subscription
from subscriptions.services.names import remove_names
from subscriptions.worker import execution
from tests.ledger.world import WORKER, World

pytestmark = pytest.mark.servers

State = Operation.State
Lane = Operation.Lane

Sent = list[tuple[str, tuple[int, ...]]]

# No action of the CA has these lanes yet: rows are what the ledger knows of a kind.
ROW = st.fixed_dictionaries(
    {
        "subscription": st.sampled_from([0, 1, 2]),
        "lane": st.sampled_from([Lane.NAME, Lane.NAME, Lane.NAME, Lane.BINDING, Lane.ACCOUNT, Lane.ALONE]),
        "kind": st.sampled_from(["add_domain", "remove_domain"]),
        "registrable_domain": st.sampled_from(["example.com", "example.net", "example.org", ""]),
        "state": st.sampled_from([State.QUEUED] * 6 + [State.SENDING, State.UNKNOWN, State.ATTENTION, State.SUCCEEDED]),
        "was_unknown": st.booleans(),
        "turn": st.integers(0, 3),
        "is_due": st.sampled_from([True, True, True, False]),
    }
)


@pytest.fixture
def bindings(world: World) -> list[Subscription]:
    """Two running subscriptions and one that does not run yet."""
    made = [world.ready_subscription() for _ in range(3)]
    for one in made[:2]:
        Subscription.objects.filter(pk=one.pk).update(expires_at=world.clock.instant + timedelta(days=300))
        one.refresh_from_db()
    Operation.objects.all().update(lane=Lane.ALONE)
    return made


def _write(world: World, bindings: list[Subscription], rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        values = dict(row)
        subscription = bindings[values.pop("subscription")]
        wait = timedelta(0) if values.pop("is_due") else timedelta(minutes=5)
        Operation.objects.create(
            subscription=subscription,
            binding=subscription.binding,
            not_before=world.clock.instant + wait,
            created_at=world.clock.instant,
            domain_name=values["registrable_domain"],
            **values,
        )


def exclude_each_other(first: Operation, second: Operation, running: set[int]) -> bool:
    """Say it again, from design 5.8: whether the two must not be under way at once."""
    if first.binding_id != second.binding_id or Lane.ALONE in (first.lane, second.lane):
        return False
    if Lane.ACCOUNT in (first.lane, second.lane):
        return first.lane == second.lane and first.kind == second.kind
    if Lane.BINDING in (first.lane, second.lane) or first.subscription_id not in running:
        return True
    names = {first.registrable_domain, second.registrable_domain}
    return len(names) == 1 or "" in names


@given(rows=st.lists(ROW, max_size=14), limit=st.integers(1, 8))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_queue_is_emptied_and_nothing_runs_beside_what_it_must_not(
    world: World, bindings: list[Subscription], rows: list[dict[str, Any]], limit: int
) -> None:
    running = {one.pk for one in bindings[:2]}
    with transaction.atomic():
        _write(world, bindings, rows)
        for _ in range(len(rows) + 1):
            _dispatch_and_claim(world, limit, running)
            ended = Operation.objects.filter(state=State.SENDING, worker=WORKER)
            ended.update(state=State.SUCCEEDED)
        left = Operation.objects.filter(state=State.QUEUED).select_related("subscription")
        for operation in left:
            assert operation.not_before > world.clock.instant or not lanes.is_free(operation, world.clock.instant)
        assert not [one for one in left if _is_held_by_nothing(one, world, running)], "left to starve"
        transaction.set_rollback(True)


def _dispatch_and_claim(world: World, limit: int, running: set[int]) -> None:
    now = world.clock.instant
    chosen = lanes.take_dispatchable(now, limit=limit)
    assert len(chosen) <= limit
    assert len(set(chosen)) == len(chosen)
    for pk in chosen:
        operation = Operation.objects.select_related("subscription").get(pk=pk)
        assert lanes.is_free(operation, now), "a message for what no worker may claim is sent again and again"
        Operation.objects.filter(pk=pk).update(state=State.SENDING, worker=WORKER)
    under_way = list(Operation.objects.filter(state__in=[State.SENDING, State.UNKNOWN]))
    ours = {one.pk for one in under_way if one.pk in chosen}
    for first, second in combinations(under_way, 2):
        if {first.pk, second.pk} & ours:
            assert not exclude_each_other(first, second, running)


def _is_held_by_nothing(operation: Operation, world: World, running: set[int]) -> bool:
    if operation.not_before > world.clock.instant:
        return False
    others = Operation.objects.filter(lanes.HOLDING, binding=operation.binding_id).exclude(pk=operation.pk)
    # Whatever holds it, or holds what stands before it, was not made to end by this test.
    return not others.exclude(lane=Lane.ALONE).exists()


@pytest.mark.parametrize(("lane", "domain"), [(Lane.BINDING, ""), (Lane.NAME, "")])
def test_what_acts_on_a_whole_account_is_held_while_a_name_is_sent_and_the_other_way_round(
    world: World, bindings: list[Subscription], lane: str, domain: str
) -> None:
    running, _, _ = bindings
    common = {"subscription": 0, "kind": "add_domain", "state": State.QUEUED, "was_unknown": False, "is_due": True}
    name = common | {"lane": Lane.NAME, "registrable_domain": "example.com", "turn": 0}
    whole = common | {"lane": lane, "registrable_domain": domain, "turn": 1}
    _write(world, bindings, [name, whole])
    first, second = Operation.objects.filter(binding=running.binding).exclude(lane=Lane.ALONE).order_by("pk")
    for held, holding in ((second, first), (first, second)):
        Operation.objects.filter(pk=holding.pk).update(state=State.SENDING)
        Operation.objects.filter(pk=held.pk).update(state=State.QUEUED)
        assert not lanes.is_free(held, world.clock.instant)
        assert lanes.take_dispatchable(world.clock.instant, limit=8) == []


def test_an_account_operation_goes_before_all_that_is_queued(world: World, bindings: list[Subscription]) -> None:
    row = {"subscription": 0, "kind": "add_domain", "state": State.QUEUED, "was_unknown": False, "is_due": True}
    names = [
        row | {"lane": Lane.NAME, "registrable_domain": name, "turn": 0} for name in ("example.com", "example.net")
    ]
    _write(world, bindings, [*names, row | {"lane": Lane.ACCOUNT, "registrable_domain": "", "turn": 0}])
    account = Operation.objects.get(lane=Lane.ACCOUNT)
    assert lanes.take_dispatchable(world.clock.instant, limit=8) == [account.pk]
    for operation in Operation.objects.filter(lane=Lane.NAME):
        assert not lanes.is_free(operation, world.clock.instant)
    Operation.objects.filter(pk=account.pk).update(state=State.UNKNOWN)
    assert lanes.take_dispatchable(world.clock.instant, limit=8) == []


def test_lines_of_two_orders_for_one_registrable_domain_both_come_through(world: World, no_broker: Sent) -> None:
    subscription = world.ready_subscription()
    world.work(world.order(subscription, ["example.com"]).operations.get())
    long = world.order(subscription, ["a.example.org", "b.example.net"])
    short = world.order(subscription, ["b.example.org"])
    # The short order is the first in turn, the long one has the older row.
    Operation.objects.filter(order=long, domain_name="a.example.org").update(turn=1)
    Operation.objects.filter(order=long, domain_name="b.example.net").update(turn=0)
    _work_off(world, no_broker)
    assert {one.state for one in (*long.operations.all(), *short.operations.all())} == {State.SUCCEEDED}


def _work_off(world: World, no_broker: Sent, *, most: int = 40) -> int:
    """Take messages as workers do until there are none; give how many were taken."""
    no_broker.clear()
    tasks.send_due_operations()
    taken = 0
    while no_broker:
        name, arguments = no_broker.pop(0)
        if name == "execute_operation":
            taken += 1
            assert taken < most, "messages are sent round in circles"
            operation = execution.execute(
                arguments[0], client=world.caas, worker=WORKER, after_baseline=tasks.send_due_operations
            )
            tasks.send_due_operations(operation.binding_id if operation is not None else None)
    return taken


def test_a_queued_charge_that_the_gate_holds_holds_no_removal_behind_it(world: World, no_broker: Sent) -> None:
    subscription = world.ready_subscription()
    for name in ("example.com", "a.example.org"):
        world.work(world.order(subscription, [name]).operations.get())
    held = world.order(subscription, ["b.example.org"]).operations.get()
    removal = _removal(world, subscription, "a.example.org")
    gate.close_for(Gate.Closed.CHARGES, "a test")
    assert _work_off(world, no_broker) == 1
    held.refresh_from_db()
    removal.refresh_from_db()
    assert (held.state, removal.state) == (State.QUEUED, State.SUCCEEDED)


def _removal(world: World, subscription: Subscription, name: str) -> Operation:
    return remove_names(actor=world.staff, domains=[subscription.domains.present().get(name=name)])[0]


@pytest.mark.parametrize("why", ["charges of its server", "probe", "charges", "changes", "all"])
def test_what_the_gate_holds_is_not_sent_round_in_circles(world: World, no_broker: Sent, why: str) -> None:
    order = world.order(world.ready_subscription(), ["example.com", "example.net"])
    if why == "charges of its server":
        AcmeServer.objects.update(charges_closed_at=world.clock.instant, charges_closed_reason="a test")
    elif why == "probe":
        gate.ask_for_probe()
    else:
        gate.close_for(Gate.Closed(why), "a test")
    assert _work_off(world, no_broker, most=3) == 0
    assert {one.state for one in order.operations.all()} == {State.QUEUED}


def test_those_who_wait_for_the_baseline_are_not_sent_round_in_circles(world: World, no_broker: Sent) -> None:
    subscription = world.ready_subscription()
    world.work(world.order(subscription, ["example.com"]).operations.get())
    subscription.refresh_from_db()
    order = world.order(subscription, [f"example{number}.org" for number in range(4)])
    first, *others = order.operations.order_by("pk")
    claim = world.claim(first)
    no_broker.clear()
    Operation.objects.update(dispatched_at=None)
    tasks.send_due_operations()
    assert no_broker == []
    execution.prepare(claim, tasks.send_due_operations)
    assert no_broker == [("execute_operation", (one.pk,)) for one in others]


def test_at_most_twice_the_calls_that_run_at_once_are_on_the_way_in_turn(
    world: World, no_broker: Sent, settings: Any
) -> None:
    settings.CAAS_MAX_CONCURRENCY = 2
    running = []
    for number in range(3):
        subscription = world.ready_subscription()
        world.work(world.order(subscription, [f"start{number}.com"]).operations.get())
        subscription.refresh_from_db()
        running.append(subscription)
    long = world.order(running[0], [f"example{number}.org" for number in range(10)])
    others = [world.order(one, ["example.net"]).operations.get() for one in running[1:]]
    Operation.objects.update(dispatched_at=None)
    no_broker.clear()
    tasks.send_due_operations()
    tasks.send_due_operations()
    sent = [arguments[0] for _, arguments in no_broker]
    first, second = long.operations.order_by("turn", "pk")[:2]
    assert sent == [first.pk, *(one.pk for one in others), second.pk]


def test_adding_and_removing_one_nameexclude_each_other(world: World) -> None:
    subscription = world.ready_subscription()
    world.work(world.order(subscription, ["example.com"]).operations.get())
    removal = _removal(world, subscription, "example.com")
    adding = Operation.objects.get(kind="add_domain")
    assert removal.exclusive == adding.exclusive != ""


def test_a_kind_held_after_lost_answers_holds_nobody_else(world: World, no_broker: Sent) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    making = world.new_subscription().operations.get()
    for _ in range(gate.LOSSES_IN_A_ROW):
        gate.note_lost_answer("preregister", now=world.clock.instant)
    assert _work_off(world, no_broker) == 1
    making.refresh_from_db()
    operation.refresh_from_db()
    assert (making.state, operation.state) == (State.QUEUED, State.SUCCEEDED)


def test_what_one_look_does_not_find_the_next_one_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "LOOK_FIRST_AT", 1)
    monkeypatch.setattr(lanes, "LOOK_AT", 2)
    order = world.order(world.run(world.ready_subscription()), [f"example{number}.com" for number in range(6)])
    operations = order.operations.order_by("turn", "pk")
    Operation.objects.update(dispatched_at=None)
    expected = list(operations.values_list("pk", flat=True))
    assert lanes.take_dispatchable(world.clock.instant, limit=5) == expected[:5]
    assert lanes.take_dispatchable(world.clock.instant, limit=5) == expected[5:]
