"""Extending a subscription: the price asked between two lists, the charge, and what a lost answer comes to."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import ServiceError
from subscriptions.ledger import lanes
from subscriptions.models import Operation, Subscription, Transaction
from subscriptions.sandbox import Fault
from subscriptions.services.orders import confirm_quote
from tests.ledger.world import World

State = Operation.State


@pytest.fixture
def ending(world: World) -> Subscription:
    """A subscription with two names, 50 days before its end."""
    subscription = world.run(world.ready_subscription())
    world.add(subscription, "*.example.net", add_companions=True)
    world.clock.advance(days=315)
    return world.read(subscription)


def _lost(world: World, ending: Subscription, fault: Fault) -> Operation:
    operation = world.extension(ending)
    world.ca.arm("EXTENDDOMAINS", fault, quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    return operation


def _ends_at(subscription: Subscription) -> datetime:
    subscription.refresh_from_db()
    assert subscription.expires_at is not None
    return subscription.expires_at


@pytest.mark.parametrize("years", [1, 2, 3])
def test_it_is_quoted_with_all_names_and_moves_the_end(world: World, ending: Subscription, years: int) -> None:
    before = _ends_at(ending)
    quote = world.extension_quote(ending, years=years)

    line = quote.lines.get()
    assert sorted(line.names) == ["*.example.net", "example.net", "first.example.com"]
    assert (line.term_ends_at, line.name, line.arguments) == (before, "", {"years": years})
    operation = confirm_quote(actor=world.staff, quote=quote).operations.get()
    world.work(operation)

    operation.refresh_from_db()
    assert (operation.state, operation.charged) == (State.SUCCEEDED, quote.amounts["USD"])
    assert _ends_at(ending) == before + timedelta(days=365 * years)
    assert world.charged_in_ledger() == world.charged_by_ca()
    world.read_twice(ending)
    assert Transaction.objects.get(kind=Transaction.EXTENSION).operation == operation
    assert world.findings() == {}


@pytest.mark.parametrize(
    ("days_before_end", "reason"),
    [
        (101, "from"),
        (100, "from"),
        (99, ""),
        (0, ""),
        (-29, ""),
        (-30, r"took its extension until .* on start"),
        (-60, "added now start a new term"),
    ],
)
def test_only_in_its_window(world: World, days_before_end: int, reason: str) -> None:
    subscription = world.run(world.ready_subscription())
    at = _ends_at(subscription) - timedelta(days=days_before_end)
    world.clock.instant = datetime.combine(at.date(), time(12), UTC)
    if not reason:
        assert world.extension_quote(subscription).state == "ready"
        return
    with pytest.raises(ServiceError, match=reason):
        world.extension_quote(subscription)


def test_the_window_may_close_before_the_confirmation(world: World, ending: Subscription) -> None:
    world.clock.instant = _ends_at(ending) + timedelta(days=28, hours=23)
    quote = world.extension_quote(ending)
    quote.valid_until = world.clock.instant + timedelta(days=1)
    quote.save()
    world.clock.advance(hours=2)
    with pytest.raises(ServiceError, match="Nothing was ordered"):
        confirm_quote(actor=world.staff, quote=quote)


def test_one_at_a_time(world: World, ending: Subscription) -> None:
    first, second = world.extension_quote(ending), world.extension_quote(ending, years=2)
    confirm_quote(actor=world.staff, quote=first)
    with pytest.raises(ServiceError, match="under way already"):
        confirm_quote(actor=world.staff, quote=second)
    with pytest.raises(ServiceError, match="under way already"):
        world.extension_quote(ending)


def test_a_name_added_since_it_was_priced_stops_it(world: World, ending: Subscription) -> None:
    operation = world.extension(ending)
    world.by_curl(ending, "new.example.org")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert world.changes("EXTENDDOMAINS") == 0


def test_a_name_removed_since_it_was_priced_stops_it(world: World, ending: Subscription) -> None:
    operation = world.extension(ending)
    world.by_curl(ending, "first.example.com", remove=True)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert world.changes("EXTENDDOMAINS") == 0


def test_extended_elsewhere_since_it_was_priced_it_is_not_sent(world: World, ending: Subscription) -> None:
    operation = world.extension(ending)
    account = world.binding(ending).acme_account_id
    world.caas.extend_domains(acme_account_id=account, years=1, last_look=lambda: True)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert world.changes("EXTENDDOMAINS") == 1


def test_names_that_change_while_it_is_priced_are_asked_again(world: World, ending: Subscription) -> None:
    operation = world.extension(ending)
    lists = iter(range(100))

    def every_other(answer: dict[str, Any]) -> None:
        if world.forms[-1]["page"] == ["0"] and next(lists) % 2:
            answer["Domains"] = answer["Domains"][:1]

    world.clock.advance(minutes=11)  # the baseline of the quote's minute is too old
    world.rewrite("LISTDOMAINS", every_other)
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.sent_at) == (State.QUEUED, None)
    world.rewrite("LISTDOMAINS", None)
    world.clock.advance(minutes=5)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_a_risen_price_waits_for_a_person(world: World, ending: Subscription) -> None:
    operation = world.extension(ending)
    with world.ca.state.transaction() as db:
        db.execute("UPDATE prices SET annual_cents = annual_cents * 2")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert world.changes("EXTENDDOMAINS") == 0


def test_nothing_else_of_the_binding_runs_beside_it(world: World, ending: Subscription) -> None:
    operation = world.extension(ending)
    claim = world.prepare(world.claim(operation))
    added = world.order(ending, ["other.example.org"]).operations.get()
    assert not lanes.is_free(added, timezone.now())
    assert world.work(added) is None
    world.send(claim)
    world.work(added)
    added.refresh_from_db()
    # The price it was confirmed at is of the term that ran then: it is asked again, and what is left costs more now.
    assert added.state == State.ATTENTION


# --- Lost answers ---------------------------------------------------------------------------------------------------


def test_done_with_its_charge_it_happened(world: World, ending: Subscription) -> None:
    before = _ends_at(ending)
    operation = _lost(world, ending, Fault.cut_after())
    assert world.settle(operation).state == State.SUCCEEDED
    assert operation.charged == operation.price
    assert _ends_at(ending) == before + timedelta(days=365)
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_the_list_before_the_call_may_have_been_empty(world: World, ending: Subscription) -> None:
    operation = world.extension(ending)
    lists = iter(range(100))

    def first_one_empty(answer: dict[str, Any]) -> None:
        if next(lists) == 0:
            answer["Domains"] = []

    world.rewrite("LISTDOMAINS", first_one_empty)
    world.ca.arm("EXTENDDOMAINS", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    assert operation.baseline is not None
    assert operation.baseline.expires_at is None
    assert world.settle(operation).state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_not_done_it_is_sent_again_and_charged_once(world: World, ending: Subscription) -> None:
    operation = _lost(world, ending, Fault.cut_before())
    assert world.settle_until_known(operation).state == State.QUEUED
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.changes("EXTENDDOMAINS") == 2
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_done_an_hour_late_it_is_not_sent_again(world: World, ending: Subscription) -> None:
    """The readings said that it was not done; before it is sent again the term is looked at."""
    operation = _lost(world, ending, Fault.cut_before())
    assert world.settle_until_known(operation).state == State.QUEUED
    account = world.binding(ending).acme_account_id
    world.caas.extend_domains(acme_account_id=account, years=1, last_look=lambda: True)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    world.clock.advance(minutes=5)
    assert world.settle_until_known(operation).state == State.SUCCEEDED
    assert world.changes("EXTENDDOMAINS") == 2  # the lost one, and the one that did it late
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_a_list_that_is_an_hour_old_does_not_take_its_end_back(world: World, ending: Subscription) -> None:
    before = ending.expires_at
    assert before is not None
    world.work(world.extension(ending))
    ending.refresh_from_db()
    extended = ending.expires_at
    old = f"{before:%Y-%m-%dT%H:%M:%SZ}"
    world.rewrite("LISTDOMAINS", lambda answer: [one.update(expiresAt=old) for one in answer["Domains"]])
    for minutes in (1, 59):
        world.clock.advance(minutes=minutes)
        assert world.read(ending).expires_at == extended
    world.clock.advance(minutes=61)
    assert world.read(ending).expires_at == before  # the CA means it


def test_its_charge_not_readable_the_amount_is_open(world: World, ending: Subscription) -> None:
    operation = _lost(world, ending, Fault.cut_after())
    world.ca.arm("LISTTRANSACTIONS", Fault.server_error(), count=None)
    assert world.settle_until_known(operation).state == State.SUCCEEDED
    assert operation.has_open_charge
    world.ca.disarm()
    world.read(ending)
    operation.refresh_from_db()
    assert operation.charged == operation.price
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_a_charge_with_the_old_end_is_for_a_person(world: World, ending: Subscription) -> None:
    operation = _lost(world, ending, Fault.cut_after())
    before = operation.quoted_term_ends_at
    assert before is not None

    def old_end(answer: dict[str, Any]) -> None:
        for entry in answer["Domains"]:
            entry["expiresAt"] = f"{before:%Y-%m-%dT%H:%M:%SZ}"

    world.rewrite("LISTDOMAINS", old_end)
    assert world.settle_until_known(operation).state == State.ATTENTION


def test_another_term_than_ordered_is_for_a_person(world: World, ending: Subscription) -> None:
    operation = _lost(world, ending, Fault.cut_before())
    account = world.binding(ending).acme_account_id
    world.caas.extend_domains(acme_account_id=account, years=3, last_look=lambda: True)
    assert world.settle_until_known(operation).state == State.ATTENTION


def test_an_empty_list_proves_nothing(world: World, ending: Subscription) -> None:
    operation = _lost(world, ending, Fault.cut_after())
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=[]))
    assert world.settle(operation).state == State.UNKNOWN
    world.rewrite("LISTDOMAINS", None)
    world.clock.advance(minutes=5)
    assert world.settle_until_known(operation).state == State.SUCCEEDED


def test_an_extension_nobody_ordered_is_a_finding(world: World, ending: Subscription) -> None:
    account = world.binding(ending).acme_account_id
    world.caas.extend_domains(acme_account_id=account, years=1, last_look=lambda: True)
    world.clock.advance(minutes=20)
    world.read_twice(ending)
    assert list(world.findings()) == ["unexplained_charge"]


# --- After the term -------------------------------------------------------------------------------------------------


def test_a_name_starts_a_new_term_once_the_old_one_is_over_for_good(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    first_end = _ends_at(subscription)
    world.clock.instant = first_end + timedelta(days=10)
    with pytest.raises(ServiceError, match="extend it before"):
        world.quote(subscription, ["second.example.com"])

    world.clock.instant = first_end + timedelta(days=32)
    world.read(subscription)
    # The same name as before, and a new one.
    order = world.order(subscription, ["first.example.com", "second.example.com"])
    for operation in order.operations.order_by("turn"):
        world.work(operation)

    assert set(order.operations.values_list("state", flat=True)) == {State.SUCCEEDED}
    assert _ends_at(subscription) > first_end + timedelta(days=365)
    rows = subscription.domains.filter(name="first.example.com").order_by("added_at")
    assert [row.removed_at is None for row in rows] == [False, True]
    assert world.charged_in_ledger() == world.charged_by_ca() == Decimal(3) * order.operations.first().price  # type: ignore[union-attr, operator]
    world.clock.advance(minutes=20)
    world.read_twice(subscription)
    assert sorted(subscription.domains.present().values_list("name", flat=True)) == [
        "first.example.com",
        "second.example.com",
    ]
    assert world.findings() == {}


def test_a_new_term_whose_first_answer_was_lost(world: World) -> None:
    """The old row of the name is listed all the time: it proves nothing."""
    subscription = world.run(world.ready_subscription())
    world.clock.instant = _ends_at(subscription) + timedelta(days=32)
    world.read(subscription)
    for fault, state in ((Fault.cut_before(), State.QUEUED), (Fault.cut_after(), State.SUCCEEDED)):
        operation = Operation.objects.filter(state=State.QUEUED).first()
        operation = operation or world.order(subscription, ["first.example.com"]).operations.get()
        world.ca.arm("ADDDOMAIN", fault, quoteOnly="N")
        world.work(operation)
        operation.refresh_from_db()
        assert operation.state == State.UNKNOWN
        assert world.settle_until_known(operation).state == state
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_names_of_an_earlier_term_stay_gone_when_the_next_one_ends(world: World) -> None:
    """Where no term runs the CA lists the names of all of them, each with its own end: only the newest's are left."""
    subscription = world.run(world.ready_subscription())
    world.add(subscription, "example.net")
    world.clock.instant = _ends_at(subscription) + timedelta(days=32)
    world.read(subscription)
    world.add(subscription, "first.example.com")
    world.clock.instant = _ends_at(subscription) - timedelta(days=20)
    world.read_twice(subscription)
    quoted = world.extension_quote(subscription).lines.get().names
    assert quoted == ["first.example.com"]

    world.clock.instant = _ends_at(subscription) + timedelta(days=3)
    world.read_twice(subscription)
    assert list(subscription.domains.present().values_list("name", flat=True)) == ["first.example.com"]
    quote = world.extension_quote(subscription)
    assert quote.lines.get().names == ["first.example.com"]
    operation = confirm_quote(actor=world.staff, quote=quote).operations.get()
    world.work(operation)
    world.clock.advance(minutes=20)
    world.read_twice(subscription)
    assert list(subscription.domains.present().values_list("name", flat=True)) == ["first.example.com"]
    assert world.charged_in_ledger() == world.charged_by_ca()
    assert world.findings() == {}
