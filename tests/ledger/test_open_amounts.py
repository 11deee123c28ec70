"""A charge whose amount could not be read is open: in no total, filled in by a reading, and judged then."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from subscriptions.models import Finding, Operation, Order, Transaction
from subscriptions.sandbox import Fault
from tests import cast
from tests.ledger.world import World

State = Operation.State

Change = Callable[[dict[str, Any]], object]


def _unset(field: str) -> Change:
    return lambda entry: entry.pop(field)


def _to(field: str, value: object) -> Change:
    return lambda entry: entry.update({field: value})


def _lost(world: World, name: str = "example.com") -> Operation:
    """The CA adds a name and charges it, and its answer is lost."""
    operation = world.order(world.ready_subscription(), [name]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    return operation


def test_one_unreadable_list_of_charges_settles_nothing_about_the_amount(world: World) -> None:
    operation = _lost(world)
    world.ca.set_price("northwind", "DV", "FQDN", "60.00")  # after the call: what it charged stays 50
    world.ca.arm("LISTTRANSACTIONS", Fault.wrong_json(), count=None)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=15)
    assert world.settle(operation).state == State.SUCCEEDED
    assert (operation.charged, operation.is_charge_open) == (None, True)
    assert world.charged_in_ledger() == 0
    world.ca.disarm()
    world.read(operation.subscription)
    operation.refresh_from_db()
    assert (operation.charged, operation.charged_currency, operation.is_charge_open) == (Decimal(50), "USD", False)
    assert world.charged_in_ledger() == world.charged_by_ca()


@pytest.mark.parametrize(
    "change",
    [
        _to("transactionDate", "2031-01-01"),
        _to("transactionDate", "not a date"),
        _to("transactionDate", None),
        _unset("transactionDate"),
        lambda entry: entry.update(transactionDate=entry["transactionDate"][:10]),
        lambda entry: entry.update(transactionDate=entry["transactionDate"].rstrip("Z")),
    ],
    ids=["future", "unreadable", "null", "none", "day", "no zone"],
)
def test_no_date_keeps_a_charge_from_being_found(world: World, change: Change) -> None:
    operation = _lost(world)
    world.rewrite_charges(change)
    assert world.settle(operation).state == State.SUCCEEDED
    assert (operation.charged, operation.is_charge_open) == (Decimal(50), False)
    assert world.charged_in_ledger() == world.charged_by_ca()


@pytest.mark.parametrize("change", [_unset("currency"), _to("currency", ""), _to("cost", "much"), _unset("cost")])
def test_an_amount_that_cannot_be_read_is_open_until_it_can(world: World, change: Change) -> None:
    operation = _lost(world)
    world.rewrite_charges(change)
    assert world.settle(operation).state == State.SUCCEEDED
    assert (operation.charged, operation.is_charge_open) == (None, True)
    number = operation.ca_order_number
    assert number is not None
    world.read(operation.subscription)
    operation.refresh_from_db()
    assert operation.is_charge_open
    world.rewrite("LISTTRANSACTIONS", None)
    world.read(operation.subscription)
    operation.refresh_from_db()
    assert (operation.charged, operation.is_charge_open, operation.ca_order_number) == (Decimal(50), False, number)


@pytest.mark.parametrize("change", [_unset("currency"), _unset("cost")])
def test_an_answer_without_its_amount_is_open_and_judged_when_it_is_known(world: World, change: Change) -> None:
    order = world.order(world.ready_subscription(), ["example.com", "example.net"])
    first, second = order.operations.order_by("pk")
    world.ca.set_price("northwind", "DV", "FQDN", "61.00")
    world.rewrite("ADDDOMAIN", change)
    world.work(first)
    first.refresh_from_db()
    assert (first.state, first.charged, first.is_charge_open) == (State.SUCCEEDED, None, True)
    assert Order.objects.get().stopped_at is None
    world.rewrite("ADDDOMAIN", None)
    world.clock.advance(seconds=30)
    world.read(cast.subscription_of(order))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.charged, first.is_charge_open) == (Decimal(61), False)
    assert first.is_overcharged
    assert second.state == State.ATTENTION
    assert Order.objects.get().stopped_at == world.clock.instant


def test_an_amount_that_is_open_for_a_day_is_a_finding_that_the_amount_closes(world: World) -> None:
    operation = _lost(world)
    world.rewrite_charges(_unset("cost"))
    assert world.settle(operation).state == State.SUCCEEDED
    world.clock.advance(hours=23)
    world.read_twice(operation.subscription)
    assert world.findings() == {}
    world.clock.advance(hours=1)
    world.read_twice(operation.subscription)
    assert world.findings() == {Finding.Sort.OPEN_AMOUNT: [str(operation.code)]}
    world.rewrite("LISTTRANSACTIONS", None)
    world.read(operation.subscription)
    assert world.findings() == {}


def test_it_is_a_finding_though_nothing_but_the_names_can_be_read(world: World) -> None:
    operation = _lost(world)
    world.rewrite_charges(_unset("cost"))
    assert world.settle(operation).state == State.SUCCEEDED
    for action in ("LISTTRANSACTIONS", "LISTACCOUNTS", "GETLASTORDER"):
        world.ca.arm(action, Fault.server_error(), count=None)
    world.clock.advance(days=1, minutes=1)
    world.read_twice(operation.subscription)
    assert world.findings() == {Finding.Sort.OPEN_AMOUNT: [str(operation.code)]}


def _free_line(world: World) -> Operation:
    """A line priced zero: the companion of a name that is there."""
    subscription = world.run(world.ready_subscription(), "example.com")
    operation = world.order(subscription, ["www.example.com"]).operations.get()
    assert operation.price == 0
    return operation


def _charge_it(name: str, cost: str) -> Change:
    return lambda entry: entry.update(cost=cost) if entry["domains"][0]["name"] == name else None


def test_a_free_line_that_was_charged_is_recorded_as_charged_and_stops_its_order(world: World) -> None:
    operation = _free_line(world)
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    world.rewrite_charges(_charge_it("www.example.com", "30.00"))
    world.ca.arm("LISTTRANSACTIONS", Fault.server_error())
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=5)
    assert world.settle(operation).state == State.SUCCEEDED
    assert (operation.charged, operation.is_charge_open) == (Decimal(30), False)
    assert operation.is_overcharged
    assert operation.order is not None
    assert operation.order.stopped_at is not None


def test_a_free_line_is_free_only_when_two_lists_say_so(world: World) -> None:
    operation = _free_line(world)
    world.rewrite("LISTTRANSACTIONS", _without("www.example.com"))
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=4)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=1)
    assert world.settle(operation).state == State.SUCCEEDED
    assert (operation.charged, operation.is_charge_open) == (Decimal(0), False)


def _without(name: str) -> Change:
    def drop(answer: dict[str, Any]) -> None:
        for subscription in answer["subscriptions"]:
            rows = subscription["transactions"]
            subscription["transactions"] = [row for row in rows if row["domains"][0]["name"] != name]

    return drop


@pytest.mark.parametrize(
    "change",
    [_unset("domains"), _to("domains", "www.example.com"), _unset("orderNumber"), _to("orderNumber", "none")],
)
def test_a_charge_that_cannot_be_told_whose_it_is_makes_no_line_free(world: World, change: Change) -> None:
    operation = _free_line(world)
    world.rewrite("ADDDOMAIN", _unset("currency"))
    world.work(operation)
    operation.refresh_from_db()
    number = operation.ca_order_number
    assert operation.is_charge_open

    def spoil(entry: dict[str, Any]) -> None:
        if entry["orderNumber"] == number:
            entry["cost"] = "30.00"
            change(entry)

    world.rewrite_charges(spoil)
    Operation.objects.filter(pk=operation.pk).update(ca_order_number=None)
    Transaction.objects.filter(operation=operation).delete()
    world.clock.advance(minutes=20)
    for _ in range(3):
        world.read_twice(operation.subscription)
    operation.refresh_from_db()
    assert (operation.charged, operation.is_charge_open) == (None, True)


def test_a_free_line_whose_answer_had_no_amount_keeps_its_order_number(world: World) -> None:
    operation = _free_line(world)
    world.rewrite("ADDDOMAIN", _unset("currency"))
    world.work(operation)
    operation.refresh_from_db()
    number = operation.ca_order_number
    assert number is not None
    world.rewrite("LISTTRANSACTIONS", _without("www.example.com"))
    Transaction.objects.filter(operation=operation).delete()
    world.clock.advance(minutes=15)
    world.read_twice(operation.subscription)
    operation.refresh_from_db()
    assert (operation.charged, operation.is_charge_open, operation.ca_order_number) == (Decimal(0), False, number)


@pytest.mark.parametrize("numbered_before", [True, False])
def test_a_second_charge_without_an_order_number_is_not_taken_for_an_old_one(
    world: World, numbered_before: bool
) -> None:
    subscription = world.run(world.ready_subscription())
    world.rewrite_charges(_unset("orderNumber") if not numbered_before else lambda entry: None)
    operation = world.order(subscription, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    world.rewrite_charges(_unset("orderNumber"))
    assert world.settle(operation).state == State.SUCCEEDED
    assert operation.charged == Decimal(50)


def test_a_transaction_whose_kind_was_not_told_before_is_not_a_new_one(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    world.add(subscription, "example.net")
    world.clock.advance(days=31)
    world.remove(subscription, "example.net")
    world.rewrite_charges(_unset("transactionType"))
    operation = world.order(subscription, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    world.rewrite("LISTTRANSACTIONS", None)
    assert world.settle(operation).state == State.SUCCEEDED, "the charge of then is not of now"
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_a_list_that_stays_unreadable_for_a_day_is_for_a_person_and_says_which(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    world.ca.arm("LISTTRANSACTIONS", Fault.server_error(), count=None)
    ended = world.clock.instant
    while world.settle(operation).state == State.UNKNOWN:
        assert world.clock.instant < ended + timedelta(days=2)
        world.clock.advance(minutes=50)
    assert operation.state == State.ATTENTION
    assert world.clock.instant >= ended + timedelta(days=1)
    assert "LISTTRANSACTIONS could not be read for a day" in operation.events.order_by("-pk")[0].reason
    assert world.changes("ADDDOMAIN") == 1
