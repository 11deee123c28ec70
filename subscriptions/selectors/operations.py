"""Reads for a decision about an operation that needs attention."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from subscriptions.kinds import kind_of
from subscriptions.models import Domain, Operation, Transaction
from subscriptions.rules.prices import decimal_of, shown


@dataclass(frozen=True, slots=True)
class AskedPrice:
    """What the CA asked when the price guard looked again: nobody has confirmed it yet."""

    names: tuple[str, ...]
    amount: Decimal
    currency: str
    asked_at: datetime

    def __str__(self) -> str:
        return f"{shown(self.amount, self.currency)} for {', '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class WaysOut:
    """What can be decided about an operation in attention, as far as what is known lets it be true."""

    seen_event: int | None
    asked: AskedPrice | None
    charges: tuple[Transaction, ...]
    may_be_done: bool
    may_be_open: bool
    asks_for_charge: bool


def ways_out(operation: Operation) -> WaysOut:
    """Give the decisions that fit what is known: a call that was never sent is done only by what the CA shows."""
    kind, charges = kind_of(operation), tuple(charges_to_choose(operation))
    can_be_open = operation.was_unknown or shows_its_name(operation)
    return WaysOut(
        seen_event=last_event_of(operation),
        asked=asked_price_of(operation),
        charges=charges,
        may_be_done=kind.can_be_declared_done and (can_be_open or bool(charges)),
        may_be_open=can_be_open,
        asks_for_charge=kind.charges,
    )


def last_event_of(operation: Operation) -> int | None:
    """Give the newest step of an operation, by which a page tells whether something happened since it was shown."""
    return operation.events.order_by("pk").values_list("pk", flat=True).last()


def asked_price_of(operation: Operation) -> AskedPrice | None:
    """Give what the CA asks instead of the confirmed price, or None where that is not what the operation waits for."""
    event = operation.events.order_by("pk").last()
    if operation.state != Operation.State.ATTENTION or operation.was_unknown or event is None:
        return None
    detail = event.detail if isinstance(event.detail, dict) else {}
    names, currency = detail.get("names"), detail.get("currency")
    amount = decimal_of(detail.get("amount"))
    if amount is None or not isinstance(currency, str) or not currency or not isinstance(names, list):
        return None
    return AskedPrice(tuple(str(name) for name in names), amount, currency, event.at)


def why_attention(operation: Operation) -> str:
    """Give why an operation needs attention, or an empty text where it does not."""
    if operation.state != Operation.State.ATTENTION:
        return ""
    moved = operation.events.filter(to_state=Operation.State.ATTENTION).exclude(from_state=Operation.State.ATTENTION)
    return moved.order_by("pk").values_list("reason", flat=True).last() or ""


def charges_to_choose(operation: Operation) -> list[Transaction]:
    """Give the charges the CA lists that nothing explains and that name what the operation is about, newest first."""
    kind = kind_of(operation)
    unexplained = Transaction.objects.filter(binding=operation.binding_id, explained="")
    if not kind.transaction or operation.binding_id is None:
        return []
    return [row for row in unexplained if row.kind in ("", kind.transaction) and kind.explains(operation, row)]


def names_at_the_ca(operation: Operation) -> Sequence[str]:
    """Give those of the operation's names that the CA's last list shows."""
    listed = _listed(operation).filter(name__in=[operation.domain_name, *operation.names])
    return list(listed.values_list("name", flat=True))


def shows_its_name(operation: Operation) -> bool:
    """Whether the CA's last list shows a free name that the operation was to bring, and that nothing else brought."""
    return operation.price == 0 and _listed(operation).filter(name=operation.domain_name, operation=None).exists()


def _listed(operation: Operation) -> QuerySet[Domain]:
    return Domain.objects.filter(subscription=operation.subscription_id, removed_at=None, not_listed_since=None)
