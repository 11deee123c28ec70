"""keyChange (RFC 8555, section 7.3.5): an account gets another key, and keeps what it has."""

import json

from .accounts import account_message, account_of_key
from .exchange import Exchange, Signed
from .jose import Jwk, Jws, thumbprint
from .messages import AcmeReply
from .problems import Problem


def change_key(exchange: Exchange) -> AcmeReply:
    """Replace the key of the account that signs outside by the one that signs inside."""
    signed = exchange.signer()
    inner = Jws.parse(exchange.content())
    jwk = _new_key(exchange, inner)
    content = inner.content()
    if content.get("account") != exchange.jws.protected["kid"]:
        raise Problem("malformed", "The inner JWS is for another account")
    if not _is_key(content.get("oldKey"), signed):
        raise Problem("malformed", "The old key is not the account's")
    taken = account_of_key(exchange, jwk)
    if taken is not None:
        location = exchange.url("account", taken["acme_account_id"])
        raise Problem("malformed", "Another account has the new key", status=409, location=location)
    exchange.db.execute(
        "UPDATE accounts SET jwk = ?, thumbprint = ? WHERE id = ?",
        (json.dumps(jwk), thumbprint(jwk), signed.account["id"]),
    )
    return account_message(exchange, signed.account["id"], 200)


def _new_key(exchange: Exchange, inner: Jws) -> Jwk:
    jwk = inner.protected.get("jwk")
    if not isinstance(jwk, dict):
        raise Problem("malformed", "The inner JWS has no key in its header")
    inner.verify(jwk)
    if inner.protected.get("url") != exchange.jws.protected["url"]:
        raise Problem("malformed", "The inner JWS is for another URL")
    return jwk


def _is_key(jwk: object, signed: Signed) -> bool:
    return isinstance(jwk, dict) and thumbprint(jwk) == signed.account["thumbprint"]
