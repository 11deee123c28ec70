"""SUSPENDACCOUNT, UNSUSPENDACCOUNT and DEACTIVATEACCOUNT ("Suspend", "Reinstate", "Deactivate an ACME account").

The guide shows no answer of theirs: it is the one of UPDATEDOMAINS, and what matches nothing updates no record. The
subscription goes on, and issued certificates stay valid.
"""

import sqlite3
from typing import Any

from ..arguments import OPTIONAL_ACME_ACCOUNT, Parameter
from ..calls import Action, Call
from ..replies import Refusal

ONE, KEY, ALL = "N", "Y", "*"
SUSPENDABLE = ("pending", "valid")


def suspend(call: Call) -> dict[str, Any]:
    """Suspend accounts, and keys in the wide scopes: those register no further account then."""
    accounts = [row for row in _accounts(call) if row["status"] in SUSPENDABLE]
    for row in accounts:
        call.db.execute("UPDATE accounts SET status = 'suspended', status_before = status WHERE id = ?", (row["id"],))
    _move_bindings(call, "active", "suspended")
    return _updated(accounts)


def reinstate(call: Call) -> dict[str, Any]:
    """Give suspended accounts the state back that they had, however they came to be suspended."""
    accounts = [row for row in _accounts(call) if row["status"] == "suspended"]
    for row in accounts:
        call.db.execute("UPDATE accounts SET status = status_before, status_before = NULL WHERE id = ?", (row["id"],))
    _move_bindings(call, "suspended", "active")
    return _updated(accounts)


def deactivate(call: Call) -> dict[str, Any]:
    """End accounts, and keys in the wide scopes, for good; refused where nothing is left to end."""
    bindings = _bindings(call)
    accounts = [row for row in _accounts(call) if row["status"] != "deactivated"]
    if not accounts and all(row["status"] == "deactivated" for row in bindings):
        raise Refusal("not-deactivated")
    for row in accounts:
        call.db.execute("UPDATE accounts SET status = 'deactivated', status_before = NULL WHERE id = ?", (row["id"],))
    for status in ("active", "suspended"):
        _move_bindings(call, status, "deactivated")
    return _updated(accounts)


def _scope(call: Call) -> str:
    """Which accounts: the wide scope is what a caller gets who names none."""
    return call.arguments.text("includeAdditionalAccounts", KEY)


def _accounts(call: Call) -> list[sqlite3.Row]:
    if _scope(call) == ONE:
        return [_named(call)]
    bindings = [row["id"] for row in _bindings(call)]
    return [row for row in call.db.execute("SELECT * FROM accounts ORDER BY id") if row["binding_id"] in bindings]


def _bindings(call: Call) -> list[sqlite3.Row]:
    """The keys that the scope is about; none when it is about one account."""
    if _scope(call) == ONE:
        return []
    if _scope(call) == KEY:
        _named(call)
        return [call.binding()]
    rows: list[sqlite3.Row] = call.db.execute(
        "SELECT * FROM bindings WHERE reseller_id = ?", (call.reseller["id"],)
    ).fetchall()
    return rows


def _named(call: Call) -> sqlite3.Row:
    if not call.arguments.text("acmeAccountID"):
        raise Refusal("missing-argument", "acmeAccountID")
    return call.account()


def _move_bindings(call: Call, old: str, new: str) -> None:
    for row in _bindings(call):
        call.db.execute("UPDATE bindings SET status = ? WHERE id = ? AND status = ?", (new, row["id"], old))


def _updated(accounts: list[sqlite3.Row]) -> dict[str, Any]:
    return {"nRecordsUpdated": len(accounts), "success": True}


PARAMETERS = (
    OPTIONAL_ACME_ACCOUNT,
    Parameter("includeAdditionalAccounts", 1, check=lambda value: value in (ONE, KEY, ALL)),
)

SUSPENDACCOUNT = Action("SUSPENDACCOUNT", suspend, PARAMETERS)
UNSUSPENDACCOUNT = Action("UNSUSPENDACCOUNT", reinstate, PARAMETERS)
DEACTIVATEACCOUNT = Action("DEACTIVATEACCOUNT", deactivate, PARAMETERS)
