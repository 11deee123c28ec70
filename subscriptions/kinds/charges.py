"""What kinds that leave a transaction at the CA share: which charges or refunds are theirs, and their words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from subscriptions.caas.types import TransactionInfo
from subscriptions.ledger.moves import Outcome
from subscriptions.ledger.reading import BindingReading, CaList, new_transactions, transaction_kind
from subscriptions.models import Operation, Transaction
from subscriptions.rules.prices import decimal_of, shown
from subscriptions.rules.proof import Charge


def fitting_charges(
    operation: Operation, reading: BindingReading, transaction: str, *, of_names: bool = True
) -> tuple[list[Charge] | None, dict[str, str]]:
    """Give the new `transaction`s of a reading that can be the operation's and that nothing else explains.

    None where their list could not be read, or one may be its that tells no names; beside it, what could not be read.
    Without `of_names` it may be any, whatever names it lists.
    """
    fresh = new_transactions(reading, operation.baseline, kinds=(transaction,), since=_first_claimed_at(operation))
    charges = None if fresh is None else _fitting(operation, fresh, of_names=of_names)
    unread = dict(reading.unread)
    if charges is None and reading.transactions is not None:
        unread[CaList.TRANSACTIONS] = "It lists something whose names cannot be read."
    return charges, unread


def _fitting(operation: Operation, fresh: Sequence[TransactionInfo], *, of_names: bool) -> list[Charge] | None:
    """Give the charges that can be the operation's; None where one of unreadable names or sort may be."""
    explained = Transaction.objects.filter(binding=operation.binding_id).exclude(explained="")
    others = explained.exclude(operation=operation.pk).values_list("kind", "ca_order_number")
    taken = set(others.filter(ca_order_number__in=[row.ca_order_number for row in fresh]))
    neighbours = Operation.objects.filter(binding=operation.binding_id, kind=operation.kind).exclude(pk=operation.pk)
    numbers = [row.ca_order_number for row in fresh if row.ca_order_number is not None]
    theirs = set(neighbours.filter(ca_order_number__in=numbers).values_list("ca_order_number", flat=True))
    unexplained = [
        row
        for row in fresh
        if (transaction_kind(row), row.ca_order_number) not in taken and row.ca_order_number not in theirs
    ]
    if not of_names:
        return None if any(not row.kind for row in unexplained) else [_charge(row) for row in unexplained]
    if any(not row.names for row in unexplained):
        return None
    return [_charge(row) for row in unexplained if operation.domain_name in row.names]


def _charge(row: TransactionInfo) -> Charge:
    cost = row.cost
    return (
        Charge(row.ca_order_number, cost.amount, cost.currency, cost.text)
        if cost
        else Charge(row.ca_order_number, None, "")
    )


def _kept(charge: Charge) -> dict[str, Any]:
    amount = None if charge.amount is None else str(charge.amount)
    return {"ca_order_number": charge.ca_order_number, "amount": amount, "currency": charge.currency}


def _first_claimed_at(operation: Operation) -> datetime:
    # Of all its claims the first counts: what an earlier call did late is its charge as well.
    first = operation.events.filter(to_state=Operation.State.SENDING).first()
    return first.at if first else operation.created_at


def kept_charges(charges: Sequence[Charge] | None) -> list[dict[str, Any]] | None:
    """Give charges as a kept reading holds them."""
    return None if charges is None else [_kept(charge) for charge in charges]


def outcome_from(charge: Charge | None, operation: Operation) -> Outcome:
    """Give what reading proved: the charge the CA lists, or one whose amount is open."""
    if charge is None or charge.amount is None:
        return Outcome(None, "", charge.ca_order_number if charge else None, is_open=True)
    return Outcome(charge.amount, charge.currency or operation.currency, charge.ca_order_number, charge.text)


def charge_words(reading: Mapping[str, Any], *, what: str) -> list[str]:
    """Give which transactions a kept reading shows, in words; `what` is what they are, such as "charge".

    What is kept is the CA's: nothing in it is taken to be of the documented shape.
    """
    charges = reading.get("charges")
    if not isinstance(charges, list):
        return [f"The list of {what}s could not be read."]
    if not charges:
        return [f"It lists no new {what} for it."]
    return [f"It lists a {what} of {_amount(charge)}." for charge in charges if isinstance(charge, Mapping)]


def _amount(charge: Mapping[str, Any]) -> str:
    amount, currency = decimal_of(charge.get("amount")), charge.get("currency")
    number = charge.get("ca_order_number")
    known = shown(amount, currency if isinstance(currency, str) and currency.isascii() else "")
    return f"{known} (order {number})" if isinstance(number, int) else known
