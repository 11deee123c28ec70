"""ADDDOMAIN: each confirmed line is charged at most once, and the ledger's sum is the CA's."""

from dataclasses import replace
from decimal import Decimal

import pytest

from subscriptions.caas.types import TransactionInfo
from subscriptions.ledger.reading import names_before
from subscriptions.models import Baseline, Domain, Operation, Order, QuoteLine, Subscription
from subscriptions.sandbox import Fault
from subscriptions.services.orders import confirm_quote
from tests.ledger.world import World

pytestmark = pytest.mark.servers

State = Operation.State


def test_it_works(world: World) -> None:
    subscription = world.ready_subscription("OV")
    quote = world.quote(subscription, ["example.com", "shop.example.net"])
    assert quote.state == quote.State.READY
    order = world.order(subscription, ["example.com", "shop.example.net"])

    for operation in order.operations.order_by("pk"):
        world.work(operation)

    assert [one.state for one in order.operations.all()] == [State.SUCCEEDED, State.SUCCEEDED]
    assert world.charged_in_ledger() == world.charged_by_ca() == quote.amounts["USD"] == order.amounts["USD"]
    assert order.amounts["USD"] > 0
    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.RUNNING
    domains = Domain.objects.filter(subscription=subscription)
    assert {one.name: one.ov_anchor_order_number for one in domains} == {
        "example.com": "880000001",
        "shop.example.net": "880000001",
    }


def test_the_baseline_is_read_once_for_an_order(world: World) -> None:
    subscription = world.ready_subscription()
    order = world.order(subscription, ["example.com", "example.net", "example.org"])
    for operation in order.operations.order_by("pk"):
        world.work(operation)
    # Two calls a reading, because a list goes on until a page brings nothing new; the rest is the expiry, once.
    assert world.ca.call_log().count("LISTDOMAINS") == 1 + 2
    last = order.operations.latest("pk")
    assert last.baseline is not None
    assert last.baseline.names == []
    assert names_before(last, last.baseline) == frozenset()
    assert Baseline.objects.count() == 1


def test_companions_come_from_the_ca(world: World) -> None:
    subscription = world.ready_subscription()
    quote = world.quote(
        subscription, ["example.com", "www.example.com", "*.example.net", "example.net"], add_companions=True
    )
    lines = {line.name: line for line in quote.lines.all()}
    assert lines["*.example.net"].names == ["*.example.net", "example.net"]
    assert lines["example.net"].state == QuoteLine.State.COVERED
    assert lines["example.net"].covered_by == lines["*.example.net"]
    assert lines["www.example.com"].covered_by == lines["example.com"]
    order = world.order(subscription, ["example.com", "www.example.com"], add_companions=True)
    operation = world.work(order.operations.get())
    assert operation is not None
    assert operation.names == ["example.com", "www.example.com"]
    free = Domain.objects.get(name="www.example.com")
    assert free.is_free
    assert free.companion_of == Domain.objects.get(name="example.com")


def test_a_companion_that_was_typed_too_is_one_line_at_one_price(world: World) -> None:
    subscription = world.ready_subscription()
    quote = world.quote(subscription, ["example.com", "www.example.com", "shop.example.com"])
    lines = {line.name: line for line in quote.lines.all()}
    assert lines["www.example.com"].covered_by == lines["example.com"]
    assert lines["shop.example.com"].names == ["shop.example.com"]
    assert quote.amounts["USD"] == (lines["example.com"].cost or 0) + (lines["shop.example.com"].cost or 0)
    order = confirm_quote(actor=world.staff, quote=quote)
    for operation in order.operations.order_by("pk"):
        world.work(operation)
    assert set(Domain.objects.values_list("name", flat=True)) == {
        "example.com",
        "shop.example.com",
        "www.example.com",
    }
    assert world.charged_in_ledger() == world.charged_by_ca()
    assert world.charged_by_ca() <= order.amounts["USD"]


def test_a_companion_that_another_line_brings_is_asked_for_once(world: World) -> None:
    subscription = world.ready_subscription()
    quote = world.quote(subscription, ["*.example.com", "www.example.com"], add_companions=True)
    assert [line.names for line in quote.lines.all()] == [["*.example.com", "example.com"], ["www.example.com"]]
    order = confirm_quote(actor=world.staff, quote=quote)
    for operation in order.operations.order_by("pk"):
        world.clock.advance(seconds=1)
        world.work(operation)
    assert {one.state for one in order.operations.all()} == {State.SUCCEEDED}
    assert world.charged_in_ledger() == world.charged_by_ca() == order.amounts["USD"]


CHANGED = [Fault.cut_after(), Fault.server_error(after=True), Fault.wrong_json(after=True), Fault.latency(60)]
NOT_CHANGED = [Fault.cut_before(), Fault.server_error(), Fault.wrong_json()]


@pytest.mark.parametrize("fault", CHANGED, ids=lambda one: one.kind)
def test_a_charge_whose_answer_was_lost_is_found_by_reading(world: World, fault: Fault) -> None:
    subscription = world.ready_subscription("OV")
    operation = world.order(subscription, ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", fault, quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN

    assert world.settle(operation).state == State.SUCCEEDED
    assert operation.is_charge_open is False
    assert operation.ca_order_number == world.ca.summary()["charges"][0]["orderNumber"]
    assert world.changes("ADDDOMAIN") == 1
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price
    assert Domain.objects.get().name == "example.com"


@pytest.mark.parametrize("fault", NOT_CHANGED, ids=lambda one: one.kind)
def test_a_call_that_did_nothing_is_sent_again_once_two_readings_agree(world: World, fault: Fault) -> None:
    subscription = world.ready_subscription()
    operation = world.order(subscription, ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", fault, quoteOnly="N")
    world.work(operation)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=14, seconds=59)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(seconds=1)
    assert world.settle(operation).state == State.UNKNOWN, "the first reading that has waited long enough"
    world.clock.advance(minutes=4, seconds=59)
    assert world.settle(operation).state == State.UNKNOWN
    assert world.changes("ADDDOMAIN") == 1
    world.clock.advance(seconds=1)
    assert world.settle(operation).state == State.QUEUED

    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price
    assert len(world.ca.summary()["charges"]) == 1


def test_one_reading_late_is_not_enough(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    world.clock.advance(hours=5)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=4, seconds=59)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(seconds=1)
    assert world.settle(operation).state == State.QUEUED


def test_a_change_made_after_the_caller_gave_up_is_seen(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.after_caller_gave_up(hold=True), quoteOnly="N")
    world.work(operation)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=10)
    assert world.settle(operation).state == State.UNKNOWN
    world.ca.release()
    world.clock.advance(minutes=5)
    assert world.settle(operation).state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price


def test_without_readable_transactions_the_amount_stays_open_until_they_are(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.ca.arm("LISTTRANSACTIONS", Fault.server_error(), count=None)
    world.work(operation)
    assert world.settle_until_known(operation).state == State.SUCCEEDED
    assert (operation.is_charge_open, operation.charged) == (True, None)
    world.ca.disarm()
    world.clock.advance(minutes=1)
    world.read(operation.subscription)
    operation.refresh_from_db()
    assert (operation.is_charge_open, operation.charged) == (False, operation.price)
    assert operation.ca_order_number == world.ca.summary()["charges"][0]["orderNumber"]


def test_two_charges_for_one_name_need_a_person(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    list_transactions = world.caas.list_transactions

    def twice(*, acme_account_id: str) -> tuple[TransactionInfo, ...]:
        (one,) = list_transactions(acme_account_id=acme_account_id)
        return one, replace(one, ca_order_number=(one.ca_order_number or 0) + 1)

    monkeypatch.setattr(world.caas, "list_transactions", twice)
    assert world.settle_until_known(operation).state == State.ATTENTION
    assert [one["ca_order_number"] for one in operation.readings[-1]["charges"]] == [
        world.ca.summary()["charges"][0]["orderNumber"] + number for number in (0, 1)
    ]


def test_absent_without_readable_transactions_for_a_day_needs_a_person(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.ca.arm("LISTTRANSACTIONS", Fault.server_error(), count=None)
    world.work(operation)
    assert world.settle_until_known(operation).state == State.UNKNOWN
    world.clock.advance(hours=24)
    assert world.settle(operation).state == State.ATTENTION
    assert "LISTTRANSACTIONS could not be read for a day" in str(operation.events.last())
    assert world.work(operation) is None
    assert world.changes("ADDDOMAIN") == 1


def test_an_unreadable_list_settles_nothing(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    world.ca.arm("LISTDOMAINS", Fault.server_error(), count=None)
    assert world.settle_until_known(operation).state == State.UNKNOWN


def test_a_name_present_before_proves_nothing(world: World) -> None:
    subscription = world.ready_subscription()
    binding = world.binding(subscription)
    operation = world.order(subscription, ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    world.caas.add_domain(acme_account_id=binding.acme_account_id, name="example.com", last_look=lambda: True)
    Baseline.objects.update(names=["example.com"])
    assert world.settle_until_known(operation).state == State.ATTENTION


def test_a_name_present_before_is_not_sent(world: World) -> None:
    subscription = world.ready_subscription()
    operation = world.order(subscription, ["example.com"]).operations.get()
    world.caas.add_domain(
        acme_account_id=world.binding(subscription).acme_account_id, name="example.com", last_look=lambda: True
    )
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert str(operation.events.last()).endswith("example.com is at the CA already.")
    assert world.changes("ADDDOMAIN") == 1


def test_no_connection_means_back_to_the_queue(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.unreachable(), quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    assert world.work(operation) is None  # not before its back-off
    world.clock.advance(seconds=10)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED


def test_a_refusal_is_final_and_charges_nothing(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.error("permission"), quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.REFUSED
    assert operation.error_detail == "You do not have permission for this request. Please contact support!"
    assert world.charged_by_ca() == 0
    assert not Domain.objects.exists()


def test_refused_as_present_after_a_lost_answer_is_settled_by_reading(world: World) -> None:
    subscription = world.ready_subscription()
    operation = world.order(subscription, ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.after_caller_gave_up(hold=True), quoteOnly="N")
    world.work(operation)
    assert world.settle_until_known(operation).state == State.QUEUED
    world.ca.release()  # far too late, against all the waiting
    world.clock.advance(minutes=10)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    assert world.settle(operation).state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price


def test_a_charge_above_the_confirmed_one_stops_the_rest(world: World) -> None:
    subscription = world.ready_subscription()
    order = world.order(subscription, ["example.com", "example.net"])
    first, second = order.operations.order_by("pk")
    world.ca.set_price("northwind", "DV", "FQDN", "500.00")  # within the hour the quote holds for
    world.work(first)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.state == State.SUCCEEDED
    assert first.charged == Decimal("500.00")
    assert second.state == State.ATTENTION
    assert Order.objects.get().stopped_at == world.clock.instant
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_one_order_from_two_confirmations(world: World) -> None:
    quote = world.quote(world.ready_subscription(), ["example.com"])
    orders = {confirm_quote(actor=world.staff, quote=quote).pk for _ in range(2)}
    assert len(orders) == 1
    assert Operation.objects.filter(kind=Operation.Kind.ADD_DOMAIN).count() == 1
