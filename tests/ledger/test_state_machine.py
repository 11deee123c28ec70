"""Any order of moves, faults, pauses, readings, decisions, prices, clocks and a second user of the CA's account.

Whatever happens, the portal charges nothing twice that no person has sent again, only moves of the table are made, and
at the end the CA's list and the ledger agree line by line.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.errors import ServiceError
from subscriptions.caas.errors import CaasError
from subscriptions.kinds.base import Sent
from subscriptions.ledger import lanes, moves
from subscriptions.ledger.claims import Claim
from subscriptions.models import Domain, Finding, Operation, OperationEvent, Order, Transaction
from subscriptions.sandbox import Fault
from subscriptions.worker import claiming, execution, process, readings
from tests.ledger.test_lanes import exclude_each_other
from tests.ledger.world import World

pytestmark = pytest.mark.servers

State = Operation.State

NAMES = st.sampled_from(["example.com", "www.example.com", "shop.example.com", "example.net", "example.org"])
FAULTS = {
    "none": None,
    "cut before": Fault.cut_before(),
    "cut after": Fault.cut_after(),
    "late": Fault.after_caller_gave_up(hold=True),
    "page before": Fault.server_error(),
    "page after": Fault.server_error(after=True),
    "half before": Fault.wrong_json(),
    "half after": Fault.wrong_json(after=True),
    "unreachable": Fault.unreachable(),
    "slow down": Fault.too_many_requests(),
    "refused": Fault.error("invalid-argument", "domainName"),
}
WENT_WRONG = st.sampled_from(sorted(FAULTS))
LISTS = st.sampled_from(["LISTDOMAINS", "LISTTRANSACTIONS"])
WAITS = st.sampled_from([1, 20, 61, 125, 301, 601, 901, 3 * 3600])
ACTIONS = {"add_domain": "ADDDOMAIN", "remove_domain": "REMOVEDOMAIN", "extend_domains": "EXTENDDOMAINS"}
AT_THE_CA = timedelta(minutes=10)  # the longest that a request, once begun, can take to be ended by the CA


class Ledger(RuleBasedStateMachine):
    """One subscription, several workers, a CA that fails, and somebody with cURL."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self._story = transaction.atomic()
        self._story.__enter__()
        self.claimed: list[Claim] = []
        self.looked: list[tuple[Claim, datetime]] = []
        self.answered: list[tuple[Claim, Sent]] = []
        self.late: list[tuple[int, datetime]] = []  # operations whose call the CA carries out later
        self.charged_by_portal: Counter[int] = Counter()
        self.sent_again: set[int] = set()

    @initialize(runs=st.booleans(), ends_soon=st.booleans())
    def begin(self, runs: bool, ends_soon: bool) -> None:
        world = self.world
        process.begin(world.clock.instant)
        process.note_accounts_compared()  # the CA keeps the accounts of earlier stories, which are rolled back here
        self.subscription = world.ready_subscription()
        self.charges_before = len(world.ca.summary()["charges"])
        self.price_is("50.00")
        if runs:
            world.run(self.subscription, "first.example.edu")
            if ends_soon:
                world.clock.advance(days=320)
                world.read(self.subscription)
        self.confirm(["example.com", "example.net"], companions=False)

    def teardown(self) -> None:
        try:
            if hasattr(self, "subscription"):
                self._come_to_rest()
                self._everything_agrees()
        finally:
            self.world.ca.disarm()
            transaction.set_rollback(True)
            self._story.__exit__(None, None, None)

    # --- People

    @rule(names=st.lists(NAMES, min_size=1, max_size=3, unique=True), companions=st.booleans())
    def confirm(self, names: list[str], companions: bool) -> None:
        self.subscription.refresh_from_db()
        with suppress(ServiceError):
            self.world.order(self.subscription, names, add_companions=companions)

    @rule(years=st.sampled_from([1, 2]))
    def extend(self, years: int) -> None:
        with suppress(ServiceError):
            self.world.extension(self.subscription, years=years)

    @rule(name=NAMES)
    def take_out(self, name: str) -> None:
        with suppress(ServiceError, Domain.DoesNotExist):
            self.world.removal(self.subscription, name)

    @rule(data=st.data(), sends=st.booleans())
    def decide(self, data: st.DataObject, sends: bool) -> None:
        if (operation := self._one_of(data, State.ATTENTION)) is None:
            return
        by = moves.Author(user=self.world.staff)
        decision = moves.decide_send if sends else moves.decide_cancel
        if decision(operation, by=by, reason="a person", now=self.world.clock.instant) and operation.was_unknown:
            self.sent_again.add(operation.pk)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if operation := self._one_of(data, State.QUEUED):
            moves.cancel(operation, by=moves.Author(), reason="a person", now=self.world.clock.instant)

    @rule(name=NAMES, removes=st.booleans())
    def somebody_with_curl(self, name: str, removes: bool) -> None:
        with suppress(CaasError):
            self.world.by_curl(self.subscription, name, remove=removes)

    # --- Workers

    @rule(data=st.data(), fault=WENT_WRONG)
    def work(self, data: st.DataObject, fault: str) -> None:
        if (operation := self._one_of(data, State.QUEUED)) is not None:
            self._with_fault(operation, fault, lambda: self.world.work(operation))

    @rule(data=st.data(), fault=st.sampled_from(["late", "late", "cut before", "cut after"]))
    def lose(self, data: st.DataObject, fault: str) -> None:
        """What leaves the outcome open comes as often as all the rest."""
        self.work(data, fault)

    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        if (operation := self._one_of(data, State.QUEUED)) is None:
            return
        claim = claiming.claim_operation(operation.pk, client=self.world.caas, worker="paused")
        if claim is not None and (prepared := execution.prepare(claim)) is not None:
            self.claimed.append(prepared)

    @precondition(lambda self: self.claimed)
    @rule(fault=WENT_WRONG)
    def go_on(self, fault: str) -> None:
        claim = self.claimed.pop(0)
        self._with_fault(claim.operation, fault, lambda: self.world.send(claim))

    @precondition(lambda self: self.claimed)
    @rule()
    def be_paused_after_the_look(self) -> None:
        claim = self.claimed.pop(0)
        if claim.last_look():
            self.looked.append((claim, self.world.clock.instant))

    @precondition(lambda self: self.claimed)
    @rule()
    def be_paused_after_the_answer(self) -> None:
        claim = self.claimed.pop(0)
        if (sent := self._watch(claim.operation, lambda: execution.call(claim))) is not None:
            self.answered.append((claim, sent))

    @precondition(lambda self: self.looked)
    @rule()
    def wake_with_a_request_half_sent(self) -> None:
        claim, looked_at = self.looked.pop(0)
        if self.world.clock.instant - looked_at < AT_THE_CA:
            half = replace(claim, client=self.world.client_that_looks_no_more())
            self._watch(claim.operation, lambda: self.world.send(half))

    @precondition(lambda self: self.answered)
    @rule()
    def wake_with_an_answer(self) -> None:
        execution.record(*self.answered.pop(0))

    @precondition(lambda self: self.late)
    @rule()
    def the_ca_is_late(self) -> None:
        self._release()

    @rule()
    def sweep(self) -> None:
        claiming.reap_dead_claims(self.world.clock.instant)
        for pk in lanes.take_dispatchable(self.world.clock.instant, limit=8):
            operation = Operation.objects.get(pk=pk)
            self._watch(operation, lambda operation=operation: self.world.work(operation))

    @rule(unreadable=st.one_of(st.none(), LISTS))
    def settle(self, unreadable: str | None) -> None:
        if unreadable:
            self.world.ca.arm(unreadable, Fault.wrong_json())
        for operation in Operation.objects.filter(state=State.UNKNOWN, subscription=self.subscription)[:1]:
            self.world.settle(operation)
        self.sweep()

    @rule(unreadable=st.one_of(st.none(), LISTS), shows_no_names=st.booleans())
    def read(self, unreadable: str | None, shows_no_names: bool) -> None:
        if unreadable:
            self.world.ca.arm(unreadable, Fault.server_error())
        if shows_no_names:
            self.world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=[]))
        readings.sync_subscription(self.subscription.pk, client=self.world.caas)
        self.world.rewrite("LISTDOMAINS", None)

    @rule()
    def start_again(self) -> None:
        process.begin(self.world.clock.instant)

    @rule(price=st.sampled_from(["40.00", "50.00", "61.00"]))
    def price_is(self, price: str) -> None:
        self.world.ca.set_price("northwind", "DV", "FQDN", price)

    @rule(seconds=WAITS)
    def wait(self, seconds: int) -> None:
        until = self.world.clock.instant + timedelta(seconds=seconds)
        if any(until - began >= AT_THE_CA for _, began in self.late):
            self._release()
        self.world.clock.instant = until

    # --- What must hold after each step

    @invariant()
    def only_moves_of_the_table(self) -> None:
        made = OperationEvent.objects.values_list("from_state", "to_state").distinct()
        for old, new in made:
            assert (old, new) in moves.MOVES or old == new or (old, new) == ("", State.QUEUED)

    @invariant()
    def nothing_is_charged_twice(self) -> None:
        for pk, count in self.charged_by_portal.items():
            assert count <= 1 or pk in self.sent_again

    @invariant()
    def nothing_runs_beside_what_it_must_not(self) -> None:
        if not hasattr(self, "subscription"):
            return
        under_way = Operation.objects.filter(state__in=[State.SENDING, State.UNKNOWN], subscription=self.subscription)
        self.subscription.refresh_from_db()
        running = {self.subscription.pk} if self.subscription.is_running(self.world.clock.instant) else set()
        for first, second in combinations(under_way, 2):
            both_claimed_while_none_ran = not running or self._began_before_it_ran(first, second)
            assert both_claimed_while_none_ran or not exclude_each_other(first, second, running)

    def _began_before_it_ran(self, *operations: Operation) -> bool:
        return any(one.claimed_at is None for one in operations)

    @invariant()
    def what_the_ca_refused_cost_nothing(self) -> None:
        for operation in Operation.objects.filter(state=State.REFUSED):
            assert self.charged_by_portal[operation.pk] == 0

    # --- How

    def _one_of(self, data: st.DataObject, state: str) -> Operation | None:
        found = Operation.objects.filter(state=state, subscription=self.subscription)
        pks = list(found.order_by("pk").values_list("pk", flat=True))
        return Operation.objects.get(pk=data.draw(st.sampled_from(pks))) if pks else None

    def _with_fault(self, operation: Operation, name: str, step: Any) -> None:
        fault, action = FAULTS[name], ACTIONS[operation.kind]
        if fault is not None:
            only: dict[str, Any] = {} if operation.takes_away else {"quoteOnly": "N"}
            self.world.ca.arm(action, fault, **only)
        calls = self.world.changes(action)
        self._watch(operation, step)
        if name == "late" and self.world.changes(action) > calls:
            self.late.append((operation.pk, self.world.clock.instant))
            self.charged_by_portal[operation.pk] += not operation.takes_away  # as good as done
        self._disarm()

    def _disarm(self) -> None:
        self.world.ca.faults.clear()  # what was not met is over; what the CA holds is not released by it

    def _watch(self, operation: Operation, step: Any) -> Any:
        """Make a step of the portal's; whatever the CA charges meanwhile is that operation's."""
        before = self._charges()
        made = step()
        self.charged_by_portal[operation.pk] += self._charges() - before
        return made

    def _charges(self) -> int:
        return len(self.world.ca.summary()["charges"])

    def _release(self) -> None:
        """The CA carries out all that it held; each charge is that of the operation with its name, or its extension."""
        late, self.late = self.late, []
        before = self._charges()
        self.world.ca.release()
        made = [
            "" if charge["type"].lower() == Transaction.EXTENSION else charge["domains"][0]
            for charge in self.world.ca.summary()["charges"][before:]
        ]
        for pk, _ in late:
            operation = Operation.objects.get(pk=pk)
            self.charged_by_portal[pk] -= not operation.takes_away
            if not operation.takes_away and operation.domain_name in made:
                made.remove(operation.domain_name)
                self.charged_by_portal[pk] += 1

    def _come_to_rest(self) -> None:
        """No fault any more, and time for everything: nothing is left that goes on by itself."""
        self._disarm()
        self._release()
        while self.answered:
            execution.record(*self.answered.pop(0))
        for _ in range(12):
            self.world.clock.advance(minutes=6)
            self.sweep()
            for operation in Operation.objects.filter(state=State.UNKNOWN, subscription=self.subscription)[:1]:
                self.world.settle(operation)
            readings.sync_subscription(self.subscription.pk, client=self.world.caas)
        self.world.clock.advance(days=2)
        for _ in range(3):
            readings.sync_subscription(self.subscription.pk, client=self.world.caas)
            self.world.clock.advance(minutes=6)

    def _everything_agrees(self) -> None:
        self.nothing_is_charged_twice()
        operations = Operation.objects.filter(subscription=self.subscription)
        left = operations.filter(state__in=[State.SENDING, State.UNKNOWN])
        assert list(left.values_list("domain_name", "state")) == []
        charges = self.world.ca.summary()["charges"][self.charges_before :]
        charged = [Transaction.ADDITION, Transaction.EXTENSION]
        rows = Transaction.objects.filter(binding__subscription=self.subscription, kind__in=charged)
        assert {row["orderNumber"] for row in charges} == set(rows.values_list("ca_order_number", flat=True))
        explained = rows.filter(explained=Transaction.Explained.OPERATION)
        in_ledger = operations.filter(state=State.SUCCEEDED, takes_away=False)
        assert not in_ledger.filter(is_charge_open=True).exists(), "filled in by now"
        known = sum((one.charged or Decimal(0) for one in in_ledger), Decimal(0))
        told = {line["key"] for one in Finding.objects.exclude(state="closed") for line in one.lines}
        differs = any(one.sort == Finding.Sort.OTHER_AMOUNT for one in Finding.objects.exclude(state="closed"))
        assert differs or known == sum((row.cost or Decimal(0) for row in explained), Decimal(0))
        waiting = {name for one in operations.filter(state=State.ATTENTION) for name in one.all_names}
        for row in rows.filter(explained=""):
            assert f"{row.kind}:{row.ca_order_number}" in told or waiting & set(row.names), "nobody is told of it"
        assert Order.objects.filter(stopped_at=None, operations__in=self._overcharged(operations)).count() == 0

    def _overcharged(self, operations: Any) -> list[int]:
        return [one.pk for one in operations if one.is_overcharged]


def test_whatever_happens_in_any_order(world: World) -> None:
    machine = type("Machine", (Ledger,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
