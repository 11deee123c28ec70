"""The pages of orders and operations, each state of them that looks different."""

from datetime import timedelta

from django.utils import timezone

from accounts.roles import ResellerRole
from subscriptions.kinds import REMOVING, new_operation
from subscriptions.ledger import charges, moves
from subscriptions.models import Operation, Order, Transaction
from tests import cast
from tests.flows.page import press
from tests.flows.staff_pages import NAMES, empty, expecting_errors, staff
from tests.portal.story import Story

State = Operation.State
OPERATOR = ResellerRole.OPERATOR
WORKER = moves.Author(worker="worker-1")


def done_order(told: Story) -> Order:
    order = cast.make_order(cast.make_quote(told.ready, {"done.northwind.example": "95.00"}), told.reseller_admin)
    cast.end_operation(order.operations.get(), State.SUCCEEDED, charged="95.00", charged_currency="USD")
    return order


def stopped_order(told: Story) -> Order:
    reason = "The CA charged USD 190.00 for one.northwind.example, which is above the confirmed USD 95.00."
    Order.objects.filter(pk=told.order.pk).update(stopped_at=timezone.now(), stop_reason=reason)
    return told.order


def waiting_order(told: Story) -> Order:
    names = {f"host{number}.northwind.example": "95.00" for number in range(4)}
    order = cast.make_order(cast.make_quote(told.running, names), told.reseller_admin)
    first, second, *_ = order.operations.order_by("pk")
    cast.end_operation(first, State.SUCCEEDED, charged="95.00", charged_currency="USD", claimed_at=timezone.now())
    cast.end_operation(second, State.SENDING, finished_at=None, claimed_at=timezone.now())
    return order


def with_evidence(told: Story) -> Operation:
    at = (timezone.now() - timedelta(minutes=10)).isoformat()
    charge = {"ca_order_number": 991, "amount": "95.00", "currency": "USD"}
    unread = {"LISTTRANSACTIONS": "The CA's server answered with an error page (HTTP 503)."}
    readings = [
        {"at": at, "is_there": True, "charges": [charge]},
        {"at": at, "is_there": True, "charges": None, "unread": unread},
    ]
    names = [told.attention.domain_name]
    cast.make_transaction(told.running, "95.00", kind=Transaction.ADDITION, ca_order_number=991, names=names)
    return cast.end_operation(
        told.attention,
        State.ATTENTION,
        finished_at=None,
        readings=readings,
        baseline=cast.make_baseline(told.attention),
        reply={"http_status": 503, "body": "<html>"},
    )


def risen(told: Story) -> Operation:
    asked = {"names": told.queued.names, "amount": "122.50", "currency": "USD"}
    reason = "The CA now asks USD 122.50; USD 95.00 was confirmed."
    moves.hold(told.queued, by=WORKER, reason=reason, detail=asked)
    return told.queued


def without_price(told: Story) -> Operation:
    detail = {"refusal": "pricing", "refusal_detail": "There is no price for this product."}
    reason = "The CA gives no price any more: There is no price for this product."
    moves.hold(told.queued, by=WORKER, reason=reason, detail=detail)
    return told.queued


def overcharged(told: Story) -> Operation:
    charged = {"charged": "122.50", "charged_currency": "USD", "ca_order_number": 991}
    return cast.end_operation(told.queued, State.SUCCEEDED, **charged)


def removal(told: Story) -> Operation:
    binding, name = told.running.binding, "mail.northwind.example"
    about = {"subscription": told.running, "binding": binding, "domain_name": name, "names": [name, f"www.{name}"]}
    moves.queue([new_operation(REMOVING, **about)], by=moves.Author(), reason="Confirmed.")
    return cast.end_operation(told.running.operations.get(domain_name=name), State.SUCCEEDED)


def making(told: Story) -> Operation:
    return told.creating.operations.get()


def stopped_with_lines(told: Story) -> Order:
    """One line was charged too high; of the others one was asked for again, one was lost."""
    names = {f"host{number}.northwind.example": "95.00" for number in range(4)}
    order = cast.make_order(cast.make_quote(told.running, names), told.reseller_admin)
    first, asked, _, lost = order.operations.order_by("pk")
    cast.end_operation(first, State.SUCCEEDED, charged="122.50", charged_currency="USD")
    by = WORKER
    Operation.objects.filter(pk=lost.pk).update(was_unknown=True)
    moves.hold(
        asked,
        by=by,
        reason="The CA now asks USD 122.50; USD 95.00 was confirmed.",
        detail={"names": asked.names, "amount": "122.50", "currency": "USD"},
    )
    first.refresh_from_db()
    charges.stop_order_if_overcharged(first, by=by)
    order.refresh_from_db()
    return order


def order_with_open_amounts(told: Story) -> Order:
    names = {f"host{number}.northwind.example": "95.00" for number in range(3)}
    order = cast.make_order(cast.make_quote(told.running, names), told.reseller_admin)
    first, *others = order.operations.order_by("pk")
    cast.end_operation(first, State.SUCCEEDED, charged="95.00", charged_currency="USD")
    for operation in others:
        cast.end_operation(operation, State.SUCCEEDED, is_charge_open=True)
    return order


def unknown(told: Story) -> Operation:
    now = timezone.now()
    sent = {"sent_at": now, "connection_ended_at": now, "was_unknown": True}
    return cast.end_operation(told.queued, State.UNKNOWN, finished_at=None, **sent)


def unknown_for_long(told: Story) -> Operation:
    return cast.end_operation(unknown(told), State.UNKNOWN, connection_ended_at=timezone.now() - timedelta(hours=1))


def with_open_amount(told: Story) -> Operation:
    return cast.end_operation(told.queued, State.SUCCEEDED, is_charge_open=True)


LEDGER_PAGES = [
    staff("quote-list"),
    empty("quote-list"),
    staff("order-list"),
    empty("order-list"),
    staff("order-list", state="of a day", query="?q=northwind&day=2026-01-01"),
    staff("order-detail", lambda told: told.order),
    staff("order-detail", done_order, "done"),
    staff("order-detail", stopped_order, "stopped"),
    staff("order-detail", stopped_with_lines, "stopped, with lines to decide"),
    staff("order-detail", stopped_with_lines, "stopped, as an operator", role=OPERATOR),
    staff("lines-decide", stopped_with_lines, "some lines"),
    staff("lines-decide", done_order, "nothing to decide"),
    staff(
        "order-detail",
        stopped_with_lines,
        "decided without a reason",
        act=expecting_errors(press("Cancel 2 lines")),
        lands=NAMES + "order-decide",
    ),
    staff("order-detail", order_with_open_amounts, "with open amounts"),
    staff("order-detail", waiting_order, "under way"),
    staff("operation-list"),
    empty("operation-list"),
    staff("operation-list", state="filtered", query="?state=attention"),
    staff("operation-list", state="of a customer that is not there", query="?customer=Nobody"),
    staff("operation-detail", lambda told: told.refused, "refused"),
    staff("operation-detail", lambda told: told.queued, "queued"),
    staff("operation-detail", unknown, "unknown"),
    staff("operation-detail", unknown_for_long, "unknown for long"),
    staff(
        "operation-detail",
        unknown_for_long,
        "taken over without a reason",
        act=expecting_errors(press("Stop reading and decide")),
        lands=NAMES + "operation-take",
    ),
    staff("operation-detail", with_open_amount, "charge not yet confirmed"),
    staff("operation-detail", risen, "at a higher price"),
    staff("operation-detail", without_price, "without a price"),
    staff("operation-detail", overcharged, "overcharged"),
    staff("operation-detail", removal, "a removal"),
    staff("operation-detail", making, "an ACME account"),
    staff("operation-detail", with_evidence, "in attention"),
    staff("operation-detail", with_evidence, "in attention, as an operator", role=OPERATOR),
    staff(
        "operation-detail",
        with_evidence,
        "decided wrongly",
        act=expecting_errors(press("Record the decision")),
        lands=NAMES + "operation-settle",
    ),
]
