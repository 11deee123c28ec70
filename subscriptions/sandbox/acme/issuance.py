"""From a CSR to the certificate (RFC 8555, sections 7.4 and 7.4.2)."""

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ..anchors import subject_of
from ..codes import (
    ISSUED,
    ISSUED_NOT_COLLECTED,
    POST_SIGN_FAILED,
    PRE_SIGN_FAILED,
    REJECTED,
    STATUS_TEXTS,
    WITHOUT_CERTIFICATE,
)
from ..state import instant_text
from .authority import Authority
from .exchange import Exchange
from .messages import AcmeReply
from .orders import check_subscribed, order_status, own_order
from .problems import Problem
from .renewals import mark_replaced
from .serials import serial_text
from .signing_requests import checked_csr
from .waiting import is_due

CHAIN_TYPE = "application/pem-certificate-chain"

# What the client is told of an order that ends by the switch. The sister servers' words are not known.
_ENDS = {
    PRE_SIGN_FAILED: Problem("serverInternal", STATUS_TEXTS[PRE_SIGN_FAILED]),
    POST_SIGN_FAILED: Problem("serverInternal", STATUS_TEXTS[POST_SIGN_FAILED]),
    REJECTED: Problem("unauthorized", STATUS_TEXTS[REJECTED]),
}


def begin_finalize(exchange: Exchange, acme_order_id: str) -> int:
    """Take the CSR, whose names must be exactly those of the order; gives the order's row id."""
    signed = exchange.signer()
    order = own_order(exchange, signed, acme_order_id)
    status = order_status(exchange, order)
    if status != "ready":
        raise Problem("orderNotReady", f"The order is {status}")
    names = json.loads(order["names"])
    csr = checked_csr(exchange.content().get("csr"), names, signed.account["thumbprint"])
    check_subscribed(exchange, signed.binding["id"], names)
    exchange.db.execute(
        "UPDATE acme_orders SET status = 'processing', csr = ?, due_at = ? WHERE id = ?",
        (csr.public_bytes(Encoding.PEM).decode(), exchange.processed_at(), order["id"]),
    )
    return int(order["id"])


def names_due(exchange: Exchange, order_id: int) -> list[str]:
    """The names of an order whose certificate is to be issued now; none where there is nothing to issue."""
    order = _order(exchange, order_id)
    due = order["status"] == order_status(exchange, order) == "processing" and is_due(exchange, order)
    return list(json.loads(order["names"])) if due else []


def issue(
    exchange: Exchange,
    order_id: int,
    authority: Authority,
    refusal: Problem | None,
    ending: Callable[[list[str]], int | None],
) -> None:
    """End an order in processing: with a certificate, or without where `refusal` says why there may be none.

    `ending` tells by which code it ends of those that a switch asks for, None for a healthy end. An order that was
    ended meanwhile stays as it is.
    """
    order = _order(exchange, order_id)
    if order["status"] != "processing":
        return
    names = json.loads(order["names"])
    account = exchange.db.execute("SELECT * FROM accounts WHERE id = ?", (order["account_id"],)).fetchone()
    try:
        check_subscribed(exchange, account["binding_id"], names)
    except Problem as problem:
        _end(exchange, order, REJECTED, problem)
        return
    if refusal is not None:
        _end(exchange, order, PRE_SIGN_FAILED, refusal)
        return
    code = ending(names)
    if code in WITHOUT_CERTIFICATE:
        _end(exchange, order, code, _ENDS[code])
        return
    _sign(exchange, order, account["binding_id"], authority, ISSUED_NOT_COLLECTED if code is None else code)
    mark_replaced(exchange, order, authority)


def certificate(exchange: Exchange, acme_order_id: str) -> AcmeReply:
    """Hand out the chain; from now on the certificate counts as collected."""
    order = own_order(exchange, exchange.signer(), acme_order_id)
    if order["chain"] is None:
        raise Problem("malformed", "There is no certificate yet", status=404)
    exchange.db.execute(
        "UPDATE acme_orders SET status_code = ? WHERE id = ? AND status_code = ?",
        (ISSUED, order["id"], ISSUED_NOT_COLLECTED),
    )
    return AcmeReply(200, {"Content-Type": CHAIN_TYPE}, order["chain"].encode())


def _order(exchange: Exchange, order_id: int) -> sqlite3.Row:
    row: sqlite3.Row = exchange.db.execute("SELECT * FROM acme_orders WHERE id = ?", (order_id,)).fetchone()
    return row


def _end(exchange: Exchange, order: sqlite3.Row, code: int, problem: Problem) -> None:
    exchange.db.execute(
        "UPDATE acme_orders SET status = 'invalid', status_code = ?, problem = ?, due_at = NULL WHERE id = ?",
        (code, json.dumps(problem.document), order["id"]),
    )


def _sign(exchange: Exchange, order: sqlite3.Row, binding_id: int, authority: Authority, code: int) -> None:
    names = json.loads(order["names"])
    leaf, chain = authority.issue(
        x509.load_pem_x509_csr(order["csr"].encode()).public_key(),
        names,
        validation_type=exchange.server,
        subject=subject_of(exchange.db, binding_id, names[0]),
        not_before=exchange.now.replace(microsecond=0),
        life=timedelta(seconds=exchange.switches.certificate_seconds),
        issuer_url=exchange.switches.issuer_url,
    )
    exchange.db.execute(
        "UPDATE acme_orders SET status = 'valid', status_code = ?, certificate_id = order_number, serial_number = ?,"
        " not_before = ?, not_after = ?, chain = ?, due_at = NULL WHERE id = ?",
        (
            code,
            serial_text(leaf.serial_number),
            instant_text(leaf.not_valid_before_utc),
            instant_text(leaf.not_valid_after_utc),
            chain,
            order["id"],
        ),
    )
