"""The activity of a subscription holds what happened to it and to its names, whatever row an event is about."""

from django.utils import timezone

from subscriptions.explain.happenings import sentence
from subscriptions.models import Subscription
from subscriptions.selectors.anchor_moves import plan_of
from subscriptions.selectors.subscription_activity import activity_of_subscription
from subscriptions.services import operations as decisions
from subscriptions.services.anchor_moves import confirm_move
from subscriptions.services.names import remove_names
from tests import cast
from tests.ledger.world import World


def told(subscription: Subscription) -> list[str]:
    """What a page of it tells, oldest first."""
    return [sentence(event) for event in reversed(activity_of_subscription(subscription))]


def remove(world: World, subscription: Subscription, name: str) -> None:
    """Staff confirm the removal of a name, and cancel it."""
    [removal] = remove_names(actor=world.staff, domains=[subscription.domains.get(name=name)])
    decisions.cancel_operation(actor=world.staff, operation=removal, reason="Not this one.")


def test_what_happens_to_its_names_is_told_with_it(world: World) -> None:
    subscription, other = (world.run(world.ready_subscription("OV"), f"{name}.example.com") for name in ("one", "two"))
    before = told(subscription)
    remove(world, subscription, "one.example.com")
    remove(world, other, "two.example.com")
    new = cast.make_prevalidation(world.customer, number="880000002")
    plan = plan_of(world.prevalidation, timezone.now())
    confirm_move(actor=world.staff, old=world.prevalidation, new=new, seen=plan.seen)

    assert before == [
        f"ACME account ordered: {subscription.server.directory_url}",
        "Quote asked for",
        "Order confirmed: USD 200.00",
    ]
    assert told(subscription) == [
        *before,
        "Removal of a name confirmed: one.example.com",
        "Operation canceled: Not this one.",
        "Move of names to another pre-validation confirmed: 880000002",
    ]


def test_a_move_of_others_is_not(world: World) -> None:
    subscription = world.run(world.ready_subscription("OV"), "one.example.com")
    world.work(world.removal(subscription, "one.example.com"))
    world.run(world.ready_subscription("OV"), "two.example.com")
    new = cast.make_prevalidation(world.customer, number="880000002")
    plan = plan_of(world.prevalidation, timezone.now())
    confirm_move(actor=world.staff, old=world.prevalidation, new=new, seen=plan.seen)

    assert not [one for one in told(subscription) if one.startswith("Move of names")]
