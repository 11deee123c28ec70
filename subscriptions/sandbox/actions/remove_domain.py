"""REMOVEDOMAIN ("Remove a domain")."""

import sqlite3
from typing import Any

from ..arguments import ACME_ACCOUNT, DOMAIN_NAME
from ..calls import Action, Call
from ..ledger import REFUND, Entry, Posting, post
from ..names import normal_name
from ..pricing import REFUND_PERIOD
from ..replies import Refusal
from ..state import instant_of, instant_text


def remove_domain(call: Call) -> dict[str, Any]:
    """Take a name out, a paid one with its free companion; the order is refunded in the first 30 days."""
    subscription = call.last_subscription()
    if subscription is None or call.now > call.extension_window(subscription)[1]:
        raise Refusal("not-removed")
    domain = _domain(call, subscription)
    removed = [domain, *_companions(call, domain)]
    for row in removed:
        call.db.execute("UPDATE domains SET removed_at = ? WHERE id = ?", (instant_text(call.now), row["id"]))
    _refund(call, domain, removed)
    return {"success": True, "Domains": [{"domainName": row["name"]} for row in removed]}


def _domain(call: Call, subscription: sqlite3.Row) -> sqlite3.Row:
    row: sqlite3.Row | None = call.db.execute(
        "SELECT * FROM domains WHERE subscription_id = ? AND name = ? AND removed_at IS NULL",
        (subscription["id"], normal_name(call.arguments.text("domainName"))),
    ).fetchone()
    if row is None:
        raise Refusal("not-removed")
    return row


def _companions(call: Call, domain: sqlite3.Row) -> list[sqlite3.Row]:
    rows: list[sqlite3.Row] = call.db.execute(
        "SELECT * FROM domains WHERE parent_id = ? AND removed_at IS NULL", (domain["id"],)
    ).fetchall()
    return rows


def _refund(call: Call, domain: sqlite3.Row, removed: list[sqlite3.Row]) -> None:
    order = call.db.execute("SELECT * FROM transactions WHERE order_number = ?", (domain["order_number"],)).fetchone()
    too_late = call.now - instant_of(domain["added_at"]) >= REFUND_PERIOD
    if too_late or domain["parent_id"] is not None or order["cost_cents"] == 0:
        return
    entry = Entry(REFUND, domain["subscription_id"], order["cost_cents"], order["debited_for"])
    order_number = post(call, entry)
    for row in removed:
        share = order["cost_cents"] if row["id"] == domain["id"] else 0
        Posting(order_number, row["id"], share).write(call.db)


REMOVEDOMAIN = Action("REMOVEDOMAIN", remove_domain, (ACME_ACCOUNT, DOMAIN_NAME))
