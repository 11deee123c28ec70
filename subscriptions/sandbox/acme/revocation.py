"""revokeCert (RFC 8555, section 7.6)."""

import sqlite3

from cryptography import x509

from ..codes import REVOKED
from .exchange import Exchange
from .jose import Jwk, decode, thumbprint
from .keys import jwk_of
from .messages import AcmeReply
from .problems import Problem
from .serials import order_of_serial

REASONS = (0, 1, 3, 4, 5)  # what the Baseline Requirements allow a subscriber to name


def revoke(exchange: Exchange) -> AcmeReply:
    """Revoke a certificate of the account that signs, or of the key that signs."""
    content = exchange.content()
    certificate = _certificate(content.get("certificate"))
    order = order_of_serial(exchange.db, certificate.serial_number)
    _check_signer(exchange, certificate, order)
    if content.get("reason", 0) not in REASONS:
        raise Problem("badRevocationReason", "The revocation reason is not supported")
    if order["status_code"] == REVOKED:
        raise Problem("alreadyRevoked", "The certificate is revoked already")
    exchange.db.execute("UPDATE acme_orders SET status_code = ? WHERE id = ?", (REVOKED, order["id"]))
    return AcmeReply(200)


def _certificate(encoded: object) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(decode(str(encoded)))
    except ValueError as error:
        raise Problem("malformed", "The certificate cannot be read") from error


def _check_signer(exchange: Exchange, certificate: x509.Certificate, order: sqlite3.Row) -> None:
    jwk: Jwk | None = exchange.jws.protected.get("jwk")
    if jwk is None:
        if exchange.signer().account["id"] != order["account_id"]:
            raise Problem("unauthorized", "The certificate belongs to another account")
        return
    exchange.jws.verify(jwk)
    if thumbprint(jwk) != thumbprint(jwk_of(certificate.public_key())):
        raise Problem("unauthorized", "The key is not the certificate's")
