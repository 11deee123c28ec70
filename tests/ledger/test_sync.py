"""Reading a subscription at the CA: what it confirms."""

import pytest

from accounts.models import AuditEvent
from subscriptions import sync
from subscriptions.models import Subscription
from subscriptions.sandbox import Fault
from tests.ledger.world import World


def _adopted(world: World, *, years: int) -> Subscription:
    """A running subscription whose ACME account was found by reading."""
    subscription = world.new_subscription(years=years)
    world.ca.arm("PREREGISTER", Fault.cut_after())
    operation = subscription.operations.get()
    world.work(operation)
    world.settle(operation)
    subscription.refresh_from_db()
    world.work(world.order(subscription, ["example.com"]).operations.get())
    return subscription


@pytest.mark.parametrize("years", [1, 2, 3])
def test_the_first_expiry_confirms_an_adopted_account(world: World, years: int) -> None:
    subscription = _adopted(world, years=years)
    assert world.binding(subscription).is_adopted
    world.clock.advance(minutes=1)
    sync.sync_subscription(subscription.pk, client=world.caas)
    assert not world.binding(subscription).is_adopted
    assert not AuditEvent.objects.filter(action=sync.TERM_DIFFERS).exists()


def test_an_expiry_of_another_term_is_said_once(world: World) -> None:
    subscription = _adopted(world, years=1)
    Subscription.objects.update(term_years=2)
    for _ in range(2):
        world.clock.advance(minutes=1)
        sync.sync_subscription(subscription.pk, client=world.caas)
    assert world.binding(subscription).is_adopted
    assert AuditEvent.objects.filter(action=sync.TERM_DIFFERS, target_code=subscription.code).count() == 1
