"""LISTDOMAINS ("List domains")."""

import sqlite3
from typing import Any

from ..arguments import ACME_ACCOUNT, PAGE, SIZE
from ..calls import ANCHOR_HIDDEN, ANCHOR_NUMBER, Action, Call


def list_domains(call: Call) -> dict[str, Any]:
    """The names of the binding's subscriptions, each once, with its most recent expiry."""
    return {"Domains": call.page([_entry(call, row) for row in _rows(call)])}


def _rows(call: Call) -> list[sqlite3.Row]:
    rows: list[sqlite3.Row] = call.db.execute(
        "SELECT name, anchor, MAX(expires_at) AS expires_at FROM domains"
        " JOIN subscriptions ON subscriptions.id = subscription_id"
        " WHERE binding_id = ? AND removed_at IS NULL GROUP BY name ORDER BY name",
        (call.binding()["id"],),
    ).fetchall()
    return rows


def _entry(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    entry = {"domainName": row["name"], "expiresAt": row["expires_at"]}
    shown = call.switches.anchors_listed_as
    if row["anchor"] is not None and shown != ANCHOR_HIDDEN:
        entry[call.product().anchor] = int(row["anchor"]) if shown == ANCHOR_NUMBER else row["anchor"]
    return entry


LISTDOMAINS = Action("LISTDOMAINS", list_domains, (ACME_ACCOUNT, PAGE, SIZE))
