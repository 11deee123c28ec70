"""Findings: what the standing comparison shows, and that ordinary business shows nothing."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from subscriptions.models import Finding, Operation, Subscription, Transaction
from subscriptions.sandbox import Fault
from subscriptions.worker import process
from tests.ledger.world import World

State = Operation.State
Sort = Finding.Sort


@pytest.fixture
def running(world: World) -> Subscription:
    """A subscription whose first name was added an hour ago."""
    subscription = world.run(world.ready_subscription())
    world.clock.advance(hours=1)
    return subscription


def _number(world: World, name: str, *, kind: str = "charges") -> int:
    rows: list[Any] = world.ca.summary()[kind]  # type: ignore[literal-required]
    return int(next(row["orderNumber"] for row in reversed(rows) if name in row["domains"]))


def test_what_somebody_else_added_is_found_by_the_second_reading(world: World, running: Subscription) -> None:
    world.by_curl(running, "other.example")
    world.read_twice(running, minutes=4)
    assert world.findings() == {}
    world.clock.advance(minutes=1)
    world.read(running)
    assert world.findings() == {
        Sort.UNEXPLAINED_CHARGE: [f"adddomain:{_number(world, 'other.example')}"],
        Sort.UNKNOWN_NAME: ["other.example"],
    }


def test_what_somebody_else_removed_is_found(world: World, running: Subscription) -> None:
    world.by_curl(running, "first.example.com", remove=True)
    world.read_twice(running)
    number = _number(world, "first.example.com", kind="refunds")
    assert world.findings() == {Sort.UNEXPLAINED_REFUND: [f"refunddomain:{number}"]}


def test_a_name_charged_twice_is_found(world: World, running: Subscription) -> None:
    def twice(answer: dict[str, Any]) -> None:
        rows = answer["subscriptions"][0]["transactions"]
        rows.append(rows[0] | {"orderNumber": 900000001})

    world.rewrite("LISTTRANSACTIONS", twice)
    world.read_twice(running)
    assert world.findings() == {
        Sort.CHARGED_TWICE: ["first.example.com:900000001"],
        Sort.UNEXPLAINED_CHARGE: ["adddomain:900000001"],
    }


@pytest.mark.parametrize("change", [{"cost": "50.01"}, {"currency": "EUR"}])
def test_another_amount_than_recorded_is_found(world: World, running: Subscription, change: dict[str, str]) -> None:
    world.rewrite_charges(lambda entry: entry.update(change))
    world.read_twice(running)
    assert list(world.findings()) == [Sort.OTHER_AMOUNT]


def test_another_amount_is_not_judged_before_the_operation_is_long_over(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    world.rewrite_charges(lambda entry: entry.update(cost="50.01"))
    world.read_twice(subscription)
    world.clock.advance(minutes=5)
    world.read(subscription)
    assert world.findings() == {}


@pytest.mark.parametrize("keeps_the_subscription", [True, False])
def test_a_charge_that_is_not_listed_for_a_day_is_found(
    world: World, running: Subscription, keeps_the_subscription: bool
) -> None:
    def empty(answer: dict[str, Any]) -> None:
        answer["subscriptions"] = [row | {"transactions": []} for row in answer["subscriptions"]]
        if not keeps_the_subscription:
            answer["subscriptions"] = []

    world.rewrite("LISTTRANSACTIONS", empty)
    world.clock.advance(hours=22)
    world.read_twice(running)
    assert world.findings() == {}
    world.clock.advance(hours=2)
    world.read_twice(running)
    operation = Operation.objects.get(domain_name="first.example.com")
    assert world.findings() == {Sort.CHARGE_NOT_LISTED: [str(operation.code)]}
    world.rewrite("LISTTRANSACTIONS", None)
    world.read(running)
    assert world.findings() == {}


def test_one_closed_by_a_person_is_not_raised_again_but_another_line_is(world: World, running: Subscription) -> None:
    world.by_curl(running, "other.example")
    world.read_twice(running)
    Finding.objects.update(state=Finding.State.CLOSED, closed_by=world.staff, reason="Ordered by telephone.")
    world.clock.advance(minutes=5)
    world.read_twice(running)
    assert world.findings() == {}
    world.by_curl(running, "another.example")
    world.read_twice(running)
    assert world.findings() == {
        Sort.UNEXPLAINED_CHARGE: [f"adddomain:{_number(world, 'another.example')}"],
        Sort.UNKNOWN_NAME: ["another.example"],
    }


def test_the_fact_closes_it_and_may_raise_it_again(world: World, running: Subscription) -> None:
    world.rewrite_charges(lambda entry: entry.update(cost="50.01"))
    world.read_twice(running)
    world.rewrite("LISTTRANSACTIONS", None)
    world.read(running)
    assert world.findings() == {}
    assert Finding.objects.get().closed_by is None
    world.rewrite_charges(lambda entry: entry.update(cost="50.01"))
    world.read_twice(running)
    assert list(world.findings()) == [Sort.OTHER_AMOUNT]


@pytest.mark.parametrize("action", ["LISTDOMAINS", "LISTTRANSACTIONS"])
def test_a_list_that_cannot_be_read_neither_raises_nor_closes(world: World, running: Subscription, action: str) -> None:
    world.by_curl(running, "other.example")
    world.read_twice(running)
    before = world.findings()
    assert len(before) == 2
    world.ca.arm(action, Fault.wrong_json(), count=None)
    world.clock.advance(minutes=5)
    world.read_twice(running)
    assert world.findings() == before


def test_one_short_list_closes_no_finding_and_opens_none(world: World, running: Subscription) -> None:
    world.by_curl(running, "other.example")
    world.read(running)
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=[]))
    world.clock.advance(minutes=5)
    world.read(running)
    assert Sort.UNKNOWN_NAME not in world.findings(), "only one list has shown it"
    world.rewrite("LISTDOMAINS", None)
    world.read(running)
    assert world.findings()[Sort.UNKNOWN_NAME] == ["other.example"]
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=[]))
    world.read(running)
    assert world.findings()[Sort.UNKNOWN_NAME] == ["other.example"]


def test_nothing_is_judged_that_an_unsettled_operation_may_have_caused(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    world.read_twice(running)
    assert world.findings() == {}
    world.rewrite_charges(lambda entry: entry.pop("domains"))  # it may be its charge as well
    Transaction.objects.filter(explained="").delete()
    world.clock.advance(minutes=5)
    world.read_twice(running)
    assert Finding.objects.exclude(state=Finding.State.CLOSED).count() == 0


def test_a_charge_seen_before_an_operation_was_wanted_is_not_explained_by_it(
    world: World, running: Subscription
) -> None:
    world.by_curl(running, "example.net")
    number = _number(world, "example.net")
    world.read(running)
    world.clock.advance(minutes=20)
    world.by_curl(running, "example.net", remove=True)
    world.read_twice(running)
    world.rewrite("ADDDOMAIN", lambda answer: [answer.pop(field) for field in ("orderNumber", "cost")])
    operation = world.order(running, ["example.net"]).operations.get()
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION, "what nobody explains bears on it"
    Operation.objects.filter(pk=operation.pk).update(
        state=State.QUEUED, decided_at=world.clock.instant + timedelta(seconds=1)
    )
    world.work(operation)
    world.clock.advance(minutes=20)
    world.read(running)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert Transaction.objects.get(ca_order_number=number).explained == ""
    assert (operation.charged, operation.is_charge_open) == (Decimal(50), False)


# --- Ordinary business ----------------------------------------------------------------------------------------------


def _buy_remove_buy(world: World, subscription: Subscription, *, days: float) -> None:
    world.add(subscription, "example.net")
    world.clock.advance(days=days)
    world.remove(subscription, "example.net")
    world.clock.advance(minutes=1)
    world.add(subscription, "example.net")


def _within_thirty_days(world: World, subscription: Subscription) -> None:
    _buy_remove_buy(world, subscription, days=0.003)


def _after_thirty_days(world: World, subscription: Subscription) -> None:
    _buy_remove_buy(world, subscription, days=31)


def _thrice(world: World, subscription: Subscription) -> None:
    _buy_remove_buy(world, subscription, days=31)
    world.clock.advance(days=31)
    world.remove(subscription, "example.net")
    world.clock.advance(minutes=1)
    world.add(subscription, "example.net")


def _companions(world: World, subscription: Subscription) -> None:
    world.add(subscription, "example.net", add_companions=True)
    world.add(subscription, "example.org")
    world.add(subscription, "www.example.org")
    world.clock.advance(days=2)
    world.remove(subscription, "example.net")
    world.remove(subscription, "example.org")
    world.clock.advance(minutes=1)
    world.add(subscription, "example.net")


def _a_lost_answer(world: World, subscription: Subscription) -> None:
    subscription.refresh_from_db()
    operation = world.order(subscription, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    world.read(subscription)
    assert world.settle_until_known(operation).state == State.SUCCEEDED
    removal = world.removal(subscription, "example.net")
    world.ca.arm("REMOVEDOMAIN", Fault.cut_after())
    world.work(removal)
    world.read(subscription)
    assert world.settle_until_known(removal).state == State.SUCCEEDED


@pytest.mark.parametrize(
    "business",
    [_within_thirty_days, _after_thirty_days, _thrice, _companions, _a_lost_answer],
    ids=lambda one: one.__name__,
)
@pytest.mark.parametrize("ca_ahead", [-600, 0, 600, None])
def test_ordinary_business_raises_none(
    world: World,
    running: Subscription,
    monkeypatch: pytest.MonkeyPatch,
    business: Callable[[World, Subscription], None],
    ca_ahead: float | None,
) -> None:
    """The CA's clock may be ten minutes off, and tells so in its answers or does not."""
    _set_ca_clock(world, monkeypatch, ca_ahead)
    business(world, running)
    for _ in range(4):
        world.clock.advance(minutes=10)
        world.read(running)
    world.clock.advance(days=2)
    world.read_twice(running)
    assert list(Finding.objects.values_list("sort", "state", "lines")) == []
    assert not Transaction.objects.filter(explained="").exists()


def _set_ca_clock(world: World, monkeypatch: pytest.MonkeyPatch, ahead: float | None) -> None:
    offset = timedelta(seconds=ahead or 0)
    monkeypatch.setattr(world.ca.clock, "now", lambda: world.clock.instant + offset)
    told = None if ahead is None else offset
    monkeypatch.setattr(world.caas, "ca_clock_offset", lambda: told)


def test_two_terms_raise_none(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    world.read_twice(subscription)
    world.clock.advance(days=365 + 31)
    world.read(subscription)
    subscription.refresh_from_db()
    # Not sold by the portal yet: a name of the lapsed term bought again, which starts the next.
    operation = Operation.objects.get(domain_name="first.example.com")
    account = world.binding(subscription).acme_account_id
    added = world.caas.add_domain(acme_account_id=account, name="first.example.com", last_look=lambda: True)
    Operation.objects.create(
        kind=operation.kind,
        state=State.SUCCEEDED,
        subscription=subscription,
        binding=operation.binding,
        domain_name=operation.domain_name,
        names=operation.names,
        price=operation.price,
        currency=operation.currency,
        charged=added.cost.amount if added.cost else None,
        charged_currency="USD",
        ca_order_number=added.ca_order_number,
        created_at=timezone.now(),
        finished_at=timezone.now(),
    )
    for _ in range(4):
        world.clock.advance(minutes=10)
        world.read(subscription)
    world.clock.advance(days=2)
    world.read_twice(subscription)
    assert list(Finding.objects.values_list("sort", "lines")) == []


# --- Before the first change ----------------------------------------------------------------------------------------


def test_what_nothing_explains_stands_before_every_line_of_the_order(world: World, running: Subscription) -> None:
    """The database is an old copy: the order is under way in it, and one of its lines was charged since."""
    order = world.order(running, ["example.net", "example.org"])
    second = order.operations.get(domain_name="example.org")
    account = world.binding(running).acme_account_id
    world.caas.add_domain(acme_account_id=account, name="example.org", last_look=lambda: True)
    process.begin(world.clock.instant)
    # The list of names is late, that of the charges is not.
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=_but(answer["Domains"], "example.org")))
    for operation in order.operations.order_by("pk"):
        world.work(operation)
    second.refresh_from_db()
    assert second.state == State.ATTENTION
    assert order.operations.get(domain_name="example.net").state == State.SUCCEEDED
    assert world.changes("ADDDOMAIN") == 3


def _but(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["domainName"] != name]


def test_a_worker_that_begins_reads_before_it_sends(world: World, running: Subscription) -> None:
    order = world.order(running, ["example.net", "example.org"])
    first, second = order.operations.order_by("pk")
    world.work(first)
    account = world.binding(running).acme_account_id
    world.caas.add_domain(acme_account_id=account, name="example.org", last_look=lambda: True)
    world.clock.advance(seconds=1)
    process.begin(world.clock.instant)
    world.work(second)
    second.refresh_from_db()
    assert second.state == State.ATTENTION
    assert world.changes("ADDDOMAIN") == 3


def test_what_bears_on_nothing_of_it_lets_it_go(world: World, running: Subscription) -> None:
    world.by_curl(running, "other.example")
    world.clock.advance(minutes=20)
    assert world.add(running, "example.net").state == State.SUCCEEDED


def test_unreadable_charges_let_the_call_go_unreadable_names_do_not(world: World, running: Subscription) -> None:
    world.ca.arm("LISTTRANSACTIONS", Fault.server_error())
    assert world.add(running, "example.net").state == State.SUCCEEDED
    world.ca.arm("LISTDOMAINS", Fault.server_error())
    held = world.add(running, "example.org")
    assert held.state == State.QUEUED
    assert world.changes("ADDDOMAIN") == 2
