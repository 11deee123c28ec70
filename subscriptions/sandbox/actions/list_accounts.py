"""LISTACCOUNTS ("List ACME accounts")."""

import json
import sqlite3
from typing import Any

from ..arguments import OPTIONAL_ACME_ACCOUNT, PAGE, SIZE, Parameter, flag
from ..calls import Action, Call
from ..replies import Refusal


def list_accounts(call: Call) -> dict[str, Any]:
    """The reseller's ACME accounts: all of them, one, or those that share an EAB binding."""
    return {"Accounts": call.page([_entry(call, row) for row in _rows(call)])}


def _rows(call: Call) -> list[sqlite3.Row]:
    rows = call.db.execute(
        "SELECT accounts.*, key_id, mac_key FROM accounts JOIN bindings ON bindings.id = binding_id"
        " WHERE reseller_id = ? ORDER BY accounts.id",
        (call.reseller["id"],),
    ).fetchall()
    if call.arguments.text("acmeAccountID"):
        named = call.account()
        column = "binding_id" if call.arguments.yes("includeAdditionalAccounts") else "id"
        return [row for row in rows if row[column] == named[column]]
    if call.arguments.text("eabKeyID"):
        return _rows_of_key(rows, call.arguments.text("eabKeyID"))
    return rows


def _rows_of_key(rows: list[sqlite3.Row], key_id: str) -> list[sqlite3.Row]:
    found = [row for row in rows if row["key_id"] == key_id]
    if not found:
        raise Refusal("invalid-argument", "eabKeyID")
    return found


def _entry(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    seen = {
        "userAgent": row["user_agent"],
        "ipAddress": row["ip_address"],
        "lastActivity": row["last_activity"] if _is_stamped(call, row) else None,
    }
    entry = {
        "acmeAccountID": row["acme_account_id"],
        "accountStatus": row["status"],
        "eabMACKeyb64url": row["mac_key"],
        "eabMACIDb64url": row["key_id"],
    }
    if row["status"] != "pending":
        entry |= {name: value for name, value in seen.items() if value is not None}
    if call.arguments.yes("includeContacts"):
        entry["Contacts"] = contact_entries(row)
    return entry


def _is_stamped(call: Call, row: sqlite3.Row) -> bool:
    """Whether the account is to carry a stamp, which is of its own last activity: all of the key, or the one named."""
    of_one = call.arguments.text("lastActivityOf", "eab") == "account"
    named = call.arguments.text("acmeAccountID")
    return not of_one or named in ("", row["acme_account_id"])


def contact_entries(row: sqlite3.Row) -> list[dict[str, str]]:
    """The contacts of an account as LISTCONTACTS prints them."""
    return [{"emailAddress": address} for address in json.loads(row["contacts"])]


LISTACCOUNTS = Action(
    "LISTACCOUNTS",
    list_accounts,
    (
        OPTIONAL_ACME_ACCOUNT,
        flag("includeAdditionalAccounts"),
        Parameter("lastActivityOf", 7, check=lambda value: value in ("eab", "account")),
        Parameter("eabKeyID", 32, base64url=True),
        PAGE,
        SIZE,
        flag("includeContacts"),
    ),
)
