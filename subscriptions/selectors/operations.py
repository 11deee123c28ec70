"""Reads for a decision about an operation that needs attention."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from subscriptions.models import Operation


@dataclass(frozen=True, slots=True)
class AskedPrice:
    """What the CA asked when the price guard looked again: nobody has confirmed it yet."""

    names: tuple[str, ...]
    amount: Decimal
    currency: str
    asked_at: datetime

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:,.2f} for {', '.join(self.names)}"


def last_event_of(operation: Operation) -> int | None:
    """Give the newest step of an operation, by which a page tells whether something happened since it was shown."""
    return operation.events.order_by("pk").values_list("pk", flat=True).last()


def asked_price_of(operation: Operation) -> AskedPrice | None:
    """Give what the CA asks instead of the confirmed price, or None where that is not what the operation waits for."""
    event = operation.events.order_by("pk").last()
    if operation.state != Operation.State.ATTENTION or operation.was_unknown or event is None:
        return None
    detail = event.detail
    if not {"names", "amount", "currency"} <= detail.keys():
        return None
    return AskedPrice(tuple(detail["names"]), Decimal(detail["amount"]), detail["currency"], event.at)
