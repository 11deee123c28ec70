"""What follows from a charge: it fills in an open amount, and one too high stops the rest of its order."""

from django.db import transaction

from subscriptions.ledger import clock, moves
from subscriptions.models import Operation, Order, Transaction
from subscriptions.rules.prices import is_overcharged, shown
from subscriptions.rules.written_names import written


def fill_in_charge(operation: Operation, outcome: moves.Outcome, *, by: moves.Author) -> bool:
    """Write the amount of a success whose charge was open, and judge it: one too high stops the rest of its order."""
    fields = moves.outcome_fields(outcome)
    with transaction.atomic():
        still_open = Operation.objects.filter(pk=operation.pk, state=Operation.State.SUCCEEDED, is_charge_open=True)
        if still_open.update(**fields) != 1:
            return False
        moves.take_over(operation, fields)
        moves.note(operation, by=by, reason=f"The CA lists the charge: {shown(outcome.charged, outcome.currency)}.")
        stop_order_if_overcharged(operation, by=by)
    return True


def stop_order_if_overcharged(operation: Operation, *, by: moves.Author) -> None:
    """Hold the rest of an order where the CA charged more than a person confirmed; the charge stands as it is."""
    if operation.order_id is None or not is_overcharged(
        operation.charged, operation.charged_currency, operation.price, operation.currency
    ):
        return
    reason = (
        f"The CA charged {shown(operation.charged, operation.charged_currency)} for {written(operation.domain_name)}; "
        f"{shown(operation.price, operation.currency)} was confirmed."
    )
    # An order that was stopped before is stopped again: what a person has had sent since did not know of this charge.
    Order.objects.filter(pk=operation.order_id).update(stopped_at=clock.now(), stop_reason=reason[:300])
    for waiting in Operation.objects.filter(order=operation.order_id, state=Operation.State.QUEUED):
        moves.hold(waiting, by=by, reason=f"The order was stopped. {reason}")


def link(row: Transaction, operation: Operation) -> bool:
    """Have an operation explain a transaction; False where something else does already."""
    unexplained = Transaction.objects.filter(pk=row.pk, explained="")
    with transaction.atomic():
        if unexplained.update(explained=Transaction.Explained.OPERATION, operation=operation) != 1:
            return False
        Operation.objects.filter(pk=operation.pk, ca_order_number=None).update(ca_order_number=row.ca_order_number)
    return True
