"""What the kinds about one name share: which names they found, and which charges or refunds are theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from subscriptions.caas.types import TransactionInfo
from subscriptions.kinds.base import Reading
from subscriptions.ledger.objections import Objection
from subscriptions.ledger.reading import BindingReading, CaList, names_before, new_transactions, transaction_kind
from subscriptions.models import EabBinding, Operation, Transaction
from subscriptions.rules.prices import decimal_of, shown
from subscriptions.rules.proof import Change, Charge


@dataclass(frozen=True, slots=True)
class Found:
    """What was read at the CA for one name: the listed names, and the new transactions that fit."""

    names: frozenset[str]
    change: Change


def binding_of(operation: Operation) -> EabBinding:
    """Give the operation's binding; raise Objection where the ACME account is not made yet."""
    if operation.binding is None:
        raise Objection("There is no ACME account yet.")
    return operation.binding


def look_for_name(operation: Operation, reading: BindingReading, transaction: str) -> Reading:
    """Give what a reading shows of the operation's name, with the new `transaction`s that nothing else explains."""
    name, baseline = operation.domain_name, operation.baseline
    listed = reading.names
    fresh = new_transactions(reading, baseline, kinds=(transaction,), since=_first_claimed_at(operation))
    charges = None if fresh is None else _fitting(operation, fresh, transaction)
    change = Change(
        was_there=None if baseline is None else name in names_before(operation, baseline),
        is_there=None if listed is None else name in listed,
        charges=charges,
        is_free=operation.price == 0,
    )
    numbers = [charge.ca_order_number for charge in charges or ()]
    kept = {
        "name": name,
        "is_there": change.is_there,
        "charges": None if charges is None else [_kept(charge) for charge in charges],
    }
    unread = dict(reading.unread)
    if charges is None and reading.transactions is not None:
        unread[CaList.TRANSACTIONS] = "It lists something whose names cannot be read."
    return Reading([change.is_there, numbers], kept, Found(listed or frozenset(), change), unread)


def _fitting(operation: Operation, fresh: Sequence[TransactionInfo], transaction: str) -> list[Charge] | None:
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


def charge_words(reading: Mapping[str, Any], *, what: str) -> list[str]:
    """Give what a kept reading shows, in words; `what` is what its transactions are, such as "charge".

    What is kept is the CA's: nothing in it is taken to be of the documented shape.
    """
    if reading.get("lists_no_charge") is True:
        return [f"It lists no new {what} for it."]
    is_there = reading.get("is_there")
    words = {True: "The CA lists the name.", False: "The CA does not list the name."}
    said = [words[is_there] if isinstance(is_there, bool) else "The list of names could not be read."]
    charges = reading.get("charges")
    if not isinstance(charges, list):
        return [*said, f"The list of {what}s could not be read."]
    if not charges:
        return [*said, f"It lists no new {what} for it."]
    return said + [f"It lists a {what} of {_amount(charge)}." for charge in charges if isinstance(charge, Mapping)]


def _amount(charge: Mapping[str, Any]) -> str:
    amount, currency = decimal_of(charge.get("amount")), charge.get("currency")
    number = charge.get("ca_order_number")
    known = shown(amount, currency if isinstance(currency, str) and currency.isascii() else "")
    return f"{known} (order {number})" if isinstance(number, int) else known
