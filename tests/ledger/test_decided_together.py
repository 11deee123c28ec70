"""The lines of a stopped order decided together, with the workers and the CA behind the page."""

from decimal import Decimal

from subscriptions.ledger import moves
from subscriptions.models import Operation, Order
from subscriptions.sandbox import Fault
from subscriptions.selectors.operations import lines_to_decide
from subscriptions.services.operations import DecidedLines, decide_lines
from tests.ledger.world import World

State = Operation.State
NAMES = ["example.net", "example.org", "example.info"]


def _stopped(world: World) -> Order:
    """The price rose after the confirmation: the first line was charged too high within its minute, the rest waits."""
    subscription = world.ready_subscription()
    world.work(world.order(subscription, ["example.com"]).operations.get())
    order = world.order(subscription, NAMES)
    world.ca.set_price("northwind", "DV", "FQDN", "500.00")
    world.work(order.operations.order_by("pk")[0])
    order.refresh_from_db()
    assert order.stopped_at is not None
    return order


def _decide(world: World, order: Order, *, is_to_send: bool = True) -> DecidedLines:
    seen = {line.operation.code: line.seen_event for line in lines_to_decide(order).lines}
    return decide_lines(actor=world.staff, order=order, is_to_send=is_to_send, seen=seen, reason="It is fine.")


def _work_on(world: World, order: Order) -> list[str]:
    world.clock.advance(minutes=2)
    for operation in order.operations.filter(state=State.QUEUED).order_by("pk"):
        world.work(operation)
    return list(order.operations.order_by("pk").values_list("state", flat=True))


def test_sent_at_the_confirmed_price_they_come_back_with_what_the_ca_asks(world: World) -> None:
    order, charged = _stopped(world), world.changes("ADDDOMAIN")
    waiting = lines_to_decide(order)
    assert (waiting.unasked, waiting.totals) == (2, {"USD": Decimal("100.00")})

    assert _decide(world, order).decided == 2
    assert _work_on(world, order) == [State.SUCCEEDED, State.ATTENTION, State.ATTENTION]
    assert world.changes("ADDDOMAIN") == charged

    waiting = lines_to_decide(order)
    assert (waiting.unasked, waiting.totals) == (0, {"USD": Decimal("1000.00")})
    assert _decide(world, order) == DecidedLines(2, [])
    assert _work_on(world, order) == [State.SUCCEEDED] * 3
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_what_rises_again_until_it_is_sent_comes_back_again(world: World) -> None:
    order = _stopped(world)
    _decide(world, order)
    _work_on(world, order)
    _decide(world, order)
    world.ca.set_price("northwind", "DV", "FQDN", "600.00")
    charged = world.changes("ADDDOMAIN")

    assert _work_on(world, order) == [State.SUCCEEDED, State.ATTENTION, State.ATTENTION]
    assert world.changes("ADDDOMAIN") == charged
    assert lines_to_decide(order).totals == {"USD": Decimal("1200.00")}


def test_a_lost_line_is_not_among_them(world: World) -> None:
    order = _stopped(world)
    _decide(world, order)
    _work_on(world, order)
    _decide(world, order)
    lost, _ = order.operations.filter(state=State.QUEUED).order_by("pk")
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.clock.advance(minutes=2)
    world.work(lost)
    lost.refresh_from_db()
    assert lost.state == State.UNKNOWN
    moves.settle_as_unclear(lost, by=moves.Author(user=world.staff), reason="It takes too long.", detail={})

    assert [line.operation.domain_name for line in lines_to_decide(order).lines] == []
    assert lines_to_decide(order).others == 1


def test_canceled_together_nothing_more_is_charged(world: World) -> None:
    order, charged = _stopped(world), world.charged_by_ca()

    _decide(world, order, is_to_send=False)

    assert _work_on(world, order) == [State.SUCCEEDED, State.CANCELED, State.CANCELED]
    assert world.charged_by_ca() == charged
