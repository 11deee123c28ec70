"""The gate: what a refusal of the CA closes, what still goes through, and how it opens again."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from subscriptions import tasks
from subscriptions.caas.types import DomainAdded
from subscriptions.ledger import gate, limiter
from subscriptions.ledger.gate import HeldBack
from subscriptions.ledger.limiter import DatabaseLimiter, Limits
from subscriptions.models import CallSlot, Gate, Operation, Quote, QuoteLine
from subscriptions.sandbox import Fault
from subscriptions.services.operations import reopen_gate
from subscriptions.worker import readings
from tests.ledger.world import World

State = Operation.State


def test_a_refused_login_closes_it_for_every_call(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("LISTDOMAINS", Fault.unauthorized())
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    assert gate.the_gate().closed_for == Gate.Closed.ALL
    calls = len(world.ca.call_log())
    world.clock.advance(minutes=20)
    world.work(operation)
    with pytest.raises(HeldBack):
        world.caas.list_domains(acme_account_id="any")
    assert len(world.ca.call_log()) == calls


def test_a_login_refused_after_the_charge_closes_it_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    add_domain = world.caas.add_domain

    def then_locked(**arguments: Any) -> DomainAdded:
        added = add_domain(**arguments)
        world.ca.arm("LISTDOMAINS", Fault.unauthorized())
        return added

    monkeypatch.setattr(world.caas, "add_domain", then_locked)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert gate.the_gate().closed_for == Gate.Closed.ALL


@pytest.mark.parametrize("row", ["insufficient-funds", "tier1-credit"])
def test_no_money_closes_it_for_charges_only(world: World, row: str) -> None:
    subscription = world.ready_subscription()
    operation = world.order(subscription, ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.error(row), quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    assert gate.the_gate().closed_for == Gate.Closed.CHARGES
    assert world.caas.list_domains(acme_account_id=world.binding(subscription).acme_account_id) == ()
    world.clock.advance(minutes=20)
    world.work(operation)
    assert world.changes("ADDDOMAIN") == 1


def test_missing_prices_close_the_charges_of_that_server_only(world: World) -> None:
    dv, ov = world.ready_subscription(), world.ready_subscription("OV")
    held, other = (
        world.order(one, [name]).operations.get() for one, name in ((dv, "example.com"), (ov, "example.org"))
    )
    world.ca.arm("ADDDOMAIN", Fault.error("no-pricing"), quoteOnly="N")
    world.work(held)
    held.refresh_from_db()
    assert held.state == State.QUEUED
    assert gate.the_gate().closed_for == Gate.Closed.NOTHING
    world.clock.advance(minutes=20)
    world.work(held)
    world.work(other)
    held.refresh_from_db()
    other.refresh_from_db()
    assert (held.state, other.state) == (State.QUEUED, State.SUCCEEDED)
    reopen_gate(actor=world.staff)
    readings.sync_servers(client=world.caas)
    world.work(held)
    held.refresh_from_db()
    assert held.state == State.SUCCEEDED


@pytest.mark.parametrize("row", ["insufficient-funds", "no-pricing", "tier1-credit"])
def test_a_refused_quote_closes_nothing(world: World, row: str) -> None:
    subscription = world.ready_subscription()
    world.ca.arm("ADDDOMAIN", Fault.error(row), quoteOnly="Y")
    quote = world.quote(subscription, ["example.com", "example.net"])
    assert gate.the_gate().closed_for == Gate.Closed.NOTHING
    states = {line.name: line.state for line in quote.lines.all()}
    assert states == {"example.com": QuoteLine.State.REFUSED, "example.net": QuoteLine.State.PRICED}
    assert quote.state == Quote.State.READY


def test_after_reopening_one_list_of_servers_goes_first_alone(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    gate.close_for(Gate.Closed.ALL, "a test")
    reopen_gate(actor=world.staff)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    assert world.changes("ADDDOMAIN") == 0
    readings.sync_servers(client=world.caas)
    world.clock.advance(seconds=10)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED


def test_a_probe_that_fails_lets_nothing_else_through(world: World) -> None:
    gate.ask_for_probe()
    world.ca.arm("LISTSERVERS", Fault.server_error())
    readings.sync_servers(client=world.caas)
    assert gate.wants_probe()
    assert gate.the_gate().problem != ""
    with pytest.raises(HeldBack):
        world.caas.list_bindings()
    readings.sync_servers(client=world.caas)
    assert not gate.wants_probe()
    assert gate.the_gate().problem == ""


def test_too_many_requests_wait_as_the_ca_asks(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.too_many_requests(), quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    assert operation.not_before > world.clock.instant


def test_a_gate_closed_for_charges_holds_up_nothing_else(
    world: World, no_broker: list[tuple[str, tuple[int, ...]]]
) -> None:
    held = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    gate.close_for(Gate.Closed.CHARGES, "a test")
    free = world.new_subscription().operations.get()
    no_broker.clear()
    tasks.send_due_operations()
    assert no_broker == [("execute_operation", (free.pk,))]
    assert world.work(held) is None
    assert list(held.events.values_list("to_state", flat=True)) == ["queued"]


def _limiter(**options: float) -> tuple[DatabaseLimiter, list[float]]:
    pauses: list[float] = []
    settings = {"concurrency": 2, "per_second": 2.0, "wait": 0.0} | options
    limiter = DatabaseLimiter(
        limits=lambda: Limits(int(settings["concurrency"]), settings["per_second"]),
        lease=timedelta(seconds=120),
        sleep=pauses.append,
        wait=settings["wait"],
    )
    return limiter, pauses


def test_a_probe_that_gets_no_slot_leaves_the_way_to_the_next(world: World) -> None:
    limiter, _ = _limiter(concurrency=1, per_second=10_000, wait=0.2)
    with limiter.slot(changes=False, charges=False, action="LISTBINDINGS"):
        gate.ask_for_probe()
        with (
            pytest.raises(HeldBack, match="Too many calls"),
            limiter.slot(changes=False, charges=False, action=gate.PROBE_ACTION),
        ):
            pass
        assert gate.the_gate().probe_token is None
    readings.sync_servers(client=world.caas)
    assert not gate.wants_probe()


@pytest.mark.parametrize("problem", [InterfaceError("connection already closed"), OperationalError("gone")])
def test_a_database_that_is_away_costs_no_answer(
    world: World, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*args: object) -> None:
        raise problem

    monkeypatch.setattr(limiter, "_note_contact", fail)
    assert len(world.caas.list_servers()) == 2


def test_a_quote_that_meets_a_refused_login_says_who_helps(world: World) -> None:
    subscription = world.ready_subscription()
    world.ca.arm("ADDDOMAIN", Fault.unauthorized(), quoteOnly="Y")
    quote = world.quote(subscription, ["example.com"])
    assert quote.problem.startswith("The CA refused the portal's login: Incorrect login details")
    assert quote.problem.endswith("A reseller admin has to reopen the connection first.")


def test_a_quote_waits_as_long_as_the_ca_asks(world: World) -> None:
    subscription = world.ready_subscription()
    world.ca.arm("ADDDOMAIN", Fault.too_many_requests(), quoteOnly="Y")
    quote = world.quote(subscription, ["example.com"])
    assert quote.state == Quote.State.QUEUED
    assert (quote.not_before - world.clock.instant).total_seconds() == 1  # the sandbox's Retry-After, in seconds


def test_no_more_calls_at_once_than_allowed(world: World) -> None:
    limiter, _ = _limiter(per_second=10_000.0, wait=0.5)

    def slot() -> AbstractContextManager[None]:
        return limiter.slot(changes=False, charges=False, action="LISTDOMAINS")

    with slot(), slot(), pytest.raises(HeldBack, match="under way"), slot():
        pytest.fail("a third call was let through")
    assert CallSlot.objects.exclude(token=None).count() == 0
    with slot():
        pass


def test_calls_are_spaced_out(world: World) -> None:
    limiter, pauses = _limiter(wait=30.0)
    world.clock.advance(minutes=1)
    for _ in range(3):
        with limiter.slot(changes=False, charges=False, action="LISTDOMAINS"):
            pass
    assert pauses == [0.5, 1.0]
