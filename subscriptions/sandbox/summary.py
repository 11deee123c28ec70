"""What happened in a sandbox, for tests and for curious people: calls, money, no secrets."""

import sqlite3
from typing import Any, TypedDict

from .ledger import REFUND
from .replies import decimal_text


class CallCounts(TypedDict):
    """Calls of one action. `received` is all of them; `quotes`, `refused` and `faults` are among these."""

    received: int
    quotes: int
    refused: int
    faults: int


class Movement(TypedDict):
    """One charge or refund; `amount` is a decimal in text, `200.00`."""

    reseller: str
    orderNumber: int
    type: str
    domains: list[str]
    amount: str
    currency: str


class Account(TypedDict):
    """A reseller's money; `net` is charged less refunded."""

    balance: str
    currency: str
    charged: str
    refunded: str
    net: str


class Summary(TypedDict):
    """The whole of it. Charges of nothing (free names) are listed too."""

    calls: dict[str, CallCounts]
    charges: list[Movement]
    refunds: list[Movement]
    resellers: dict[str, Account]


def summarize(db: sqlite3.Connection) -> Summary:
    """Count and add up what the state file holds."""
    movements = [_movement(db, row) for row in _transactions(db)]
    return {
        "calls": _call_counts(db),
        "charges": [movement for movement in movements if movement["type"] != REFUND],
        "refunds": [movement for movement in movements if movement["type"] == REFUND],
        "resellers": {row["login_name"]: _account(db, row) for row in db.execute("SELECT * FROM resellers")},
    }


def _call_counts(db: sqlite3.Connection) -> dict[str, CallCounts]:
    rows = db.execute(
        "SELECT action, COUNT(*) AS received, SUM(quote) AS quotes, SUM(outcome = 'refused') AS refused,"
        " SUM(outcome LIKE 'fault %') AS faults FROM calls GROUP BY action ORDER BY action"
    )
    return {
        row["action"]: CallCounts(
            received=row["received"], quotes=row["quotes"], refused=row["refused"], faults=row["faults"]
        )
        for row in rows
    }


def _transactions(db: sqlite3.Connection) -> list[sqlite3.Row]:
    rows: list[sqlite3.Row] = db.execute(
        "SELECT transactions.*, login_name FROM transactions JOIN resellers ON resellers.id = reseller_id"
        " ORDER BY order_number"
    ).fetchall()
    return rows


def _movement(db: sqlite3.Connection, row: sqlite3.Row) -> Movement:
    names = db.execute(
        "SELECT name FROM transaction_domains JOIN domains ON domains.id = domain_id"
        " WHERE transaction_domains.order_number = ? ORDER BY domain_id",
        (row["order_number"],),
    )
    return {
        "reseller": row["login_name"],
        "orderNumber": row["order_number"],
        "type": row["transaction_type"],
        "domains": [name["name"] for name in names],
        "amount": decimal_text(row["cost_cents"]),
        "currency": row["currency"],
    }


def _account(db: sqlite3.Connection, reseller: sqlite3.Row) -> Account:
    sums: dict[str, Any] = dict(
        db.execute(
            "SELECT COALESCE(SUM(CASE WHEN transaction_type != ? THEN cost_cents END), 0) AS charged,"
            " COALESCE(SUM(CASE WHEN transaction_type = ? THEN cost_cents END), 0) AS refunded"
            " FROM transactions WHERE reseller_id = ?",
            (REFUND, REFUND, reseller["id"]),
        ).fetchone()
    )
    return {
        "balance": decimal_text(reseller["balance_cents"]),
        "currency": reseller["currency"],
        "charged": decimal_text(sums["charged"]),
        "refunded": decimal_text(sums["refunded"]),
        "net": decimal_text(sums["charged"] - sums["refunded"]),
    }
