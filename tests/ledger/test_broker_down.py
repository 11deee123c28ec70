"""A broker that is down costs nothing: what a person did is kept, and the next sweep sends it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from celery.app.task import Task
from kombu.exceptions import OperationalError

from accounts.models import Mail
from accounts.roles import CustomerRole
from accounts.services import invite_person
from subscriptions import tasks
from subscriptions.models import AcmeServer, Operation, Quote, Subscription
from subscriptions.services.hand_over import hand_over
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quotes import request_quote
from subscriptions.services.subscriptions import create_subscription, watch_subscription
from tests import cast
from tests.ledger.world import World

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def broker_down(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give a function that takes the broker away."""

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("Connection refused")

    return lambda: monkeypatch.setattr(Task, "apply_async", refuse)


def sent_by_sweep(world: World, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """What the sweep sends once the broker is back."""
    sent: list[tuple[str, tuple[Any, ...]]] = []

    def record(task: Any, args: Any = None, kwargs: Any = None, **options: Any) -> None:
        sent.append((task.name.rpartition(".")[2], tuple(args or ())))

    monkeypatch.setattr(Task, "apply_async", record)
    world.clock.advance(minutes=2)
    tasks.sweep()
    return sent


def test_a_confirmed_order(world: World, broker_down: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    quote = world.quote(world.ready_subscription(), ["example.com"])
    broker_down()
    order = confirm_quote(actor=world.staff, quote=quote)
    operation = order.operations.get()
    assert operation.state == Operation.State.QUEUED
    assert ("execute_operation", (operation.pk,)) in sent_by_sweep(world, monkeypatch)


def test_a_new_acme_account(world: World, broker_down: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    broker_down()
    subscription = create_subscription(
        actor=world.staff,
        customer=world.customer,
        server=AcmeServer.objects.get(validation_type="DV"),
        term_years=1,
        prevalidation=None,
        form_token=uuid4(),
    )
    assert subscription.state == Subscription.State.CREATING
    assert ("execute_operation", (subscription.operations.get().pk,)) in sent_by_sweep(world, monkeypatch)


def test_a_quote(world: World, broker_down: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    subscription = world.ready_subscription()
    broker_down()
    quote = request_quote(
        actor=world.staff,
        subscription=subscription,
        names=["example.com"],
        add_companions=False,
        prevalidation=None,
        form_token=uuid4(),
    )
    assert quote.state == Quote.State.QUEUED
    assert ("price_quote", (quote.pk,)) in sent_by_sweep(world, monkeypatch)


def test_mails_and_readings(world: World, broker_down: Callable[[], None]) -> None:
    subscription = world.ready_subscription()
    cast.add_person(world.customer, cast.make_user("owner@northwind.example"), CustomerRole.OWNER)
    broker_down()
    invite_person(actor=world.staff, customer=world.customer, email="new@northwind.example", role="owner")
    assert hand_over(actor=world.staff, subscriptions=[subscription]).mails == 1
    assert set(Mail.objects.values_list("notice", "state")) == {("invitation", "queued"), ("handover", "queued")}
    assert watch_subscription(subscription)
