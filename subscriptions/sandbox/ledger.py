"""Money that moves: a transaction of the CA and the balance it changes, always together."""

import sqlite3
from dataclasses import dataclass

from .calls import Call
from .state import instant_text, next_order_number

REFUND = "refundDomain"
EXTENSION = "extendDomains"


@dataclass(frozen=True)
class Entry:
    """A transaction to be made; `cost` in cents is debited, or credited when it is a refund."""

    transaction_type: str
    subscription_id: int
    cost: int
    debited_for: int


@dataclass(frozen=True)
class Posting:
    """The share of one name in a transaction, in cents."""

    order_number: int
    domain_id: int
    cost: int

    def write(self, db: sqlite3.Connection) -> None:
        """Store it beside its transaction."""
        db.execute(
            "INSERT INTO transaction_domains (order_number, domain_id, cost_cents) VALUES (?, ?, ?)",
            (self.order_number, self.domain_id, self.cost),
        )


def post(call: Call, entry: Entry) -> int:
    """Write the transaction and move the balance; gives the order number."""
    order_number = next_order_number(call.db)
    call.db.execute(
        "INSERT INTO transactions (order_number, subscription_id, reseller_id, transaction_type, executed_at,"
        " cost_cents, currency, debited_for) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            order_number,
            entry.subscription_id,
            call.reseller["id"],
            entry.transaction_type,
            instant_text(call.now),
            entry.cost,
            call.reseller["currency"],
            entry.debited_for,
        ),
    )
    change = entry.cost if entry.transaction_type == REFUND else -entry.cost
    call.db.execute(
        "UPDATE resellers SET balance_cents = balance_cents + ? WHERE id = ?", (change, call.reseller["id"])
    )
    return order_number
