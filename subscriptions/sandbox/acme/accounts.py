"""newAccount and the account resource (RFC 8555, section 7.3)."""

import json
import sqlite3
from typing import Any

from ..identifiers import new_identifier
from .contacts import contact_addresses
from .exchange import Exchange, Signed, binding_of, touch
from .jose import Jwk, Jws, decode, thumbprint
from .messages import AcmeReply, json_message
from .problems import Problem, eab_problem

NOT_AWAITING = "The account is not awaiting external account binding"


def new_account(exchange: Exchange) -> AcmeReply:
    """Register the key in the header, or find its account."""
    jwk = exchange.jws.protected.get("jwk")
    if not isinstance(jwk, dict):
        raise Problem("malformed", "newAccount is signed with a key in the header")
    exchange.jws.verify(jwk)
    content = exchange.content()
    existing = account_of_key(exchange, jwk)
    if existing is not None:
        return _found(exchange, existing)
    if content.get("onlyReturnExisting"):
        raise Problem("accountDoesNotExist", "The account does not exist")
    binding = _bound(exchange, content, jwk)
    account = _register(exchange, binding, jwk, contact_addresses(content))
    touch(exchange, Signed(account, binding))
    return account_message(exchange, account["id"], 201)


def account_resource(exchange: Exchange, acme_account_id: str) -> AcmeReply:
    """Read the account, change its contacts or deactivate it."""
    signed = exchange.signer()
    _check_own(signed, acme_account_id)
    content = exchange.content()
    if "contact" in content:
        exchange.db.execute(
            "UPDATE accounts SET contacts = ? WHERE id = ?",
            (json.dumps(contact_addresses(content)), signed.account["id"]),
        )
    if content.get("status") == "deactivated":
        exchange.db.execute("UPDATE accounts SET status = 'deactivated' WHERE id = ?", (signed.account["id"],))
    return account_message(exchange, signed.account["id"], 200)


def account_orders(exchange: Exchange, acme_account_id: str) -> AcmeReply:
    """The account's orders."""
    signed = exchange.signer()
    _check_own(signed, acme_account_id)
    rows = exchange.db.execute(
        "SELECT acme_order_id FROM acme_orders WHERE account_id = ? ORDER BY id", (signed.account["id"],)
    )
    return json_message({"orders": [exchange.url("order", row["acme_order_id"]) for row in rows]})


def _check_own(signed: Signed, acme_account_id: str) -> None:
    if signed.account["acme_account_id"] != acme_account_id:
        raise Problem("unauthorized", "The account belongs to another key")


def account_of_key(exchange: Exchange, jwk: Jwk) -> sqlite3.Row | None:
    """The newest account that this key has at the directory asked, usable or not."""
    row: sqlite3.Row | None = exchange.db.execute(
        "SELECT accounts.* FROM accounts JOIN bindings ON bindings.id = binding_id"
        " WHERE thumbprint = ? AND validation_type = ? ORDER BY accounts.id DESC",
        (thumbprint(jwk), exchange.server),
    ).fetchone()
    return row


def _found(exchange: Exchange, account: sqlite3.Row) -> AcmeReply:
    signed = Signed(account, binding_of(exchange.db, account))
    signed.check_usable()
    touch(exchange, signed)
    return account_message(exchange, account["id"], 200)


def _bound(exchange: Exchange, content: dict[str, Any], jwk: Jwk) -> sqlite3.Row:
    """The binding the external account binding proves (RFC 8555, section 7.3.4)."""
    if "externalAccountBinding" not in content:
        detail = 'The request must include a value for the "externalAccountBinding" field'
        raise Problem("externalAccountRequired", detail)
    if content.get("termsOfServiceAgreed") is not True:
        raise Problem("malformed", "The terms of service must be agreed to")
    jws = Jws.parse(content["externalAccountBinding"])
    binding: sqlite3.Row | None = exchange.db.execute(
        "SELECT * FROM bindings WHERE key_id = ? AND validation_type = ?",
        (str(jws.protected.get("kid", "")), exchange.server),
    ).fetchone()
    if binding is None:
        raise eab_problem("The Key Identifier was not recognized")
    if not jws.has_mac(decode(binding["mac_key"])):
        raise eab_problem("Invalid MAC on JWS request")
    if jws.protected.get("url") != exchange.jws.protected["url"] or jws.content() != jwk:
        raise eab_problem("The binding is for another URL or key")
    _check_awaiting(exchange, binding)
    return binding


def _check_awaiting(exchange: Exchange, binding: sqlite3.Row) -> None:
    used = exchange.db.execute(
        "SELECT COUNT(*) AS n FROM accounts WHERE binding_id = ? AND jwk IS NOT NULL", (binding["id"],)
    ).fetchone()["n"]
    if binding["status"] != "active" or (used and not binding["reusable"]):
        raise eab_problem(NOT_AWAITING)


def _register(exchange: Exchange, binding: sqlite3.Row, jwk: Jwk, contacts: list[str]) -> sqlite3.Row:
    """Give the key the binding's pending account, or a further one when that is taken."""
    pending = exchange.db.execute(
        "SELECT id FROM accounts WHERE binding_id = ? AND status = 'pending' AND jwk IS NULL", (binding["id"],)
    ).fetchone()
    account_id = pending["id"] if pending else _further_account(exchange, binding)
    exchange.db.execute(
        "UPDATE accounts SET status = 'valid', jwk = ?, thumbprint = ?, contacts = ? WHERE id = ?",
        (json.dumps(jwk), thumbprint(jwk), json.dumps(contacts), account_id),
    )
    return _reload(exchange, account_id)


def _further_account(exchange: Exchange, binding: sqlite3.Row) -> int:
    cursor = exchange.db.execute(
        "INSERT INTO accounts (binding_id, acme_account_id, status) VALUES (?, ?, 'pending')",
        (binding["id"], new_identifier(16)),
    )
    return int(cursor.lastrowid or 0)


def _reload(exchange: Exchange, account_id: int) -> sqlite3.Row:
    row: sqlite3.Row = exchange.db.execute("SELECT * FROM accounts WHERE id = ?", (account_id,)).fetchone()
    return row


def account_message(exchange: Exchange, account_id: int, status: int) -> AcmeReply:
    """The account resource."""
    account = _reload(exchange, account_id)
    url = exchange.url("account", account["acme_account_id"])
    content = {
        "status": account["status"],
        "contact": [f"mailto:{address}" for address in json.loads(account["contacts"])],
        "termsOfServiceAgreed": True,
        "orders": f"{url}/orders",
    }
    return json_message(content, status, Location=url)
