"""newOrder and orders (RFC 8555, section 7.4)."""

import json
import sqlite3
from datetime import timedelta
from typing import Any

from ..calls import last_subscription
from ..codes import REQUESTED
from ..identifiers import new_identifier
from ..names import normal_name
from ..public_names import why_not_public
from ..state import instant_of, instant_text, next_order_number
from .authority import Authority
from .exchange import Exchange, Signed
from .messages import AcmeReply, json_message
from .problems import Problem
from .renewals import checked_replaces
from .waiting import while_waiting

ORDER_LIFE = timedelta(days=90)  # seen at a sister server
MAX_NAMES = 100


def new_order(exchange: Exchange, authority: Authority) -> AcmeReply:
    """Open an order for names of the binding's running subscription, or give the open one for the same names."""
    signed = exchange.signer()
    content = exchange.content()
    names = _ordered_names(content)
    check_subscribed(exchange, signed.binding["id"], names)
    replaces = checked_replaces(exchange, signed, content.get("replaces"), names, authority)
    order_id = _open_order(exchange, signed, names, replaces) or _insert(exchange, signed, names, replaces)
    return order_message(exchange, order_id, 201)


def begin_order(exchange: Exchange, acme_order_id: str) -> int:
    """Look at an order; gives its row id."""
    return int(own_order(exchange, exchange.signer(), acme_order_id)["id"])


def own_order(exchange: Exchange, signed: Signed, acme_order_id: str) -> sqlite3.Row:
    """The signer's order of that id; raises Problem when there is none."""
    row: sqlite3.Row | None = exchange.db.execute(
        "SELECT * FROM acme_orders WHERE acme_order_id = ? AND account_id = ?",
        (acme_order_id, signed.account["id"]),
    ).fetchone()
    if row is None:
        raise Problem("malformed", "The order does not exist", status=404)
    return row


def order_message(exchange: Exchange, order_id: int, status: int = 200) -> AcmeReply:
    """The order resource."""
    order = exchange.db.execute("SELECT * FROM acme_orders WHERE id = ?", (order_id,)).fetchone()
    url = exchange.url("order", order["acme_order_id"])
    authorizations = exchange.db.execute(
        "SELECT id, due_at FROM acme_authorizations WHERE order_id = ? ORDER BY rowid", (order_id,)
    ).fetchall()
    content: dict[str, Any] = {
        "status": order_status(exchange, order),
        "expires": order["expires_at"],
        "identifiers": [{"type": "dns", "value": name} for name in json.loads(order["names"])],
        "authorizations": [exchange.url("authz", row["id"]) for row in authorizations],
        "finalize": f"{url}/finalize",
    }
    if order["replaces"] is not None:
        content["replaces"] = order["replaces"]
    if order["problem"] is not None:
        content["error"] = json.loads(order["problem"])
    if order["chain"] is not None:
        content["certificate"] = exchange.url("cert", order["acme_order_id"])
    return while_waiting(exchange, json_message(content, status, Location=url), [order, *authorizations])


def order_status(exchange: Exchange, order: sqlite3.Row) -> str:
    """The state of an order, which may have lapsed since it was written down."""
    over = exchange.now > instant_of(order["expires_at"])
    return "invalid" if over and order["status"] in ("pending", "ready", "processing") else str(order["status"])


def check_subscribed(exchange: Exchange, binding_id: int, names: list[str]) -> None:
    """Every name must be in the running subscription itself: a wildcard does not stand for others."""
    subscription = last_subscription(exchange.db, binding_id)
    if subscription is None or exchange.now > instant_of(subscription["expires_at"]):
        raise Problem("unauthorized", "The subscription has expired or does not exist")
    rows = exchange.db.execute(
        "SELECT name FROM domains WHERE subscription_id = ? AND removed_at IS NULL", (subscription["id"],)
    )
    missing = set(names) - {row["name"] for row in rows}
    if missing:
        listed = ", ".join(f'"{name}"' for name in names if name in missing)
        raise Problem("rejectedIdentifier", f"Not in the subscription of this account: {listed}")


def _ordered_names(content: dict[str, Any]) -> list[str]:
    identifiers = content.get("identifiers")
    if not isinstance(identifiers, list) or not 0 < len(identifiers) <= MAX_NAMES:
        raise Problem("malformed", f"An order is for 1 to {MAX_NAMES} identifiers")
    if "notBefore" in content or "notAfter" in content:
        raise Problem("malformed", "notBefore and notAfter are not supported")
    return list(dict.fromkeys(_name_of(identifier) for identifier in identifiers))


def _name_of(identifier: object) -> str:
    if not isinstance(identifier, dict) or identifier.get("type") != "dns":
        raise Problem("unsupportedIdentifier", "Identifiers are DNS names")
    value = str(identifier.get("value", ""))
    name = normal_name(value)
    if name is None:
        raise Problem("rejectedIdentifier", f'The identifier "{value}" is not a domain name')
    if why := why_not_public(name):
        raise Problem("rejectedIdentifier", f'The identifier "{name}" {why}')
    return name


def _open_order(exchange: Exchange, signed: Signed, names: list[str], replaces: str | None) -> int | None:
    """The account's order for just these names that can still lead to a certificate."""
    rows = exchange.db.execute(
        "SELECT id, names FROM acme_orders WHERE account_id = ? AND status IN ('pending', 'ready')"
        " AND expires_at >= ? AND replaces IS ? ORDER BY id DESC",
        (signed.account["id"], instant_text(exchange.now), replaces),
    )
    return next((int(row["id"]) for row in rows if set(json.loads(row["names"])) == set(names)), None)


def _insert(exchange: Exchange, signed: Signed, names: list[str], replaces: str | None) -> int:
    expires_at = instant_text(exchange.now + ORDER_LIFE)
    cursor = exchange.db.execute(
        "INSERT INTO acme_orders (acme_order_id, account_id, order_number, status, status_code, names, created_at,"
        " expires_at, replaces) VALUES (?, ?, ?, 'pending', ?, ?, ?, ?, ?)",
        (
            new_identifier(12),
            signed.account["id"],
            next_order_number(exchange.db),
            REQUESTED,
            json.dumps(names),
            instant_text(exchange.now),
            expires_at,
            replaces,
        ),
    )
    order_id = int(cursor.lastrowid or 0)
    exchange.db.executemany(
        "INSERT INTO acme_authorizations (id, order_id, identifier, wildcard, status, token, expires_at)"
        " VALUES (?, ?, ?, ?, 'pending', ?, ?)",
        [_authorization_row(name, order_id, expires_at) for name in names],
    )
    return order_id


def _authorization_row(name: str, order_id: int, expires_at: str) -> tuple[Any, ...]:
    token = new_identifier(32)
    return (new_identifier(12), order_id, name.removeprefix("*."), name.startswith("*."), token, expires_at)
