"""When to renew, and what a new certificate replaces (RFC 9773, ACME Renewal Information).

Sectigo's servers have this on another host, `ari.sectigo.com`.
"""

import json
import sqlite3
from datetime import datetime, timedelta

from ..codes import ISSUED, ISSUED_NOT_COLLECTED, REPLACED, REVOKED
from ..state import instant_of, instant_text
from .authority import Authority
from .exchange import Exchange, Signed
from .jose import decode
from .messages import AcmeReply, json_message
from .problems import Problem
from .serials import order_of_serial

# Of a certificate's life: when the window opens, and how long it is. Those of 90 days are renewed from day 60 to 62.
OPENS_AT, LENGTH = 2 / 3, 2 / 90
ASK_AGAIN = (60, 6 * 3600)  # seconds: clients may ask no more often than once a minute


def renewal_info(db: sqlite3.Connection, now: datetime, certificate_id: str, authority: Authority) -> AcmeReply:
    """The window in which to renew a certificate: over already for one that is revoked, so that it is renewed now."""
    order = _order_of(db, certificate_id, authority)
    start, end = instant_of(order["not_before"]), instant_of(order["not_after"])
    life = end - start
    opens_at = start + life * OPENS_AT
    if order["status_code"] == REVOKED:
        opens_at = now - life * LENGTH - timedelta(seconds=1)
    window = {"start": instant_text(opens_at), "end": instant_text(opens_at + life * LENGTH)}
    pause = min(max(int(life.total_seconds()) // 360, ASK_AGAIN[0]), ASK_AGAIN[1])
    return json_message({"suggestedWindow": window}, Retry_After=str(pause))


def checked_replaces(
    exchange: Exchange, signed: Signed, certificate_id: object, names: list[str], authority: Authority
) -> str | None:
    """What a new order says it replaces, checked; raises Problem where that cannot be, None where it says nothing."""
    if certificate_id is None:
        return None
    order = _order_of(exchange.db, str(certificate_id), authority)
    if order["account_id"] != signed.account["id"] or not set(names) & set(json.loads(order["names"])):
        raise Problem("unauthorized", "The certificate to replace is another account's or of other names")
    taken = exchange.db.execute(
        "SELECT 1 FROM acme_orders WHERE replaces = ? AND status IN ('processing', 'valid')", (certificate_id,)
    ).fetchone()
    if taken:
        raise Problem("alreadyReplaced", "Another order replaces the certificate already")
    return str(certificate_id)


def mark_replaced(exchange: Exchange, order: sqlite3.Row, authority: Authority) -> None:
    """Note on the certificate that an order replaces, where it does, that it has been."""
    if order["replaces"] is None:
        return
    exchange.db.execute(
        "UPDATE acme_orders SET status_code = ? WHERE id = ? AND status_code IN (?, ?)",
        (REPLACED, _order_of(exchange.db, order["replaces"], authority)["id"], ISSUED, ISSUED_NOT_COLLECTED),
    )


def _order_of(db: sqlite3.Connection, certificate_id: str, authority: Authority) -> sqlite3.Row:
    """The order behind an ARI certificate identifier: key identifier of the issuer, dot, serial number."""
    issuer, _, serial = certificate_id.partition(".")
    try:
        key_identifier, number = decode(issuer), int.from_bytes(decode(serial), "big")
    except ValueError as error:
        raise Problem("malformed", "The certificate identifier cannot be read") from error
    if key_identifier != authority.key_identifier:
        raise Problem("malformed", "The certificate was not issued here", status=404)
    return order_of_serial(db, number)
