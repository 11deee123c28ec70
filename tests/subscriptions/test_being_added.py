"""What counts as being added is the same on the customer's page and on the staff's."""

import pytest

from subscriptions.models import Operation, Subscription
from subscriptions.selectors.customer import progress_of
from subscriptions.selectors.names import NamesThere
from subscriptions.selectors.rows import subscription_status
from tests import cast

WORKING = {"queued", "sending", "unknown"}


@pytest.mark.parametrize("state", Operation.State.values)
def test_what_waits_for_a_person_is_not_being_added(running_subscription: Subscription, state: str) -> None:
    order = cast.make_order(cast.make_quote(running_subscription, {"shop.example.com": "95.00"}))
    cast.end_operation(order.operations.get(), state)

    status, progress = subscription_status(running_subscription), progress_of(running_subscription)

    assert (status.being_added, progress.being_added) == ((1, 1) if state in WORKING else (0, 0))
    assert status.is_waiting is (state in WORKING)
    assert status.in_attention == (state == "attention")


@pytest.mark.parametrize("state", Operation.State.values)
def test_nor_is_it_refused_as_being_added(running_subscription: Subscription, state: str) -> None:
    order = cast.make_order(cast.make_quote(running_subscription, {"shop.example.com": "95.00"}))
    cast.end_operation(order.operations.get(), state)
    [checked] = NamesThere.of(running_subscription).check(["Shop.example.com"])
    told = {"attention": "Something about it waits for a decision of reseller staff."}
    told |= dict.fromkeys(WORKING, "Already being added to this subscription.")
    assert checked.problem == told.get(state, "")


def test_an_account_that_is_made_is_no_name(running_subscription: Subscription) -> None:
    creating = cast.make_subscription(running_subscription.customer, is_ready=False)

    assert creating.operations.get().state == "queued"
    assert (subscription_status(creating).being_added, progress_of(creating).being_added) == (0, 0)


def test_others_work_is_not_counted(running_subscription: Subscription, subscription: Subscription) -> None:
    cast.make_order(cast.make_quote(subscription, {"shop.example.com": "95.00"}))

    assert subscription_status(running_subscription).being_added == progress_of(running_subscription).being_added == 0
