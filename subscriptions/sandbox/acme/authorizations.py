"""Authorizations and their challenges (RFC 8555, section 7.5)."""

import json
import sqlite3
from typing import Any

from ..state import instant_text
from .exchange import Exchange, Signed
from .messages import AcmeReply, json_message
from .orders import REJECTED
from .problems import Problem
from .validation import Attempt

KINDS = ("http-01", "dns-01")


def authorization_resource(exchange: Exchange, authorization_id: str) -> AcmeReply:
    """Read an authorization, or deactivate it."""
    row = _own_authorization(exchange, exchange.signer(), authorization_id)
    if exchange.content().get("status") == "deactivated":
        exchange.db.execute("UPDATE acme_authorizations SET status = 'deactivated' WHERE id = ?", (row["id"],))
        _settle_order(exchange.db, row["order_id"])
        row = _reload(exchange.db, row["id"])
    return json_message(_authorization_content(exchange, row))


def begin_challenge(exchange: Exchange, authorization_id: str, kind: str) -> Attempt | None:
    """What to check now that the client says it is ready; None when there is nothing (left) to check."""
    signed = exchange.signer()
    row = _own_authorization(exchange, signed, authorization_id)
    if kind not in _offered(row):
        raise Problem("malformed", "The challenge does not exist", status=404)
    if not exchange.jws.payload or row["status"] != "pending":
        return None
    exchange.content()
    return Attempt(kind, row["identifier"], row["token"], signed.account["thumbprint"])


def record_attempt(exchange: Exchange, authorization_id: str, kind: str, problem: dict[str, Any] | None) -> None:
    """Write how the check ended; an authorization settled meanwhile stays as it is."""
    exchange.db.execute(
        "UPDATE acme_authorizations SET status = ?, tried = ?, validated_at = ?, problem = ?"
        " WHERE id = ? AND status = 'pending'",
        (
            "valid" if problem is None else "invalid",
            kind,
            instant_text(exchange.now),
            None if problem is None else json.dumps(problem),
            authorization_id,
        ),
    )
    _settle_order(exchange.db, _reload(exchange.db, authorization_id)["order_id"])


def challenge_message(exchange: Exchange, authorization_id: str, kind: str) -> AcmeReply:
    """The challenge resource, which names its authorization in a link (certbot insists)."""
    row = _reload(exchange.db, authorization_id)
    reply = json_message(_challenge_content(exchange, row, kind))
    reply.links.append(f'<{exchange.url("authz", authorization_id)}>;rel="up"')
    return reply


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
        problem = next((row["problem"] for row in rows if row["problem"]), None)
        db.execute(
            "UPDATE acme_orders SET status = 'invalid', status_code = ?, problem = ?"
            " WHERE id = ? AND status IN ('pending', 'ready')",
            (REJECTED, problem, order_id),
        )


def _offered(row: sqlite3.Row) -> tuple[str, ...]:
    return ("dns-01",) if row["wildcard"] else KINDS


def _authorization_content(exchange: Exchange, row: sqlite3.Row) -> dict[str, Any]:
    tried = (row["tried"],) if row["tried"] else _offered(row)
    content: dict[str, Any] = {
        "status": row["status"],
        "expires": row["expires_at"],
        "identifier": {"type": "dns", "value": row["identifier"]},
        "challenges": [_challenge_content(exchange, row, kind) for kind in tried],
    }
    if row["wildcard"]:
        content["wildcard"] = True
    return content


def _challenge_content(exchange: Exchange, row: sqlite3.Row, kind: str) -> dict[str, Any]:
    content = {
        "type": kind,
        "url": exchange.url("challenge", row["id"], kind),
        "token": row["token"],
        "status": row["status"] if row["tried"] == kind else "pending",
    }
    if row["tried"] == kind and row["problem"] is not None:
        content["error"] = json.loads(row["problem"])
    elif row["tried"] == kind:
        content["validated"] = row["validated_at"]
    return content
