"""newOrder, orders, finalization and download (RFC 8555, section 7.4)."""

import json
import sqlite3
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ..anchors import subject_of
from ..calls import last_subscription
from ..identifiers import new_identifier
from ..names import normal_name
from ..state import instant_of, instant_text, next_order_number
from .authority import Authority
from .exchange import Exchange, Signed
from .jose import decode
from .messages import AcmeReply, json_message
from .problems import Problem

ORDER_LIFE = timedelta(days=7)
MAX_NAMES = 100
ISSUED_NOT_COLLECTED, ISSUED, REJECTED, REQUESTED = 9, 6, 7, 0
CHAIN_TYPE = "application/pem-certificate-chain"


def new_order(exchange: Exchange) -> AcmeReply:
    """Open an order for names of the binding's running subscription."""
    signed = exchange.signer()
    names = _ordered_names(exchange.content())
    _check_subscribed(exchange, signed, names)
    expires_at = instant_text(exchange.now + ORDER_LIFE)
    acme_order_id = new_identifier(12)
    cursor = exchange.db.execute(
        "INSERT INTO acme_orders (acme_order_id, account_id, order_number, status, status_code, names, created_at,"
        " expires_at) VALUES (?, ?, ?, 'pending', ?, ?, ?, ?)",
        (
            acme_order_id,
            signed.account["id"],
            next_order_number(exchange.db),
            REQUESTED,
            json.dumps(names),
            instant_text(exchange.now),
            expires_at,
        ),
    )
    exchange.db.executemany(
        "INSERT INTO acme_authorizations (id, order_id, identifier, wildcard, status, token, expires_at)"
        " VALUES (?, ?, ?, ?, 'pending', ?, ?)",
        [_authorization_row(name, cursor.lastrowid, expires_at) for name in names],
    )
    return order_message(exchange, own_order(exchange, signed, acme_order_id), 201)


def order_resource(exchange: Exchange, acme_order_id: str) -> AcmeReply:
    """Read an order."""
    return order_message(exchange, own_order(exchange, exchange.signer(), acme_order_id))


def finalize(exchange: Exchange, acme_order_id: str, authority: Authority) -> AcmeReply:
    """Issue the certificate for the CSR, whose names must be exactly those of the order."""
    signed = exchange.signer()
    order = own_order(exchange, signed, acme_order_id)
    if _status(exchange, order) != "ready":
        raise Problem("orderNotReady", f"The order is {_status(exchange, order)}")
    names = json.loads(order["names"])
    csr = _checked_csr(exchange.content().get("csr"), names)
    _check_subscribed(exchange, signed, names)
    _issue(exchange, signed, order, csr, authority)
    return order_message(exchange, own_order(exchange, signed, acme_order_id))


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


def own_order(exchange: Exchange, signed: Signed, acme_order_id: str) -> sqlite3.Row:
    """The signer's order of that id; raises Problem when there is none."""
    row: sqlite3.Row | None = exchange.db.execute(
        "SELECT * FROM acme_orders WHERE acme_order_id = ? AND account_id = ?",
        (acme_order_id, signed.account["id"]),
    ).fetchone()
    if row is None:
        raise Problem("malformed", "The order does not exist", status=404)
    return row


def order_message(exchange: Exchange, order: sqlite3.Row, status: int = 200) -> AcmeReply:
    """The order resource."""
    url = exchange.url("order", order["acme_order_id"])
    authorizations = exchange.db.execute(
        "SELECT id FROM acme_authorizations WHERE order_id = ? ORDER BY rowid", (order["id"],)
    )
    content: dict[str, Any] = {
        "status": _status(exchange, order),
        "expires": order["expires_at"],
        "identifiers": [{"type": "dns", "value": name} for name in json.loads(order["names"])],
        "authorizations": [exchange.url("authz", row["id"]) for row in authorizations],
        "finalize": f"{url}/finalize",
    }
    if order["problem"] is not None:
        content["error"] = json.loads(order["problem"])
    if order["chain"] is not None:
        content["certificate"] = exchange.url("cert", order["acme_order_id"])
    return json_message(content, status, Location=url)


def _status(exchange: Exchange, order: sqlite3.Row) -> str:
    over = exchange.now > instant_of(order["expires_at"])
    return "invalid" if over and order["status"] in ("pending", "ready") else str(order["status"])


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
    return name


def _check_subscribed(exchange: Exchange, signed: Signed, names: list[str]) -> None:
    """Every name must be in the running subscription itself: a wildcard does not stand for others."""
    subscription = last_subscription(exchange.db, signed.binding["id"])
    if subscription is None or exchange.now > instant_of(subscription["expires_at"]):
        raise Problem("unauthorized", "The subscription has expired or does not exist")
    rows = exchange.db.execute(
        "SELECT name FROM domains WHERE subscription_id = ? AND removed_at IS NULL", (subscription["id"],)
    )
    missing = set(names) - {row["name"] for row in rows}
    if missing:
        listed = ", ".join(f'"{name}"' for name in names if name in missing)
        raise Problem("rejectedIdentifier", f"Not in the subscription of this account: {listed}")


def _authorization_row(name: str, order_id: int | None, expires_at: str) -> tuple[Any, ...]:
    token = new_identifier(32)
    return (new_identifier(12), order_id, name.removeprefix("*."), name.startswith("*."), token, expires_at)


def _checked_csr(encoded: object, names: list[str]) -> x509.CertificateSigningRequest:
    try:
        csr = x509.load_der_x509_csr(decode(str(encoded)))
        signed = csr.is_signature_valid
        asked = _csr_names(csr)
    except ValueError as error:
        raise Problem("badCSR", "The CSR cannot be read") from error
    if not signed:
        raise Problem("badCSR", "The CSR's signature is invalid")
    if asked != set(names):
        raise Problem("badCSR", "The names of the CSR are not those of the order")
    _check_public_key(csr)
    return csr


def _check_public_key(csr: x509.CertificateSigningRequest) -> None:
    public_key = csr.public_key()
    strong = isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size >= 2048
    if not strong and not isinstance(public_key, ec.EllipticCurvePublicKey):
        raise Problem("badCSR", "The key is neither RSA of 2048 bits or more nor elliptic")


def _csr_names(csr: x509.CertificateSigningRequest) -> set[str]:
    names = {str(part.value).lower() for part in csr.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)}
    try:
        extension = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return names
    return names | {name.lower() for name in extension.value.get_values_for_type(x509.DNSName)}


def _issue(
    exchange: Exchange,
    signed: Signed,
    order: sqlite3.Row,
    csr: x509.CertificateSigningRequest,
    authority: Authority,
) -> None:
    names = json.loads(order["names"])
    leaf, chain = authority.issue(
        csr.public_key(),
        names,
        validation_type=exchange.server,
        subject=subject_of(exchange.db, signed.binding["id"], names[0]),
        not_before=exchange.now.replace(microsecond=0),
        life=timedelta(seconds=exchange.switches.certificate_seconds),
    )
    exchange.db.execute(
        "UPDATE acme_orders SET status = 'valid', status_code = ?, certificate_id = order_number, serial_number = ?,"
        " not_before = ?, not_after = ?, chain = ? WHERE id = ?",
        (
            ISSUED_NOT_COLLECTED,
            f"{leaf.serial_number:040X}",
            instant_text(leaf.not_valid_before_utc),
            instant_text(leaf.not_valid_after_utc),
            chain,
            order["id"],
        ),
    )
