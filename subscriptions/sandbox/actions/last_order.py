"""GETLASTORDER ("Get the last order details for each domain")."""

import json
import operator
import re
import sqlite3
from collections.abc import Callable
from typing import Any

from ..arguments import ACME_ACCOUNT, Parameter, flag
from ..calls import Action, Call
from ..codes import STATUS_TEXTS
from ..state import instant_of

FILTER = re.compile(r"(domainName|validNotAfter)\s*(!\?|\?|!=|>=|<=|=|>|<)\s*(\S+)")
OPERATIONS: dict[str, dict[str, Callable[[str, str], bool]]] = {
    "domainName": {
        "=": operator.eq,
        "!=": operator.ne,
        "?": operator.contains,
        "!?": lambda value, part: part not in value,
    },
    "validNotAfter": {
        "=": operator.eq,
        "!=": operator.ne,
        ">": operator.gt,
        "<": operator.lt,
        ">=": operator.ge,
        "<=": operator.le,
    },
}


def get_last_order(call: Call) -> dict[str, Any]:
    """For each name of the running subscription the newest order of an ACME client, if there is one."""
    subscription = call.last_subscription()
    if subscription is None or call.now > instant_of(subscription["expires_at"]):
        return {"Orders": []}
    newest = _newest_orders(call)
    names = call.db.execute(
        "SELECT name FROM domains WHERE subscription_id = ? AND removed_at IS NULL ORDER BY name",
        (subscription["id"],),
    )
    entries = [_entry(row["name"], newest[row["name"]]) for row in names if row["name"] in newest]
    return {"Orders": [entry for entry in entries if _passes(entry, call.arguments.all("filter"))]}


def _newest_orders(call: Call) -> dict[str, sqlite3.Row]:
    account = call.account()
    rows = call.db.execute(
        "SELECT acme_orders.*, accounts.id AS account_id, binding_id, acme_account_id, key_id FROM acme_orders"
        " JOIN accounts ON accounts.id = account_id JOIN bindings ON bindings.id = binding_id"
        " WHERE binding_id = ? ORDER BY acme_orders.id",
        (account["binding_id"],),
    )
    wide = call.arguments.yes("includeAdditionalAccounts")
    newest = {}
    for row in rows:
        if wide or row["account_id"] == account["id"]:
            newest.update(dict.fromkeys(json.loads(row["names"]), row))
    return newest


def _entry(name: str, row: sqlite3.Row) -> dict[str, Any]:
    entry = {
        "orderNumber": row["order_number"],
        "acmeOrderID": row["acme_order_id"],
        "acmeOrderStatus": row["status"],
        "certificateID": row["certificate_id"],
        "statusCode": row["status_code"],
        "statusDesc": STATUS_TEXTS[row["status_code"]],
        "domainName": name,
        "serialNumber": row["serial_number"],
        "validNotBefore": row["not_before"],
        "validNotAfter": row["not_after"],
        "acmeAccountID": row["acme_account_id"],
        "acmeEABKeyID": row["key_id"],
    }
    return {field: value for field, value in entry.items() if value is not None}


def _passes(entry: dict[str, Any], filters: list[str]) -> bool:
    return all(_meets(entry, text) for text in filters)


def _meets(entry: dict[str, Any], text: str) -> bool:
    match = _match(text)
    value = None if match is None else entry.get(match[1])
    return match is not None and value is not None and OPERATIONS[match[1]][match[2]](value, match[3])


def _match(text: str) -> re.Match[str] | None:
    match = FILTER.fullmatch(text.strip())
    return match if match is not None and match[2] in OPERATIONS[match[1]] else None


def is_filter(text: str) -> bool:
    """Whether a filter can be understood, as the guide's page describes them."""
    return _match(text) is not None


GETLASTORDER = Action(
    "GETLASTORDER",
    get_last_order,
    (
        ACME_ACCOUNT,
        flag("includeAdditionalAccounts"),
        Parameter("filter", 32767, check=is_filter, repeatable=True),
    ),
)
