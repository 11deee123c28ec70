"""What the guide leaves open, as the portal lives with either answer of the CA (docs/open-questions.md)."""

from datetime import timedelta

import pytest

from accounts.errors import ServiceError
from subscriptions.ledger import gate
from subscriptions.models import Gate, Operation, Quote
from subscriptions.rules.terms import extension_window, last_day, refundable_until
from subscriptions.sandbox import Fault
from subscriptions.services.orders import confirm_quote
from tests.ledger.world import World

State = Operation.State


def test_9_4_an_account_that_is_not_called_as_its_key(world: World) -> None:
    world.ca.switches.ids_differ = True
    subscription = world.run(world.ready_subscription())
    binding = world.binding(subscription)

    assert binding.acme_account_id != binding.eab_key_id
    world.read_twice(subscription)
    assert [account.acme_account_id for account in binding.acme_accounts.all()] == [binding.acme_account_id]
    assert world.findings() == {}


def test_9_6_the_ca_extends_on_every_day_that_the_portal_offers(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    assert subscription.expires_at is not None
    window = extension_window(subscription.expires_at)
    account = world.binding(subscription).acme_account_id

    for instant in (window.opens_at, window.closes_at):
        world.clock.instant = instant
        assert world.caas.quote_extension(acme_account_id=account, years=1).cost.amount == 50


def test_9_7_the_ca_gives_back_what_the_portal_promises(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    world.clock.instant = refundable_until(world.clock.instant)

    assert world.remove(subscription, "first.example.com").state == State.SUCCEEDED
    assert world.charged_by_ca() == 0


def test_9_10_after_the_end_nothing_is_added_before_it_is_extended(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    quote = world.quote(subscription, ["example.net"])
    world.clock.advance(days=366)

    with pytest.raises(ServiceError):
        world.quote(subscription, ["example.org"])
    with pytest.raises(ServiceError):
        confirm_quote(actor=world.staff, quote=quote)
    assert world.changes("ADDDOMAIN") == 1


@pytest.mark.parametrize("was_sent_before", [False, True])
def test_9_12_a_name_that_is_there_already_is_believed_to_the_list_alone(
    world: World, *, was_sent_before: bool
) -> None:
    subscription = world.ready_subscription()
    operation = world.order(subscription, ["example.com"]).operations.get()
    if was_sent_before:
        world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    else:
        world.ca.arm("ADDDOMAIN", Fault.error("domain-present"), quoteOnly="N")
    world.work(operation)
    operation = world.settle_until_known(operation)

    assert operation.state == (State.SUCCEEDED if was_sent_before else State.REFUSED)
    assert subscription.domains.present().count() == (1 if was_sent_before else 0)
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_9_18_nothing_is_added_under_a_pre_validation_that_does_not_hold(world: World) -> None:
    subscription = world.ready_subscription("OV")
    world.prevalidation.valid_until = world.clock.instant.date() - timedelta(days=1)
    world.prevalidation.save()
    subscription.refresh_from_db()

    with pytest.raises(ServiceError):
        world.order(subscription, ["example.com"])
    assert world.ca.summary()["calls"].get("ADDDOMAIN") is None


@pytest.mark.parametrize("way", ["text", "number", "hidden"])
def test_9_20_and_11_8_a_pre_validation_may_be_listed_in_any_way(world: World, way: str) -> None:
    world.ca.switches.anchors_listed_as = way
    subscription = world.run(world.ready_subscription("OV"))
    world.read_twice(subscription)

    assert world.add(subscription, "example.net").state == State.SUCCEEDED
    world.read_twice(subscription)
    anchors = {domain.ov_anchor_order_number for domain in subscription.domains.present()}
    assert anchors == {"880000001"}
    assert world.findings() == {}


@pytest.mark.parametrize("first_day_counts", [False, True])
def test_9_21_the_end_of_a_term_is_the_cas(world: World, *, first_day_counts: bool) -> None:
    world.ca.switches.first_day_counts = first_day_counts
    subscription = world.run(world.ready_subscription())
    world.read_twice(subscription)

    days = 364 if first_day_counts else 365
    assert subscription.expires_at is not None
    assert last_day(subscription.expires_at) == world.clock.instant.date() + timedelta(days=days)
    assert world.add(subscription, "example.net").state == State.SUCCEEDED
    assert world.findings() == {}


@pytest.mark.parametrize("checked", [True, False])
def test_11_14_a_quote_refused_for_funds_means_nothing_for_others(world: World, *, checked: bool) -> None:
    world.ca.switches.quotes_check_funds = checked
    subscription = world.ready_subscription()
    world.ca.set_balance("northwind", "1.00")

    quote = world.quote(subscription, ["example.com"])

    assert quote.state == (Quote.State.REFUSED if checked else Quote.State.READY)
    assert gate.the_gate().closed_for == Gate.Closed.NOTHING
