"""Accounts at the CA that no binding holds: found by reading, assigned by people, never adopted by a machine."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import ServiceError
from subscriptions import tasks
from subscriptions.caas.types import PreregisteredAccount
from subscriptions.ledger import clock as ledger_clock
from subscriptions.models import (
    AcmeServer,
    Domain,
    EabBinding,
    Finding,
    Operation,
    Subscription,
    Transaction,
    UnassignedAccount,
)
from subscriptions.sandbox import Fault
from subscriptions.selectors.accounts import accounts_to_judge
from subscriptions.services.accounts import assign_account, mark_not_ours
from subscriptions.services.subscriptions import reveal_hmac_key
from subscriptions.worker import claiming, execution, unassigned
from tests import cast
from tests.ledger.world import World

State = UnassignedAccount.State


def by_curl(world: World, validation_type: str = "DV", *, years: int = 1) -> PreregisteredAccount:
    """Somebody makes an account past the portal."""
    url = AcmeServer.objects.get(validation_type=validation_type).directory_url
    return world.caas.preregister(directory_url=url, years=years, last_look=lambda: True)


def add_by_curl(world: World, made: PreregisteredAccount, name: str, *, anchor: str | None = None) -> None:
    """Somebody adds a name past the portal."""
    world.caas.add_domain(
        acme_account_id=made.acme_account_id,
        name=name,
        ov_anchor_order_number=anchor,
        last_look=lambda: True,
    )


def look_twice(world: World) -> None:
    """Two passes of the worker, five minutes apart."""
    for _ in range(2):
        unassigned.look_for_unassigned(world.caas)
        world.clock.advance(minutes=5)


def to_judge() -> set[str]:
    return set(accounts_to_judge().values_list("eab_key_id", flat=True))


def account_of(made: PreregisteredAccount) -> UnassignedAccount:
    return UnassignedAccount.objects.get(eab_key_id=made.eab_key_id)


def assign(world: World, account: UnassignedAccount, validation_type: str = "DV", **more: Any) -> Subscription:
    """A reseller admin says whose it is."""
    said: dict[str, Any] = {"customer": world.customer, "term_years": 1, "form_token": uuid4()}
    return assign_account(
        actor=world.staff,
        account=account,
        server=AcmeServer.objects.get(validation_type=validation_type),
        prevalidation=world.prevalidation if validation_type == "OV" else None,
        **said | more,
    )


def read_key(world: World, account: UnassignedAccount) -> Subscription:
    """A worker takes the message for an assigned account."""
    unassigned.read_assigned(account.pk, client=world.caas)
    return Subscription.objects.get(assigned_account=account)


def test_a_lost_answer_and_somebody_elses_account(world: World) -> None:
    sold = world.new_subscription()
    world.ca.arm("PREREGISTER", Fault.cut_after())
    world.work(sold.operations.get())
    [lost] = [pair.eab_key_id for pair in world.caas.list_bindings()]
    other = by_curl(world)
    look_twice(world)

    assert to_judge() == {lost, other.eab_key_id}
    assert not EabBinding.objects.exists()

    subscription = assign(world, UnassignedAccount.objects.get(eab_key_id=lost))
    mark_not_ours(actor=world.staff, account=account_of(other), reason="The old shop’s.")
    assert subscription.creation == Subscription.Creation.CREATING
    subscription = read_key(world, UnassignedAccount.objects.get(eab_key_id=lost))
    look_twice(world)

    assert to_judge() == set()
    assert subscription.state == Subscription.State.READY
    [pair] = [pair for pair in world.caas.list_bindings() if pair.eab_key_id == lost]
    assert reveal_hmac_key(actor=world.staff, subscription=subscription) == pair.eab_hmac_key.reveal()
    assert subscription.binding.is_said_by_staff
    # The sale goes on with an account of its own.
    world.clock.advance(minutes=5)
    world.work(sold.operations.get())
    sold.refresh_from_db()
    assert sold.binding.eab_key_id not in {lost, other.eab_key_id}
    assert not EabBinding.objects.filter(eab_key_id=other.eab_key_id).exists()


def test_its_page_turns_ready(world: World, client: Client) -> None:
    look_made = by_curl(world)
    look_twice(world)
    subscription = assign(world, account_of(look_made))
    page = reverse("subscriptions:subscription-detail", args=[subscription.code])
    cast.sign_in(client, world.staff)

    before = client.get(page).content.decode()
    read_key(world, account_of(look_made))
    after = client.get(page).content.decode()

    assert "being read at the CA" in before
    assert "being created at the CA" not in before
    assert "The ACME account is ready" in after
    assert after.count("said by staff") == 2


def test_what_was_charged_before_is_history_and_names_are_taken_over(world: World) -> None:
    made = by_curl(world, "OV", years=2)
    add_by_curl(world, made, "shop.example.org", anchor="880000001")
    world.clock.advance(days=100)
    look_twice(world)
    account = account_of(made)
    assert (account.names, account.carries_anchor) == (["shop.example.org"], True)

    subscription = assign(world, account, "OV", term_years=3)
    subscription = read_key(world, account)

    assert subscription.term_years == 2  # by the CA's dates, whatever was said
    [domain] = Domain.objects.filter(subscription=subscription)
    assert (domain.name, domain.is_taken_over) == ("shop.example.org", True)
    [charge] = Transaction.objects.filter(binding=subscription.binding)
    assert charge.explained == "history"
    for _ in range(3):
        world.clock.advance(minutes=10)
        subscription = world.read(subscription)
    assert not Finding.objects.exists()


def test_the_first_name_added_here_confirms_what_staff_said(world: World) -> None:
    made = by_curl(world)
    add_by_curl(world, made, "shop.example.org")
    world.clock.advance(days=100)
    look_twice(world)
    assign(world, account_of(made))
    subscription = read_key(world, account_of(made))
    order = world.order(subscription, ["new.example.net"])
    world.work(order.operations.get())
    world.read(subscription)

    assert not world.binding(subscription).is_said_by_staff


def test_a_late_answer_for_an_assigned_key_goes_to_a_person(world: World) -> None:
    operation = world.new_subscription().operations.get()
    claim = world.prepare(world.claim(operation))
    sent = execution.call(claim)
    assert sent is not None
    # Its worker is stopped before it records; meanwhile the sweep gives it up, and staff assign what the CA lists.
    world.clock.advance(minutes=30)
    claiming.reap_dead_claims(ledger_clock.now())
    look_twice(world)
    [account] = accounts_to_judge()
    assign(world, account, customer=cast.make_customer("Contoso"))

    execution.record(claim, sent)

    assert not EabBinding.objects.exists()
    subscription = read_key(world, account)
    assert subscription.customer.name == "Contoso"
    assert EabBinding.objects.get().subscription == subscription


def test_an_answer_for_a_key_that_was_assigned_before_it_was_recorded_goes_to_attention(world: World) -> None:
    operation = world.new_subscription().operations.get()
    claim = world.prepare(world.claim(operation))
    sent = execution.call(claim)
    assert sent is not None
    cast.make_unassigned(sent.effect.eab_key_id)
    assign(world, UnassignedAccount.objects.get(), customer=cast.make_customer("Contoso"))

    execution.record(claim, sent)

    operation.refresh_from_db()
    assert operation.state == Operation.State.ATTENTION
    assert not EabBinding.objects.exists()


def test_a_recorded_key_cannot_be_assigned(world: World) -> None:
    stray = cast.make_unassigned()
    EabBinding.objects.filter(subscription=world.ready_subscription()).update(eab_key_id=stray.eab_key_id)

    with pytest.raises(ServiceError, match="A subscription holds this EAB key ID by now"):
        assign(world, stray)

    assert Subscription.objects.count() == 1
    assert UnassignedAccount.objects.get().state == State.UNASSIGNED


def test_a_key_that_is_gone_is_a_problem_and_read_again_later(world: World) -> None:
    stray = cast.make_unassigned()
    subscription = assign(world, stray)

    read_key(world, stray)

    stray.refresh_from_db()
    assert stray.problem == "The CA does not list this EAB key ID with an ACME account any more."
    assert Subscription.objects.get(pk=subscription.pk).state == Subscription.State.CREATING
    assert unassigned.take_to_be_read(ledger_clock.now()) == []
    world.clock.advance(minutes=5)
    assert unassigned.take_to_be_read(ledger_clock.now()) == [stray.pk]


def test_one_list_shows_nothing_yet(world: World) -> None:
    by_curl(world)
    unassigned.look_for_unassigned(world.caas)
    world.clock.advance(minutes=4, seconds=59)
    unassigned.look_for_unassigned(world.caas)

    assert to_judge() == set()


def test_the_message_for_a_worker_is_sent_after_the_commit(
    world: World, no_broker: list[tuple[str, tuple[Any, ...]]], django_capture_on_commit_callbacks: Any
) -> None:
    stray = cast.make_unassigned()
    no_broker.clear()

    with django_capture_on_commit_callbacks(execute=True):
        assign(world, stray)

    assert no_broker == [("read_assigned_account", (stray.pk,))]
    assert tasks.read_assigned_account.name.endswith("read_assigned_account")
