"""Reading a subscription at the CA: what it confirms."""

from typing import Any

import pytest

from accounts.models import AuditEvent
from subscriptions.happenings import Happening
from subscriptions.models import EabBinding, Subscription
from subscriptions.services.subscriptions import watch_subscription
from subscriptions.worker import readings
from tests.ledger.world import World


def _assigned(world: World, *, years: int) -> Subscription:
    """A running subscription whose ACME account a person has assigned."""
    subscription = world.new_subscription(years=years)
    world.work(subscription.operations.get())
    EabBinding.objects.update(is_said_by_staff=True)
    subscription.refresh_from_db()
    world.work(world.order(subscription, ["example.com"]).operations.get())
    return subscription


@pytest.mark.parametrize("years", [1, 2, 3])
def test_the_first_expiry_confirms_an_assigned_account(world: World, years: int) -> None:
    subscription = _assigned(world, years=years)
    world.clock.advance(minutes=1)
    readings.sync_subscription(subscription.pk, client=world.caas)
    assert not world.binding(subscription).is_said_by_staff
    assert not AuditEvent.objects.filter(action=Happening.TERM_DIFFERS).exists()


def test_an_expiry_of_another_term_is_said_once(world: World) -> None:
    subscription = _assigned(world, years=1)
    Subscription.objects.update(term_years=2)
    for _ in range(2):
        world.clock.advance(minutes=1)
        readings.sync_subscription(subscription.pk, client=world.caas)
    assert world.binding(subscription).is_said_by_staff
    assert AuditEvent.objects.filter(action=Happening.TERM_DIFFERS, target_code=subscription.code).count() == 1


@pytest.mark.parametrize(("seconds", "is_due"), [(10_799, False), (10_800, True)])
def test_a_subscription_is_read_once_per_interval(world: World, seconds: int, is_due: bool) -> None:
    subscription = world.ready_subscription()
    assert readings.take_due_subscriptions(world.clock.instant, seconds=60) == [subscription.pk]
    assert readings.take_due_subscriptions(world.clock.instant, seconds=60) == []
    readings.sync_subscription(subscription.pk, client=world.caas)
    world.clock.advance(seconds=seconds)
    assert readings.take_due_subscriptions(world.clock.instant, seconds=60) == ([subscription.pk] if is_due else [])


def test_a_page_that_is_open_counts_as_a_reading(world: World, settings: Any) -> None:
    subscription = world.ready_subscription()
    assert watch_subscription(subscription)
    assert readings.take_due_subscriptions(world.clock.instant, seconds=60) == []
    assert not watch_subscription(subscription)
    world.clock.advance(seconds=settings.CAAS_WATCH_INTERVAL - 1)
    assert not watch_subscription(subscription)
    world.clock.advance(seconds=1)
    assert watch_subscription(subscription)


def test_a_reading_that_somebody_else_asked_for_counts_too(world: World) -> None:
    subscription = world.ready_subscription()
    readings.sync_subscription(subscription.pk, client=world.caas)
    Subscription.objects.update(synced_at=None)
    assert readings.take_due_subscriptions(world.clock.instant, seconds=60) == []


def test_what_was_not_created_is_not_read(world: World) -> None:
    world.new_subscription()
    assert readings.take_due_subscriptions(world.clock.instant, seconds=60) == []
