"""LISTTRANSACTIONS ("List transactions").

The guide names the data, hardly a JSON name. `subscriptions`, `subscriptionStartDate`, `subscriptionEndDate`,
`transactions`, `orderNumber`, `domains` and `name` have been seen at the service; the rest is in their style.
"""

import sqlite3
from typing import Any

from ..arguments import ACME_ACCOUNT, Parameter, flag
from ..calls import Action, Call
from ..ledger import EXTENSION
from ..names import normal_name
from ..replies import money
from ..state import instant_of


def list_transactions(call: Call) -> dict[str, Any]:
    """What changed the balance for the binding: the current subscription, or with past ones, newest first."""
    rows = call.db.execute(
        "SELECT * FROM subscriptions WHERE binding_id = ? ORDER BY id DESC", (call.binding()["id"],)
    ).fetchall()
    if not call.arguments.yes("includePastSubscriptions"):
        rows = rows[:1]
    return {"subscriptions": [_subscription_entry(call, row) for row in rows]}


def _subscription_entry(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    valid = call.now <= instant_of(row["expires_at"])
    transactions = call.db.execute(
        "SELECT * FROM transactions WHERE subscription_id = ? ORDER BY order_number", (row["id"],)
    )
    entries = [_transaction_entry(call, transaction) for transaction in transactions]
    return {
        "subscriptionStartDate": row["starts_at"],
        "subscriptionEndDate": row["expires_at"],
        "subscriptionStatus": "valid" if valid else "expired",
        "transactions": [entry for entry in entries if entry is not None],
    }


def _transaction_entry(call: Call, transaction: sqlite3.Row) -> dict[str, Any] | None:
    domains = call.db.execute(
        "SELECT name, domain_type, removed_at, cost_cents FROM transaction_domains"
        " JOIN domains ON domains.id = domain_id WHERE transaction_domains.order_number = ? ORDER BY domain_id",
        (transaction["order_number"],),
    ).fetchall()
    cost = transaction["cost_cents"]
    wanted = normal_name(call.arguments.text("domainName"))
    if wanted is not None:
        domains = [row for row in domains if row["name"] == wanted]
        if transaction["transaction_type"] == EXTENSION:
            cost = sum(row["cost_cents"] for row in domains)
    if not domains:
        return None
    return {
        "orderNumber": transaction["order_number"],
        "transactionType": transaction["transaction_type"],
        "transactionDate": transaction["executed_at"],
        "cost": money(cost),
        "currency": transaction["currency"],
        "debitedFor": transaction["debited_for"],
        "domains": [_domain_entry(row) for row in domains],
    }


def _domain_entry(row: sqlite3.Row) -> dict[str, Any]:
    entry = {"name": row["name"], "type": row["domain_type"]}
    if row["removed_at"] is not None:
        entry["removeDate"] = row["removed_at"]
    return entry


LISTTRANSACTIONS = Action(
    "LISTTRANSACTIONS",
    list_transactions,
    (
        ACME_ACCOUNT,
        Parameter("domainName", 255, check=lambda value: normal_name(value) is not None),
        flag("includePastSubscriptions"),
    ),
)
