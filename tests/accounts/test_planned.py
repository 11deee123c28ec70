"""Planned tasks: one run at a time, each noted, taken over where a worker died, and sent where beat does not."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from kombu.exceptions import OperationalError

from accounts import planned, tasks
from accounts.models import PlannedRun
from accounts.planned import LEASE, mind
from portal.celery import app
from portal.task_plan import PLANNED, planned_named
from tests.accounts.clock import Clock
from tests.waiting import wait_for

PLAN = planned_named("clear-expired")
State = PlannedRun.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def task_of(work: Callable[[], None]) -> Callable[[], None]:
    """Give a planned task that does something else than its own work."""
    work.__module__, work.__name__ = PLAN.task.rpartition(".")[::2]
    return planned.planned(work)


def row() -> PlannedRun:
    return PlannedRun.objects.get(name=PLAN.name)


def begin() -> None:
    """A worker begins a run, and is killed before it ends."""
    assert planned._begin(PLAN) is not None


def test_a_run_is_noted(clock: Clock) -> None:
    def work() -> None:
        assert row().state_at(clock.now) == State.RUNNING
        clock.forward(seconds=4)

    task_of(work)()

    noted = row()
    assert (noted.state_at(clock.now), noted.problem, noted.token) == (State.DONE, "", None)
    assert noted.ended_at == noted.well_at == clock.now
    assert noted.next_at == clock.now - timedelta(seconds=4) + timedelta(seconds=PLAN.every)
    assert not noted.is_missed(clock.now + timedelta(seconds=PLAN.bound - 1))
    assert noted.is_missed(clock.now + timedelta(seconds=PLAN.bound))


def test_a_run_that_fails_is_noted_with_its_reason_and_without_a_secret(clock: Clock) -> None:
    def work() -> None:
        raise ValueError("password=swordfish was not taken")

    tasks.clear_expired()
    missed_at = row().missed_at
    clock.forward(minutes=1)
    with pytest.raises(ValueError, match="swordfish"):
        task_of(work)()

    noted = row()
    assert noted.state_at(clock.now) == State.FAILED
    assert noted.problem == "ValueError: password=[redacted] was not taken"
    assert noted.missed_at == missed_at, "a run that fails is no run"
    tasks.clear_expired()
    assert (row().outcome, row().problem) == (State.DONE, "")


def test_every_planned_task_notes_its_runs() -> None:
    app.loader.import_default_modules()
    bare = [plan.task for plan in PLANNED if not hasattr(app.tasks[plan.task].run, "__wrapped__")]
    assert bare == []


def test_a_task_that_is_not_planned_is_refused() -> None:
    with pytest.raises(KeyError):
        planned.planned(begin)


def test_one_that_runs_is_not_begun_again_but_runs_once_more(no_broker: list[Any]) -> None:
    runs: list[str] = []

    def work() -> None:
        runs.append("begun")
        if len(runs) == 1:
            task()  # two messages come meanwhile
            task()

    task = task_of(work)
    task()

    assert runs == ["begun"]
    assert no_broker == [("clear_expired", ())]
    task()
    assert (runs, len(no_broker)) == (["begun", "begun"], 1)


def test_a_broker_that_takes_nothing_does_not_make_the_run_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(planned, "send", refuse)
    task = task_of(lambda: task())
    task()

    assert (row().outcome, row().token) == (State.DONE, None)


def test_a_run_costs_two_statements(django_assert_num_queries: Any) -> None:
    task = task_of(lambda: None)
    task()
    with django_assert_num_queries(2):
        task()


def test_a_worker_that_was_killed_is_taken_over_after_its_lease(clock: Clock, no_broker: list[Any]) -> None:
    tasks.clear_expired()
    clock.forward(seconds=PLAN.every)
    begin()
    killed_at = clock.now
    clock.forward(seconds=LEASE.total_seconds() - 1)
    assert row().state_at(clock.now) == State.RUNNING
    tasks.clear_expired()
    assert row().began_at == killed_at

    clock.forward(seconds=1)
    assert row().state_at(clock.now) == State.LOST
    tasks.clear_expired()
    assert row().state_at(clock.now) == State.DONE
    assert row().began_at == clock.now


def test_a_run_that_was_lost_is_sent_again_by_the_workers_once(clock: Clock, no_broker: list[Any]) -> None:
    for plan in PLANNED:
        planned.row_of(plan, clock.now)
    begin()
    mind(clock.now)
    assert no_broker == [], "it runs"

    clock.forward(seconds=LEASE.total_seconds())
    mind(clock.now)
    mind(clock.now)
    assert no_broker == [("clear_expired", ())]

    clock.forward(seconds=PLAN.expires)
    mind(clock.now)
    assert no_broker.count(("clear_expired", ())) == 2, "that message has expired"


def test_the_end_of_a_run_that_was_taken_over_changes_nothing(clock: Clock) -> None:
    def work() -> None:
        clock.forward(seconds=LEASE.total_seconds() + 1)
        begin()

    task_of(work)()

    assert (row().state_at(clock.now), row().ended_at) == (State.RUNNING, None)


def test_what_beat_does_not_send_the_workers_do(clock: Clock, no_broker: list[Any]) -> None:
    mind(clock.now)
    assert PlannedRun.objects.count() == len(PLANNED)
    assert no_broker == []

    clock.forward(minutes=5)
    mind(clock.now)
    mind(clock.now)

    names = sorted(name for name, _ in no_broker)
    assert names == ["look_at_served", "send_mails", "sweep", "sync_due_subscriptions"]
    assert not PlannedRun.objects.missed(clock.now)
    clock.forward(minutes=2)
    missed = [run.name for run in PlannedRun.objects.missed(clock.now)]
    assert missed[:2] == ["sweep", "send-mails"]
    assert set(missed[2:]) == {"sync-due-subscriptions", "look-at-served"}


def test_a_task_of_another_version_is_not_missed(clock: Clock) -> None:
    long_ago = clock.now - timedelta(days=9)
    PlannedRun.objects.create(name="of-another-version", next_at=long_ago, missed_at=long_ago)

    assert not PlannedRun.objects.missed(clock.now)
    mind(clock.now)


# --- A clock that was set back ---------------------------------------------------------------------------------------


def test_a_clock_that_was_set_back_frees_a_dead_worker_s_lease(clock: Clock) -> None:
    begin()
    clock.forward(days=-3)
    tasks.clear_expired()
    assert row().outcome == State.NEVER, "whoever holds it may live"

    clock.forward(seconds=LEASE.total_seconds())
    tasks.clear_expired()
    assert row().outcome == State.DONE


def test_a_clock_that_was_set_back_lets_no_two_run(clock: Clock, no_broker: list[Any]) -> None:
    def work() -> None:
        clock.forward(days=-3)
        tasks.clear_expired()
        assert row().ended_at is None

    task_of(work)()

    assert row().outcome == State.DONE
    assert no_broker == [("clear_expired", ())]


def test_a_clock_that_was_set_back_hides_no_missed_run(clock: Clock, no_broker: list[Any]) -> None:
    tasks.clear_expired()
    clock.forward(days=-3)
    mind(clock.now)

    clock.forward(seconds=PLAN.bound)
    mind(clock.now)
    assert PLAN.name in [run.name for run in PlannedRun.objects.missed(clock.now)]
    assert ("clear_expired", ()) in no_broker


# --- Threads and processes -------------------------------------------------------------------------------------------


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_runs(no_broker: list[Any]) -> None:
    runs, all_there, is_over = [], threading.Barrier(8), threading.Event()

    def work() -> None:
        runs.append(threading.get_ident())
        assert is_over.wait(timeout=30)

    task = task_of(work)

    def take_message() -> None:
        all_there.wait(timeout=30)
        try:
            task()
        finally:
            connection.close()
            ended.release()

    ended = threading.Semaphore(0)
    threads = [threading.Thread(target=take_message) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(7):
        assert ended.acquire(timeout=30)
    is_over.set()
    for thread in threads:
        thread.join(timeout=30)

    assert len(runs) == 1
    assert (row().outcome, row().is_wanted) == (State.DONE, False)
    assert no_broker == [("clear_expired", ())]


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_long_run_keeps_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned, "LEASE", timedelta(seconds=0.4))

    def work() -> None:
        first = row().leased_until
        assert first is not None
        wait_for(lambda: row().leased_until != first, seconds=10, what="a renewed lease")

    task_of(work)()

    assert row().outcome == State.DONE
