"""Authorizations and their challenges (RFC 8555, section 7.5)."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from ..codes import REJECTED
from ..state import instant_text
from .exchange import Exchange, Signed
from .messages import AcmeReply, json_message
from .problems import Problem
from .validation import Attempt
from .waiting import is_due, while_waiting

KINDS = ("http-01", "dns-01")


@dataclass(frozen=True)
class Check:
    """An authorization whose challenge is to be checked now."""

    authorization_id: str
    attempt: Attempt


def begin_authorization(exchange: Exchange, authorization_id: str) -> int:
    """Look at an authorization, or deactivate it; gives the row id of its order."""
    row = _own_authorization(exchange, exchange.signer(), authorization_id)
    if exchange.content().get("status") == "deactivated":
        exchange.db.execute(
            "UPDATE acme_authorizations SET status = 'deactivated', due_at = NULL WHERE id = ?", (row["id"],)
        )
        _settle_order(exchange.db, row["order_id"])
    return int(row["order_id"])


def begin_challenge(exchange: Exchange, authorization_id: str, kind: str) -> int:
    """Note that the client says it is ready, where it does; gives the row id of the order.

    Saying so again while failed checks are repeated brings the next one forward, and never puts one off.
    """
    row = _own_authorization(exchange, exchange.signer(), authorization_id)
    if kind not in _offered(row):
        raise Problem("malformed", "The challenge does not exist", status=404)
    if exchange.jws.payload and row["status"] == "pending" and row["tried"] in (None, kind):
        exchange.content()
        exchange.db.execute(
            "UPDATE acme_authorizations SET tried = :kind, due_at = MIN(COALESCE(due_at, :due), :due) WHERE id = :id",
            {"kind": kind, "due": exchange.processed_at(), "id": row["id"]},
        )
    return int(row["order_id"])


def due_checks(exchange: Exchange, order_id: int) -> list[Check]:
    """What there is to check by now for an order that has not lapsed."""
    rows = exchange.db.execute(
        "SELECT acme_authorizations.*, thumbprint FROM acme_authorizations"
        " JOIN acme_orders ON acme_orders.id = order_id JOIN accounts ON accounts.id = account_id"
        " WHERE order_id = ? AND acme_authorizations.status = 'pending' AND acme_authorizations.due_at IS NOT NULL",
        (order_id,),
    )
    return [
        Check(row["id"], Attempt(row["tried"], row["identifier"], row["token"], row["thumbprint"]))
        for row in rows
        if is_due(exchange, row) and instant_text(exchange.now) <= row["expires_at"]
    ]


def record_check(exchange: Exchange, authorization_id: str, problem: Problem | None) -> None:
    """Write how a check ended; an authorization settled meanwhile stays as it is.

    A failed one is final, or waits for the next check where the switches say that these are repeated.
    """
    again = exchange.checked_again_at() if problem is not None else None
    status = "valid" if problem is None else ("invalid" if again is None else "pending")
    exchange.db.execute(
        "UPDATE acme_authorizations SET status = ?, due_at = ?, validated_at = ?, problem = ?"
        " WHERE id = ? AND status = 'pending'",
        (
            status,
            again,
            instant_text(exchange.now) if problem is None else None,
            None if problem is None else json.dumps(problem.document),
            authorization_id,
        ),
    )
    _settle_order(exchange.db, _reload(exchange.db, authorization_id)["order_id"])


def authorization_message(exchange: Exchange, authorization_id: str) -> AcmeReply:
    """The authorization resource."""
    row = _reload(exchange.db, authorization_id)
    return while_waiting(exchange, json_message(_authorization_content(exchange, row)), [row])


def challenge_message(exchange: Exchange, authorization_id: str, kind: str) -> AcmeReply:
    """The challenge resource, which names its authorization in a link (certbot insists)."""
    row = _reload(exchange.db, authorization_id)
    reply = json_message(_challenge_content(exchange, row, kind))
    reply.links.append(f'<{exchange.url("authz", authorization_id)}>;rel="up"')
    return while_waiting(exchange, reply, [row])


def _own_authorization(exchange: Exchange, signed: Signed, authorization_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = exchange.db.execute(
        "SELECT acme_authorizations.* FROM acme_authorizations JOIN acme_orders ON acme_orders.id = order_id"
        " WHERE acme_authorizations.id = ? AND account_id = ?",
        (authorization_id, signed.account["id"]),
    ).fetchone()
    if row is None:
        raise Problem("malformed", "The authorization does not exist", status=404)
    return row


def _reload(db: sqlite3.Connection, authorization_id: str) -> sqlite3.Row:
    row: sqlite3.Row = db.execute("SELECT * FROM acme_authorizations WHERE id = ?", (authorization_id,)).fetchone()
    return row


def _settle_order(db: sqlite3.Connection, order_id: int) -> None:
    """An order is ready when all its authorizations are valid, invalid when one cannot become so."""
    rows = db.execute("SELECT status, problem FROM acme_authorizations WHERE order_id = ?", (order_id,)).fetchall()
    statuses = {row["status"] for row in rows}
    if statuses == {"valid"}:
        db.execute("UPDATE acme_orders SET status = 'ready' WHERE id = ? AND status = 'pending'", (order_id,))
    elif statuses & {"invalid", "deactivated"}:
        problem = next((row["problem"] for row in rows if row["status"] == "invalid"), None)
        db.execute(
            "UPDATE acme_orders SET status = 'invalid', status_code = ?, problem = ?"
            " WHERE id = ? AND status IN ('pending', 'ready')",
            (REJECTED, problem, order_id),
        )


def _offered(row: sqlite3.Row) -> tuple[str, ...]:
    return ("dns-01",) if row["wildcard"] else KINDS


def _authorization_content(exchange: Exchange, row: sqlite3.Row) -> dict[str, Any]:
    shown = _offered(row) if row["status"] == "pending" or not row["tried"] else (row["tried"],)
    content: dict[str, Any] = {
        "status": row["status"],
        "expires": row["expires_at"],
        "identifier": {"type": "dns", "value": row["identifier"]},
        "challenges": [_challenge_content(exchange, row, kind) for kind in shown],
    }
    if row["wildcard"]:
        content["wildcard"] = True
    return content


def _challenge_content(exchange: Exchange, row: sqlite3.Row, kind: str) -> dict[str, Any]:
    tried = row["tried"] == kind
    content = {
        "type": kind,
        "url": exchange.url("challenge", row["id"], kind),
        "token": row["token"],
        "status": _challenge_status(row) if tried else "pending",
    }
    if tried and row["problem"] is not None:
        content["error"] = json.loads(row["problem"])
    if tried and row["validated_at"] is not None:
        content["validated"] = row["validated_at"]
    return content


def _challenge_status(row: sqlite3.Row) -> str:
    """The state of the challenge that was tried (RFC 8555, 7.1.6)."""
    if row["status"] == "pending":
        return "processing"
    return "invalid" if row["validated_at"] is None else "valid"
