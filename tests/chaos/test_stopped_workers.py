"""A worker stopped at each point of a call while another settles and sends: nothing is charged twice.

SIGSTOP is what a suspended machine, a full host or a debugger does to a process. No time-out of its own ends such a
call, and it goes on with what it knew.
"""

import signal
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.chaos.installation import Installation
from tests.chaos.ledgers import assert_same_ledgers
from tests.chaos.stand_in import Hold
from tests.waiting import wait_for

pytestmark = pytest.mark.chaos

WORKER = "worker-now"
LONG = {"CAAS_TIMEOUT": "150", "CAAS_LEASE": "200", "CAAS_SETTLE_AFTER": "201"}
NEVER_SENT, LOST, DONE = ("accept", "tls"), "request", "answer"


def _priced(installation: Installation, names: list[str]) -> list[str]:
    """Give a quote for each name, each for a subscription of its own."""
    codes = [installation.ask("subscribe") for _ in names]
    installation.settle()
    quotes = [installation.ask("quote", code, [name]) for code, name in zip(codes, names, strict=True)]
    wait_for(lambda: {installation.ask("quote_state", quote) for quote in quotes} == {"ready"}, what="the quotes")
    return quotes


def _confirm_and_meet(installation: Installation, quote: str, point: str) -> Hold:
    """Confirm a quote, and give the hold in which its charge stands still at that point."""
    assert installation.stand_in is not None
    # The last thing asked before the call itself is the list of charges.
    action = "ADDDOMAIN" if point in (LOST, DONE) else "LISTTRANSACTIONS"
    hold = installation.stand_in.hold(point, action=action)
    installation.ask("confirm", quote)
    assert hold.reached.wait(timeout=20), f"nothing came to {point}"
    return hold


def test_stopped_on_the_way(over_tls: Installation) -> None:
    names = ["accept.example", "tls.example", "request.example", "answer.example"]
    quotes = _priced(over_tls, names)
    holds = {
        point: _confirm_and_meet(over_tls, quote, point)
        for point, quote in zip((*NEVER_SENT, LOST, DONE), quotes, strict=True)
    }
    over_tls.signal(WORKER, signal.SIGSTOP)
    stopped = {row["name"]: row for row in over_tls.ask("operations") if row["name"]}
    assert {row["state"] for row in stopped.values()} == {"sending"}
    assert [stopped[name]["sent"] for name in names] == [False, False, True, True]
    holds[LOST].drop()  # as the CA's own time-out ends a call whose caller says nothing any more

    over_tls.start_worker(WORKER, beside="-2")
    over_tls.settle()
    assert over_tls.changes("ADDDOMAIN") == len(names)

    for hold in holds.values():
        hold.let_go()
    over_tls.signal(WORKER, signal.SIGCONT)
    for hold in holds.values():
        assert hold.ended.wait(timeout=20)
    _has_a_say(over_tls)
    assert over_tls.changes("ADDDOMAIN") == len(names)
    assert_same_ledgers(over_tls, names)
    assert over_tls.ask("findings") == []


def _has_a_say(installation: Installation) -> None:
    """Wait until the worker that was stopped has done something of its own again, as the only one there is."""
    installation.kill_worker(f"{WORKER}-2")
    before = installation.calls("LISTSERVERS")
    installation.ask("probe")
    wait_for(lambda: installation.calls("LISTSERVERS") > before, what="the worker that was stopped")


class RowLock:
    """Locks an operation's row in PostgreSQL, or in SQLite the whole database; `enter` waits until it has it."""

    def __init__(self, url: str, name: str) -> None:
        self._name = name
        self._connection: Any
        if url.startswith("sqlite"):
            path = url.removeprefix("sqlite:///")
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=20, check_same_thread=False)
        else:
            self._connection = psycopg.connect(url, autocommit=True)

    def enter(self) -> None:
        """Take the lock."""
        if isinstance(self._connection, sqlite3.Connection):
            self._connection.execute("BEGIN IMMEDIATE")
            return
        self._connection.execute("BEGIN")
        self._connection.execute(
            "SELECT id FROM subscriptions_operation WHERE domain_name = %s FOR UPDATE", (self._name,)
        )

    def waiting(self) -> int:
        """Give how many wait for a lock of that table's rows."""
        # A transaction sees the connections that there were when it first looked.
        self._connection.execute("SELECT pg_stat_clear_snapshot()")
        row = self._connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ).fetchone()
        return int(row[0])

    def leave(self) -> None:
        """Give it back."""
        self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@contextmanager
def _locks(installation: Installation, name: str, number: int) -> Iterator[list[RowLock]]:
    locks = [RowLock(installation.database_url, name) for _ in range(number)]
    try:
        yield locks
    finally:
        for lock in locks:
            lock.close()


def _start_again(installation: Installation, environ: dict[str, str]) -> None:
    """Start the worker again with other settings; those that come after it have the installation's."""
    installation.kill_worker(WORKER)
    before = dict(installation.environ)
    installation.environ |= environ
    installation.start_worker(WORKER)
    installation.environ = before


@pytest.mark.parametrize("over_tls", ["server"], indirect=True)
def test_stopped_while_two_locks_hold_its_mark(over_tls: Installation) -> None:
    """Its deadline does not run out meanwhile, as on a suspended machine: the time a look holds must end its call."""
    _start_again(over_tls, LONG)
    [quote] = _priced(over_tls, ["example.com"])
    hold = _confirm_and_meet(over_tls, quote, "tls")  # all else is written by then
    with _locks(over_tls, "example.com", 2) as (first, second), ThreadPoolExecutor(1) as pool:
        first.enter()
        hold.let_go()
        wait_for(lambda: first.waiting() == 1, what="the mark")
        behind: Future[None] = pool.submit(second.enter)
        wait_for(lambda: first.waiting() == 2, what="the second lock")
        over_tls.signal(WORKER, signal.SIGSTOP)
        first.leave()
        behind.result(timeout=10)
        second.leave()
    # The mark is written now, by a server that does not know of the stop.
    wait_for(lambda: over_tls.ask("operations")[-1]["sent"], what="the mark")

    over_tls.ask("let_leases_end")
    over_tls.start_worker(WORKER, beside="-2")
    over_tls.settle()
    assert over_tls.changes("ADDDOMAIN") == 1
    over_tls.signal(WORKER, signal.SIGCONT)
    assert hold.ended.wait(timeout=20)
    _has_a_say(over_tls)
    assert over_tls.changes("ADDDOMAIN") == 1
    assert_same_ledgers(over_tls, ["example.com"])
    assert over_tls.ask("findings") == []


@pytest.mark.parametrize("over_tls", ["server"], indirect=True)
def test_stopped_within_a_transaction(over_tls: Installation) -> None:
    """PostgreSQL takes back the rows that it holds: others go on, and what it had begun is nothing."""
    [quote] = _priced(over_tls, ["example.com"])
    over_tls.kill_worker(WORKER)
    over_tls.ask("confirm", quote)
    with _locks(over_tls, "example.com", 1) as [lock]:
        lock.enter()
        over_tls.start_worker(WORKER)
        wait_for(lambda: lock.waiting() == 1, seconds=60, what="the claim, with its binding's row")
        over_tls.signal(WORKER, signal.SIGSTOP)
        lock.leave()

    over_tls.start_worker(WORKER, beside="-2")
    over_tls.ask("message", "example.com")
    over_tls.settle()
    assert over_tls.changes("ADDDOMAIN") == 1
    over_tls.signal(WORKER, signal.SIGCONT)
    _has_a_say(over_tls)
    assert over_tls.changes("ADDDOMAIN") == 1
    assert_same_ledgers(over_tls, ["example.com"])
    assert over_tls.ask("findings") == []


def test_a_look_that_the_database_holds_for_long(over_tls: Installation) -> None:
    [quote] = _priced(over_tls, ["example.com"])
    hold = _confirm_and_meet(over_tls, quote, "tls")
    with _locks(over_tls, "example.com", 1) as [lock]:
        lock.enter()
        hold.let_go()
        # Its two seconds run out, and the connection is closed without a byte of the request.
        assert hold.ended.wait(timeout=10)
        assert over_tls.changes("ADDDOMAIN") == 0
        lock.leave()
    over_tls.settle()
    assert over_tls.changes("ADDDOMAIN") == 1
    assert_same_ledgers(over_tls, ["example.com"])
