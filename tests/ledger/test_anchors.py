"""Nothing is added under a pre-validation that the names of its subscription were moved away from since."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import ServiceError
from subscriptions.models import Operation, Order, Subscription
from subscriptions.rules.prevalidations import was_left_since
from subscriptions.sandbox import Fault
from subscriptions.selectors.operations import last_event_of
from subscriptions.services.operations import decide_send
from subscriptions.services.orders import confirm_quote
from tests.ledger.world import World

State = Operation.State
OLD, NEW = "880000001", "880000002"


@pytest.fixture
def running(world: World) -> Subscription:
    """An OV subscription whose first name was added an hour ago."""
    subscription = world.run(world.ready_subscription("OV"))
    world.clock.advance(hours=1)
    return subscription


def _is_held(world: World, operation: Operation) -> bool:
    before = world.changes("ADDDOMAIN")
    world.work(operation)
    operation.refresh_from_db()
    event = operation.events.last()
    reason = f"Names of this subscription were moved from pre-validation {OLD} to another since this was priced."
    is_told = event is not None and event.reason == reason
    assert is_told == (operation.state == State.ATTENTION)
    assert world.changes("ADDDOMAIN") - before == (operation.state == State.SUCCEEDED)
    return is_told


def test_moved_after_the_order_it_is_held_by_its_own_baseline(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.move_names(running, NEW)
    assert _is_held(world, operation)


def test_every_line_of_the_order_is_held(world: World, running: Subscription) -> None:
    order = world.order(running, ["example.net", "example.org"])
    world.move_names(running, NEW)
    assert all(_is_held(world, operation) for operation in order.operations.order_by("pk"))


def test_moved_under_a_young_baseline_it_is_held_once_a_reading_has_shown_it(
    world: World, running: Subscription
) -> None:
    first, second = world.order(running, ["example.net", "example.org"]).operations.order_by("pk")
    assert not _is_held(world, first)
    world.move_names(running, NEW)
    world.clock.advance(minutes=1)
    world.read(running)
    assert _is_held(world, second)


def test_a_later_price_under_it_does_not_let_it_go(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.move_names(running, NEW)
    world.clock.advance(minutes=1)
    world.read(running)
    world.clock.advance(minutes=2)
    Operation.objects.update(quoted_at=world.clock.instant)  # asked for again right before a charge that came back
    assert _is_held(world, operation)


def test_what_is_priced_after_the_move_goes(world: World, running: Subscription) -> None:
    world.move_names(running, NEW)
    world.read(running)
    world.clock.advance(minutes=1)
    assert not _is_held(world, world.order(running, ["example.net"]).operations.get())


def test_where_nothing_was_moved_it_goes(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.read(running)
    assert not _is_held(world, operation)


def test_a_person_who_has_it_sent_afterwards_has_looked_at_it(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.move_names(running, NEW)
    assert _is_held(world, operation)
    world.clock.advance(minutes=1)
    decide_send(actor=world.staff, operation=operation, seen_event=last_event_of(operation), reason="It still holds.")
    assert not _is_held(world, operation)


def test_moved_between_the_quote_and_its_confirmation_nothing_is_ordered(world: World, running: Subscription) -> None:
    quote = world.quote(running, ["example.net"])
    world.move_names(running, NEW)
    world.clock.advance(minutes=1)
    world.read(running)
    with pytest.raises(ServiceError, match=f"moved from pre-validation {OLD} to another"):
        confirm_quote(actor=world.staff, quote=quote)
    assert Order.objects.count() == 1


def test_a_list_that_could_not_be_read_shows_no_move(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.ca.arm("LISTDOMAINS", Fault.wrong_json())
    world.read(running)
    assert world.binding(running).anchors_left == {}
    assert not _is_held(world, operation)


def test_a_list_without_pre_validations_shows_no_move(world: World, running: Subscription) -> None:
    world.rewrite("LISTDOMAINS", lambda answer: [row.pop("ovAnchorOrderNumber", None) for row in answer["Domains"]])
    world.read(running)
    assert world.binding(running).anchors_left == {}


INSTANTS = st.integers(10**9, 2 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
KEPT = st.none() | st.integers() | st.text() | st.lists(st.integers()) | INSTANTS.map(datetime.isoformat)


@given(left=st.dictionaries(st.sampled_from([OLD, NEW, ""]), KEPT), since=INSTANTS)
def test_any_json_is_stood_and_what_cannot_be_read_is_recent(left: dict[str, object], since: datetime) -> None:
    assert not was_left_since(left, "", since)
    assert was_left_since(left, "never", since) is False
    if OLD in left and was_left_since(left, OLD, since) is False:
        assert datetime.fromisoformat(str(left[OLD])) < since


@given(at=INSTANTS, seconds=st.integers(-(10**6), 10**6))
def test_left_at_or_after_the_instant(at: datetime, seconds: int) -> None:
    since = at + timedelta(seconds=seconds)
    assert was_left_since({OLD: at.isoformat()}, OLD, since) == (seconds <= 0)
