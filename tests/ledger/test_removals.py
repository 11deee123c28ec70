"""Removing a name whose answer was lost: what the two lists prove."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.errors import ServiceError
from subscriptions.ledger import clock
from subscriptions.models import Operation, QuoteLine, Subscription, Transaction
from subscriptions.sandbox import Fault
from subscriptions.selectors.removals import removal_of
from subscriptions.services.names import remove_names
from subscriptions.services.quotes import request_quote
from tests import cast
from tests.ledger.world import World

State = Operation.State


@pytest.fixture
def running(world: World) -> Subscription:
    """A subscription with a second name, which is to be removed."""
    subscription = world.run(world.ready_subscription())
    world.add(subscription, "example.net")
    world.clock.advance(days=1)
    return subscription


def _lost(world: World, running: Subscription, fault: Fault) -> Operation:
    operation = world.removal(running, "example.net")
    world.ca.arm("REMOVEDOMAIN", fault)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    return operation


def test_gone_with_its_refund_it_happened(world: World, running: Subscription) -> None:
    operation = _lost(world, running, Fault.cut_after())
    assert world.settle(operation).state == State.SUCCEEDED
    assert Transaction.objects.get(kind=Transaction.REFUND).operation == operation
    assert not running.domains.present().filter(name="example.net").exists()
    assert running.domains.get(name="example.net").removal == operation


def test_gone_without_a_refund_two_readings_decide(world: World, running: Subscription) -> None:
    world.clock.advance(days=31)
    operation = _lost(world, running, Fault.cut_after())
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=4)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=1)
    assert world.settle(operation).state == State.SUCCEEDED


def test_one_empty_list_proves_nothing(world: World, running: Subscription) -> None:
    operation = _lost(world, running, Fault.cut_before())
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=[]))
    assert world.settle(operation).state == State.UNKNOWN
    world.rewrite("LISTDOMAINS", None)
    world.clock.advance(minutes=5)
    assert world.settle_until_known(operation).state == State.QUEUED
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.changes("REMOVEDOMAIN") == 2


def test_still_there_with_a_refund_is_for_a_person(world: World, running: Subscription) -> None:
    operation = _lost(world, running, Fault.cut_after())
    there = [{"domainName": name} for name in ("first.example.com", "example.net")]
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=there))
    assert world.settle_until_known(operation).state == State.ATTENTION


def test_two_refunds_are_for_a_person(world: World, running: Subscription) -> None:
    operation = _lost(world, running, Fault.cut_after())

    def twice(answer: dict[str, Any]) -> None:
        rows = answer["subscriptions"][0]["transactions"]
        rows += [row | {"orderNumber": 900000001} for row in rows if row["transactionType"] == "refundDomain"]

    world.rewrite("LISTTRANSACTIONS", twice)
    assert world.settle(operation).state == State.ATTENTION


def test_a_lost_removal_that_did_its_work_late_is_not_sent_again(world: World, running: Subscription) -> None:
    operation = _lost(world, running, Fault.after_caller_gave_up(hold=True))
    assert world.settle_until_known(operation).state == State.QUEUED
    world.ca.release()
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    assert world.settle_until_known(operation).state == State.SUCCEEDED
    assert world.changes("REMOVEDOMAIN") == 1


def test_what_somebody_else_removed_is_for_a_person(world: World, running: Subscription) -> None:
    operation = world.removal(running, "example.net")
    world.by_curl(running, "example.net", remove=True)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert world.changes("REMOVEDOMAIN") == 1


def test_a_companion_goes_with_its_name(world: World, running: Subscription) -> None:
    world.add(running, "example.org", add_companions=True)
    operation = _lost_companion(world, running)
    assert world.settle(operation).state == State.SUCCEEDED
    assert list(running.domains.present().values_list("name", flat=True)) == ["example.net", "first.example.com"]
    world.clock.advance(hours=1)
    world.read_twice(running)
    assert world.findings() == {}


def _lost_companion(world: World, running: Subscription) -> Operation:
    operation = world.removal(running, "example.org")
    world.ca.arm("REMOVEDOMAIN", Fault.cut_after())
    world.work(operation)
    return operation


def test_a_free_name_that_was_added_by_itself_may_go_along(world: World, running: Subscription) -> None:
    """The CA takes it out with its paid name whenever it was added: the page says so before."""
    codes = [running.domains.get(name="example.net").code]
    before = removal_of(running, codes, clock.now())
    assert [one.may_go for one in before.leaving] == [()]
    free = world.add(running, "www.example.net")
    world.add(running, "www.first.example.com")
    assert free.charged == 0

    [leaving] = (told := removal_of(running, codes, clock.now())).leaving
    assert [domain.name for domain in leaving.may_go] == ["www.example.net"]
    assert told.version != before.version
    world.remove(running, "example.net")
    assert not running.domains.present().filter(name="www.example.net").exists()
    [alone] = removal_of(running, [running.domains.get(name="www.first.example.com").code], clock.now()).leaving
    assert alone.may_go == ()  # a free name goes by itself


def may_go(subscription: Subscription, name: str) -> list[str]:
    """What the page says that may go with a name."""
    [leaving] = removal_of(subscription, [subscription.domains.present().get(name=name).code], clock.now()).leaving
    return [domain.name for domain in leaving.may_go]


def test_a_free_name_of_any_writing_may_go_with_a_paid_one_near_it(world: World, running: Subscription) -> None:
    """No public table tells which name comes free with which: mail.example.net may have brought imap.example.net."""
    world.add(running, "mail.example.net")
    cast.make_domain(running, "imap.example.net", is_free=True)
    cast.make_domain(running, "imap.example.org", is_free=True)
    assert may_go(running, "mail.example.net") == may_go(running, "example.net") == ["imap.example.net"]
    assert may_go(running, "first.example.com") == []

    cast.make_domain(running, "*.imap.example.net", is_free=False)  # a likelier one, which stays
    assert may_go(running, "mail.example.net") == []
    assert may_go(running, "*.imap.example.net") == ["imap.example.net"]


def test_what_was_charged_together_may_go_together(world: World, running: Subscription) -> None:
    """Of names that were taken over only the CA's transactions tell which of them were paid for by themselves."""
    binding = world.binding(running)
    charges = {1: ["shop.example.org", "pay.example.org"], 2: ["www.shop.example.org"]}
    for number, names in charges.items():
        Transaction.objects.create(
            binding=binding, kind=Transaction.ADDITION, ca_order_number=number, cost=50, currency="USD", names=names
        )
    for name in ("shop.example.org", "pay.example.org", "www.shop.example.org", "*.shop.example.org"):
        cast.make_domain(running, name, is_free=None, is_taken_over=True)
    assert may_go(running, "shop.example.org") == ["*.shop.example.org", "pay.example.org"]


def test_a_refund_after_the_end_of_the_term_is_booked(world: World) -> None:
    """What was bought shortly before it is paid back in the days in which names can be removed yet."""
    subscription = world.run(world.ready_subscription())
    assert subscription.expires_at is not None
    world.clock.instant = subscription.expires_at - timedelta(days=5)
    addition = world.add(subscription, "late.example.net")
    world.clock.instant = subscription.expires_at + timedelta(days=3)
    removal = world.remove(subscription, "late.example.net")
    assert removal.state == State.SUCCEEDED
    world.clock.advance(minutes=20)
    world.read_twice(subscription)
    refund = Transaction.objects.get(kind=Transaction.REFUND)
    assert (refund.operation, abs(refund.cost or 0)) == (removal, addition.charged)
    assert world.findings() == {}


def test_a_free_name_that_came_after_the_confirmation_stays(world: World, running: Subscription) -> None:
    """The page that was confirmed did not show that the CA would take it along."""
    order = world.order(running, ["www.example.net"])
    removal = world.removal(running, "example.net")
    world.clock.advance(seconds=5)
    world.work(order.operations.get())
    world.work(removal)

    removal.refresh_from_db()
    assert removal.state == State.ATTENTION
    assert "www.example.net" in removal.events.latest("pk").reason
    assert world.changes("REMOVEDOMAIN") == 0


def test_names_of_two_subscriptions_are_not_removed_together(world: World, running: Subscription) -> None:
    """What was checked of the first one's term says nothing of the other's."""
    other = world.run(world.ready_subscription(), "first.example.net")
    with pytest.raises(ServiceError, match="one subscription"):
        remove_names(actor=world.staff, domains=[running.domains.earliest("pk"), other.domains.get()])
    assert not Operation.objects.filter(takes_away=True).exists()


def test_a_name_is_replaced_in_its_own_subscription(world: World, running: Subscription) -> None:
    other = world.run(world.ready_subscription(), "first.example.net")
    with pytest.raises(ServiceError, match="another subscription"):
        request_quote(
            actor=world.staff,
            subscription=running,
            names=["sample.net"],
            add_companions=False,
            prevalidation=None,
            form_token=uuid4(),
            replaces=other.domains.get(),
        )
    assert not QuoteLine.objects.exclude(replaces=None).exists()
