"""Who gets the turns: what people wait for goes first, readings never get less than a fifth, nor the last slot."""

import time
from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.services import change_settings
from subscriptions import tasks
from subscriptions.ledger import clock as ledger_clock
from subscriptions.ledger import gate
from subscriptions.ledger.gate import HeldBack
from subscriptions.ledger.limiter import DatabaseLimiter, Limits
from subscriptions.models import CallSlot, Gate, WorkerHeartbeat
from subscriptions.sandbox import Fault
from subscriptions.services.operations import reopen_gate
from subscriptions.worker import connection, heartbeat, readings
from tests.ledger.world import World

pytestmark = pytest.mark.servers


def _limiter(
    *, per_second: float, concurrency: int = 4, for_readings: bool = False, wait: float = 0.2
) -> DatabaseLimiter:
    return DatabaseLimiter(
        limits=lambda: Limits(concurrency, per_second),
        lease=timedelta(seconds=120),
        sleep=lambda seconds: None,
        wait=wait,
        is_for_readings=for_readings,
    )


@pytest.mark.parametrize("per_second", [5.0, 100.0, 500.0])
def test_readings_get_a_fifth_of_the_turns_where_charges_wait_without_end(world: World, per_second: float) -> None:
    charging = _limiter(per_second=per_second, wait=3600)
    reading = _limiter(per_second=per_second, for_readings=True, wait=3600)
    batch = charging._batch
    charges = readings_made = 0
    for _ in range(60):
        assert charging._reserve(gate.the_gate(), time.monotonic() + 3600) is not None
        charges += batch
        while reading._reserve(gate.the_gate(), time.monotonic() + 3600) is not None:
            readings_made += 1
    fifth = (charges + readings_made) / 5
    assert fifth - 2 <= readings_made <= fifth + batch


def test_readings_get_all_that_nobody_else_wants(world: World) -> None:
    reading = _limiter(per_second=5, for_readings=True)
    for _ in range(4):
        world.clock.advance(seconds=1)
        assert reading._reserve(gate.the_gate(), time.monotonic() + 1) == 0


def test_a_long_quiet_leaves_readings_no_crowd_of_turns(world: World) -> None:
    charging, reading = _limiter(per_second=5, wait=3600), _limiter(per_second=5, for_readings=True, wait=3600)
    for _ in range(50):
        charging._reserve(gate.the_gate(), time.monotonic() + 3600)
    taken = 0
    while reading._reserve(gate.the_gate(), time.monotonic() + 3600) is not None:
        taken += 1
    assert taken == 1


def test_one_slot_is_never_given_to_readings(world: World) -> None:
    reading = _limiter(per_second=10_000, concurrency=3, for_readings=True)
    charging = _limiter(per_second=10_000, concurrency=3)
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(reading.slot(changes=False, charges=False, action="LISTDOMAINS"))
        with pytest.raises(HeldBack, match="under way"):
            held.enter_context(reading.slot(changes=False, charges=False, action="LISTDOMAINS"))
        held.enter_context(charging.slot(changes=True, charges=True, action="ADDDOMAIN"))
        with pytest.raises(HeldBack, match="under way"):
            held.enter_context(charging.slot(changes=True, charges=True, action="ADDDOMAIN"))


def test_a_host_whose_clock_is_ahead_takes_no_slot_that_is_held(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with _limiter(per_second=10_000, concurrency=1).slot(changes=False, charges=False, action="LISTDOMAINS"):
        _set_host_ahead(world, monkeypatch, timedelta(hours=1))
        slot = _limiter(per_second=10_000, concurrency=1).slot(changes=False, charges=False, action="LISTDOMAINS")
        with pytest.raises(HeldBack, match="under way"), slot:
            pytest.fail("a second call at once")
    assert CallSlot.objects.exclude(token=None).count() == 0


@pytest.mark.parametrize("ahead", [timedelta(hours=1), -timedelta(hours=1)])
def test_hosts_whose_clocks_differ_share_one_rate(
    world: World, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    first, second = _limiter(per_second=2, wait=30), _limiter(per_second=2, wait=30)
    world.clock.advance(minutes=1)
    pauses = []
    for _ in range(3):
        for one, offset in ((first, timedelta(0)), (second, ahead)):
            with monkeypatch.context() as there:
                _set_host_ahead(world, there, offset)
                pauses.append(one._reserve(gate.the_gate(), time.monotonic() + 30))
    assert pauses == [0, 0.5, 1, 1.5, 2, 2.5]


def _set_host_ahead(world: World, monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    """This host's clock differs from the database's."""

    def host() -> datetime:
        return world.clock.instant + ahead

    monkeypatch.setattr(timezone, "now", host)
    monkeypatch.setattr(ledger_clock, "now", world.clock)
    monkeypatch.setattr(ledger_clock, "instant", world.clock.expression)


# --- The gate -------------------------------------------------------------------------------------------------------


@pytest.fixture
def beaten(world: World) -> str:
    """Another worker that lives."""
    WorkerHeartbeat.objects.create(name="other:1", started_at=world.clock.instant, beat_at=world.clock.instant)
    return "other:1"


def test_a_worker_that_starts_while_no_other_lives_asks_for_the_servers_first(
    world: World, no_broker: list[object]
) -> None:
    Gate.objects.update(needs_probe=False)
    tasks.start_worker()
    assert gate.the_gate().needs_probe
    with pytest.raises(HeldBack, match="being checked first"):
        world.caas.list_bindings()
    readings.sync_servers(client=world.caas)
    assert world.caas.list_bindings() == ()


def test_one_that_starts_beside_another_does_not(world: World, beaten: str, no_broker: list[object]) -> None:
    Gate.objects.update(needs_probe=False)
    world.clock.advance(seconds=10)
    heartbeat.beat("this:1", world.clock.instant)
    assert not heartbeat.is_first("this:1")
    tasks.start_worker()
    assert not gate.the_gate().needs_probe


def test_a_refused_login_is_met_once_and_closes_all_once(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    world.ca.arm("*", Fault.unauthorized(), count=None)
    calls = len(world.ca.call_log())
    world.read(subscription)
    world.read(subscription)
    world.quote(subscription, ["example.net"])
    readings.sync_servers(client=world.caas)
    assert len(world.ca.call_log()) == calls + 1
    assert gate.the_gate().closed_for == Gate.Closed.ALL
    reopen_gate(actor=world.staff)
    readings.sync_servers(client=world.caas)
    assert len(world.ca.call_log()) == calls + 2
    assert gate.the_gate().closed_for == Gate.Closed.ALL


@pytest.mark.parametrize("row", ["insufficient-funds", "no-pricing", "tier1-credit", "expired-subscription"])
def test_a_refused_reading_closes_nothing_but_for_the_login(world: World, row: str) -> None:
    subscription = world.run(world.ready_subscription())
    fault = Fault.error(row) if row != "expired-subscription" else Fault.error("no-subscription")
    world.ca.arm("LISTDOMAINS", fault, count=None)
    world.read(subscription)
    assert gate.the_gate().closed_for == Gate.Closed.NOTHING
    assert subscription.server.charges_closed_at is None


def test_a_worker_takes_up_new_limits_at_its_next_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    limiter = connection.database_limiter()
    assert (connection.call_limits(), limiter._gap) == (Limits(4, 5.0), timedelta(seconds=0.2))

    change_settings(actor=world.staff, kept={"calls_at_once": "2", "calls_a_second": "2"})
    assert connection.call_limits() == Limits(4, 5.0)
    now += connection.LOOKED_UP_EVERY

    assert (connection.call_limits(), limiter._gap) == (Limits(2, 2.0), timedelta(seconds=0.5))
