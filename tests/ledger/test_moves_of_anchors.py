"""Names are moved from one pre-validation to another: once told, proven by the list of names, whatever goes wrong."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import ServiceError
from subscriptions.ledger import clock
from subscriptions.models import AcmeServer, Domain, Operation, Order, Prevalidation, Subscription
from subscriptions.sandbox import Fault
from subscriptions.selectors.anchor_moves import plan_of
from subscriptions.services.anchor_moves import confirm_move
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quotes import request_quote
from subscriptions.worker import claiming
from tests import cast
from tests.ledger.world import World

State = Operation.State
OLD, NEW = "880000001", "880000002"
MOVING = "UPDATEDOMAINS"


@pytest.fixture
def new(world: World) -> Prevalidation:
    """The pre-validation that comes after the one that names are under."""
    return cast.make_prevalidation(world.customer, number=NEW)


@pytest.fixture
def three(world: World) -> list[Subscription]:
    """Three OV subscriptions with a name each."""
    return [world.run(world.ready_subscription("OV"), f"{name}.example.com") for name in ("one", "two", "three")]


def confirm(world: World, new: Prevalidation, **more: Any) -> list[Operation]:
    """Staff confirm what the page shows."""
    plan = plan_of(world.prevalidation, timezone.now())
    return confirm_move(actor=world.staff, old=world.prevalidation, new=new, seen=plan.seen, **more)


def at_the_ca(world: World, subscription: Subscription) -> set[str | None]:
    listed = world.caas.list_domains(acme_account_id=world.binding(subscription).acme_account_id)
    return {one.ov_anchor_order_number for one in listed}


def here(subscription: Subscription) -> set[str]:
    return set(subscription.domains.present().values_list("ov_anchor_order_number", flat=True))


def old_one(world: World) -> Prevalidation:
    world.prevalidation.refresh_from_db()
    return world.prevalidation


def is_moved(world: World, subscription: Subscription) -> bool:
    """Whether it is, which CA and portal agree about."""
    subscription.refresh_from_db()
    moved = here(subscription) == {NEW}
    assert at_the_ca(world, subscription) == here(subscription)
    assert subscription.prevalidation is not None
    assert subscription.prevalidation.ov_anchor_order_number == (NEW if moved else OLD)
    assert (OLD in world.binding(subscription).anchors_left) is moved
    return moved


def after(world: World, **time: float) -> None:
    world.clock.advance(**time)


def test_it_works(world: World, three: list[Subscription], new: Prevalidation) -> None:
    charged = world.charged_by_ca()
    moves = confirm(world, new)
    assert [operation.lane for operation in moves] == ["binding"] * 3

    for operation in moves:
        assert old_one(world).recorded_status == "valid"
        world.work(operation)
        operation.refresh_from_db()
        assert operation.state == State.SUCCEEDED

    assert all(is_moved(world, subscription) for subscription in three)
    assert (old_one(world).recorded_status, old_one(world).replaced_by) == ("replaced", new)
    assert (world.changes(MOVING), world.charged_by_ca()) == (3, charged)
    world.read_twice(three[0])
    assert world.findings() == {}


def test_where_one_is_refused_the_rest_is_moved_and_it_can_be_tried_again(
    world: World, three: list[Subscription], new: Prevalidation
) -> None:
    first, second, third = confirm(world, new)
    world.work(first)
    world.ca.arm(MOVING, Fault.error("no-subscription"))
    world.work(second)
    world.work(third)

    second.refresh_from_db()
    assert second.state == State.REFUSED
    assert [is_moved(world, subscription) for subscription in three] == [True, False, True]
    assert old_one(world).recorded_status == "valid"

    (again,) = confirm(world, new)
    world.work(again)
    assert is_moved(world, three[1])
    assert (old_one(world).recorded_status, world.changes(MOVING)) == ("replaced", 4)


def test_lost_before_it_was_done_it_is_sent_again(world: World, three: list[Subscription], new: Prevalidation) -> None:
    operation = confirm(world, new)[0]
    world.ca.arm(MOVING, Fault.cut_before())
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.lost_answers) == (State.QUEUED, 1)

    after(world, minutes=1)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert is_moved(world, three[0])
    assert world.changes(MOVING) == 2


def test_lost_after_it_was_done_a_look_proves_it(world: World, three: list[Subscription], new: Prevalidation) -> None:
    operation = confirm(world, new)[0]
    world.ca.arm(MOVING, Fault.cut_after())
    world.work(operation)
    after(world, minutes=1)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN

    assert world.settle(operation).state == State.SUCCEEDED
    assert is_moved(world, three[0])
    assert world.changes(MOVING) == 1


@pytest.mark.parametrize("is_sent", [False, True])
def test_a_killed_workers_move_is_done_by_the_next(
    world: World, three: list[Subscription], new: Prevalidation, is_sent: bool
) -> None:
    operation = confirm(world, new)[0]
    claim = world.prepare(world.claim(operation))
    if is_sent:
        claim.client.move_domains(
            acme_account_id=world.binding(three[0]).acme_account_id,
            old_ov_anchor_order_number=OLD,
            ov_anchor_order_number=NEW,
            last_look=claim.last_look,
        )
    after(world, minutes=10)
    assert claiming.reap_dead_claims(clock.now()) == 1
    world.work(operation)
    world.settle(operation)
    assert operation.state == State.SUCCEEDED
    assert is_moved(world, three[0])


def test_refused_after_a_lost_answer_it_is_refused(world: World, three: list[Subscription], new: Prevalidation) -> None:
    operation = confirm(world, new)[0]
    world.ca.arm(MOVING, Fault.cut_before())
    world.work(operation)
    after(world, minutes=1)
    world.ca.arm(MOVING, Fault.error("invalid-argument", "ovAnchorOrderNumber"))
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.REFUSED
    assert not is_moved(world, three[0])


def test_five_lost_answers_are_for_a_person(world: World, three: list[Subscription], new: Prevalidation) -> None:
    operation = confirm(world, new)[0]
    for _ in range(5):
        world.ca.arm(MOVING, Fault.cut_before())
        world.work(operation)
        after(world, minutes=20)
    operation.refresh_from_db()
    assert (operation.state, world.changes(MOVING)) == (State.ATTENTION, 5)
    assert not is_moved(world, three[0])


def _as_before(answer: dict[str, Any]) -> None:
    for row in answer["Domains"]:
        row["ovAnchorOrderNumber"] = OLD


def test_what_the_list_does_not_show_is_not_done(world: World, three: list[Subscription], new: Prevalidation) -> None:
    operation = confirm(world, new)[0]
    world.rewrite("LISTDOMAINS", _as_before)
    world.work(operation)
    operation.refresh_from_db()
    event = operation.events.last()
    assert operation.state == State.QUEUED
    assert event is not None
    assert "lists 1 of the names under the old pre-validation yet" in event.reason

    world.rewrite("LISTDOMAINS", None)
    after(world, minutes=1)
    world.work(operation)
    world.settle(operation)
    assert operation.state == State.SUCCEEDED
    assert is_moved(world, three[0])


def test_a_list_that_cannot_be_read_proves_nothing(world: World, three: list[Subscription], new: Prevalidation) -> None:
    operation = confirm(world, new)[0]
    claim = world.prepare(world.claim(operation))
    world.ca.arm("LISTDOMAINS", Fault.wrong_json())
    world.send(claim)
    operation.refresh_from_db()
    assert (operation.state, operation.lost_answers) == (State.QUEUED, 1)

    after(world, minutes=1)
    world.work(operation)
    world.settle(operation)
    assert operation.state == State.SUCCEEDED
    assert is_moved(world, three[0])
    assert world.changes(MOVING) == 1


def test_where_the_list_tells_no_pre_validations_the_word_of_the_ca_is_all_there_is(
    world: World, three: list[Subscription], new: Prevalidation
) -> None:
    world.rewrite("LISTDOMAINS", lambda answer: [row.pop("ovAnchorOrderNumber", None) for row in answer["Domains"]])
    operation = confirm(world, new)[0]
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert here(three[0]) == {NEW}


def test_a_name_of_a_term_that_is_over_for_good_holds_nothing_up(
    world: World, three: list[Subscription], new: Prevalidation
) -> None:
    Subscription.objects.filter(pk=three[2].pk).update(expires_at=timezone.now() - timedelta(days=60))
    moves = confirm(world, new)
    assert [operation.subscription for operation in moves] == three[:2]
    for operation in moves:
        world.work(operation)
    assert old_one(world).recorded_status == "replaced"


# --- Beside orders ----------------------------------------------------------------------------------------------------


def test_nothing_new_goes_under_the_old_one_while_it_waits(
    world: World, three: list[Subscription], new: Prevalidation
) -> None:
    quote = world.quote(three[0], ["earlier.example.com"])
    operation = confirm(world, new)[0]

    with pytest.raises(ServiceError, match=f"being moved from pre-validation {OLD} to {NEW}"):
        confirm_quote(actor=world.staff, quote=quote)
    with pytest.raises(ServiceError, match="add them under that one"):
        world.quote(three[0], ["later.example.com"])
    assert Order.objects.count() == 3

    three[0].prevalidation = new
    order = world.order(three[0], ["new.example.com"])
    addition = order.operations.get()
    assert world.work(addition) is None  # the move is before it, and runs alone
    world.work(operation)
    world.work(addition)
    assert is_moved(world, three[0])
    assert Domain.objects.get(name="new.example.com").ov_anchor_order_number == NEW


@pytest.mark.parametrize("adds_first", [True, False])
def test_an_order_of_the_same_moment_is_moved_along_or_held(
    world: World, three: list[Subscription], new: Prevalidation, adds_first: bool
) -> None:
    """Neither confirmation saw the other: nothing is charged twice, and no name stays behind."""
    addition = world.order(three[0], ["same.example.com"]).operations.get()
    Operation.objects.filter(pk=addition.pk).update(state=State.CANCELED)
    operation = confirm(world, new)[0]
    Operation.objects.filter(pk=addition.pk).update(state=State.QUEUED)
    changes = world.changes("ADDDOMAIN")

    last, order = (operation, [addition, operation]) if adds_first else (addition, [operation, addition])
    Operation.objects.filter(pk=last.pk).update(turn=9)
    for one in order:
        world.work(one)

    operation.refresh_from_db()
    addition.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert is_moved(world, three[0])
    assert addition.state == (State.SUCCEEDED if adds_first else State.ATTENTION)
    assert world.changes("ADDDOMAIN") - changes == adds_first


def test_a_subscription_to_which_names_are_being_added_is_left_out(
    world: World, three: list[Subscription], new: Prevalidation
) -> None:
    addition = world.order(three[0], ["more.example.com"]).operations.get()
    assert plan_of(world.prevalidation, timezone.now()).waiting == 1
    moves = confirm(world, new)
    assert [operation.subscription for operation in moves] == three[1:]
    for operation in moves:
        world.work(operation)
    assert old_one(world).recorded_status == "valid"

    world.work(addition)
    (rest,) = confirm(world, new)
    world.work(rest)
    assert is_moved(world, three[0])
    assert old_one(world).recorded_status == "replaced"


# --- What can be confirmed --------------------------------------------------------------------------------------------


def test_a_second_confirmation_moves_nothing(world: World, three: list[Subscription], new: Prevalidation) -> None:
    seen = plan_of(world.prevalidation, timezone.now()).seen
    confirm(world, new)
    with pytest.raises(ServiceError, match="has changed since this page was opened"):
        confirm_move(actor=world.staff, old=world.prevalidation, new=new, seen=seen)
    with pytest.raises(ServiceError, match="no name to move now"):
        confirm(world, new)
    assert Operation.objects.exclude(old_ov_anchor_order_number="").count() == 3


def test_only_to_a_valid_one_of_the_customer(world: World, three: list[Subscription], new: Prevalidation) -> None:
    with pytest.raises(ServiceError, match="another pre-validation than the one"):
        confirm(world, world.prevalidation)
    with pytest.raises(ServiceError, match="belongs to another customer"):
        confirm(world, cast.make_prevalidation(cast.make_customer("Contoso"), number="71"))
    with pytest.raises(ServiceError, match="has not validated the organization yet"):
        confirm(world, cast.make_prevalidation(world.customer, recorded_status="requested", number="72"))
    yesterday = timezone.now().date() - timedelta(days=1)
    lapsed = cast.make_prevalidation(world.customer, valid_until=yesterday, number="73")
    with pytest.raises(ServiceError, match="has passed"):
        confirm(world, lapsed)
    with pytest.raises(ServiceError, match="is for EV"):
        confirm(world, cast.make_prevalidation(world.customer, type="EV", number="74"))
    assert not Operation.objects.exclude(old_ov_anchor_order_number="").exists()


def test_to_another_organization_with_a_reason(world: World, three: list[Subscription]) -> None:
    other = cast.make_prevalidation(world.customer, number=NEW, organization_name="Northwind Holding SE")
    with pytest.raises(ServiceError, match="Say why"):
        confirm(world, other)
    moves = confirm(world, other, reason="The company was taken over.")
    event = moves[0].events.get()
    assert event.reason == "Confirmed. The company was taken over."


def test_a_subscription_without_names_is_for_the_new_one_at_once(
    world: World, three: list[Subscription], new: Prevalidation
) -> None:
    server = AcmeServer.objects.get(validation_type="OV")
    empty = cast.make_subscription(world.customer, server, prevalidation=world.prevalidation)
    confirm(world, new)
    empty.refresh_from_db()
    assert empty.prevalidation == new
    with pytest.raises(ServiceError):
        request_quote(
            actor=world.staff, subscription=three[0], names=["x.example.com"], add_companions=False,
            prevalidation=world.prevalidation, form_token=empty.code,
        )  # fmt: skip
