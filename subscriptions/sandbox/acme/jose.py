"""The little of JOSE that ACME needs: flattened JWS with a JWK or a key ID (RFC 7515, 7517, 7518, 7638, 8037)."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .problems import Problem

CURVES: dict[str, tuple[type[ec.EllipticCurve], type[hashes.HashAlgorithm], str]] = {
    "P-256": (ec.SECP256R1, hashes.SHA256, "ES256"),
    "P-384": (ec.SECP384R1, hashes.SHA384, "ES384"),
    "P-521": (ec.SECP521R1, hashes.SHA512, "ES512"),
}
ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "EdDSA")
THUMBPRINT_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}

Jwk = dict[str, Any]


@dataclass(frozen=True)
class Jws:
    """A flattened JWS, not yet verified."""

    protected: dict[str, Any]
    payload: bytes
    signing_input: bytes
    signature: bytes

    @classmethod
    def parse(cls, content: Any) -> "Jws":
        """The JWS in parsed JSON; raises Problem (malformed) for anything else, and for what ACME forbids in one.

        That is an unprotected header, several signatures, a payload left unencoded, and extensions: none is understood
        here, so none may be critical (RFC 7515, 4.1.11; RFC 7797; RFC 8555, 6.2).
        """
        try:
            parts = {name: content[name] for name in ("protected", "payload", "signature")}
            protected = json.loads(decode(parts["protected"]))
            signing_input = f"{parts['protected']}.{parts['payload']}".encode()
            payload, signature = decode(parts["payload"]), decode(parts["signature"])
        except (KeyError, TypeError, ValueError) as error:
            raise Problem("malformed", "The request is not a flattened JWS") from error
        if not isinstance(protected, dict):
            raise Problem("malformed", "The protected header is not an object")
        if "header" in content or "signatures" in content:
            raise Problem("malformed", "The JWS has an unprotected header or several signatures")
        if "crit" in protected or protected.get("b64", True) is not True:
            raise Problem("malformed", "The JWS needs an extension that is not supported")
        return cls(protected, payload, signing_input, signature)

    def content(self) -> dict[str, Any]:
        """The payload as a JSON object; raises Problem when it is none."""
        try:
            content = json.loads(self.payload)
        except ValueError as error:
            raise Problem("malformed", "The payload is not JSON") from error
        if not isinstance(content, dict):
            raise Problem("malformed", "The payload is not a JSON object")
        return content

    def verify(self, jwk: Jwk) -> None:
        """Raise Problem unless the signature was made with that key, by the algorithm the header names."""
        if self.protected.get("alg") not in ALGORITHMS:
            raise Problem("badSignatureAlgorithm", "The JWS algorithm is not supported", algorithms=list(ALGORITHMS))
        try:
            _VERIFIERS[jwk["kty"]](self, jwk)
        except (KeyError, TypeError, ValueError) as error:
            raise Problem("badPublicKey", "The JWK cannot be used") from error
        except InvalidSignature as error:
            raise Problem("malformed", "The JWS signature is invalid") from error

    def has_mac(self, key: bytes) -> bool:
        """Whether the signature is the HS256 MAC with that key."""
        expected = hmac.digest(key, self.signing_input, "sha256")
        return self.protected.get("alg") == "HS256" and hmac.compare_digest(expected, self.signature)


def decode(text: str) -> bytes:
    """Base64url without padding; raises ValueError for anything else."""
    if not isinstance(text, str) or "=" in text:
        raise ValueError("base64url without padding is needed")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def thumbprint(jwk: Jwk) -> str:
    """The key's thumbprint (RFC 7638); raises Problem for an unknown kind of key."""
    try:
        members = {name: jwk[name] for name in THUMBPRINT_MEMBERS[jwk["kty"]]}
    except (KeyError, TypeError) as error:
        raise Problem("badPublicKey", "The JWK cannot be used") from error
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    return encode(hashlib.sha256(canonical).digest())


def _number(text: str) -> int:
    return int.from_bytes(decode(text), "big")


def _verify_rsa(jws: Jws, jwk: Jwk) -> None:
    if jws.protected["alg"] != "RS256":
        raise InvalidSignature
    public_key = rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
    if public_key.key_size < 2048:
        raise ValueError("the RSA key is too short")
    public_key.verify(jws.signature, jws.signing_input, padding.PKCS1v15(), hashes.SHA256())


def _verify_ec(jws: Jws, jwk: Jwk) -> None:
    curve, digest, algorithm = CURVES[jwk["crv"]]
    if jws.protected["alg"] != algorithm:
        raise InvalidSignature
    public_key = ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), curve()).public_key()
    half = (public_key.key_size + 7) // 8
    if len(jws.signature) != 2 * half:  # RFC 7518, 3.4
        raise InvalidSignature
    r, s = (int.from_bytes(part, "big") for part in (jws.signature[:half], jws.signature[half:]))
    public_key.verify(encode_dss_signature(r, s), jws.signing_input, ec.ECDSA(digest()))


def _verify_okp(jws: Jws, jwk: Jwk) -> None:
    if jws.protected["alg"] != "EdDSA" or jwk["crv"] != "Ed25519":
        raise InvalidSignature
    ed25519.Ed25519PublicKey.from_public_bytes(decode(jwk["x"])).verify(jws.signature, jws.signing_input)


_VERIFIERS = {"RSA": _verify_rsa, "EC": _verify_ec, "OKP": _verify_okp}
