"""LISTBINDINGS ("List ACME account bindings")."""

import sqlite3
from typing import Any

from ..calls import Action, Call


def list_bindings(call: Call) -> dict[str, Any]:
    """The reseller's EAB bindings, all on one page."""
    rows = call.db.execute("SELECT * FROM bindings WHERE reseller_id = ? ORDER BY id", (call.reseller["id"],))
    return {"Bindings": [_entry(row) for row in rows]}


def _entry(row: sqlite3.Row) -> dict[str, Any]:
    entry: dict[str, Any] = {"reusable": bool(row["reusable"])}
    if row["last_activity"] is not None:
        entry["lastActivity"] = row["last_activity"]
    return entry | {"eabMACKeyb64url": row["mac_key"], "eabMACIDb64url": row["key_id"]}


LISTBINDINGS = Action("LISTBINDINGS", list_bindings)
