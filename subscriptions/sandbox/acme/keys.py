"""Public keys as JWKs."""

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from .jose import Jwk, encode
from .problems import Problem

CURVE_NAMES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


def jwk_of(public_key: CertificatePublicKeyTypes) -> Jwk:
    """The public JWK of an RSA or elliptic key; raises Problem for another kind."""
    if isinstance(public_key, rsa.RSAPublicKey):
        rsa_numbers = public_key.public_numbers()
        return {"kty": "RSA", "n": _text(rsa_numbers.n), "e": _text(rsa_numbers.e)}
    if not isinstance(public_key, ec.EllipticCurvePublicKey) or public_key.curve.name not in CURVE_NAMES:
        raise Problem("badPublicKey", "The key is neither RSA nor on one of the NIST curves P-256, P-384 and P-521")
    numbers, length = public_key.public_numbers(), (public_key.curve.key_size + 7) // 8
    return {
        "kty": "EC",
        "crv": CURVE_NAMES[public_key.curve.name],
        "x": encode(numbers.x.to_bytes(length, "big")),
        "y": encode(numbers.y.to_bytes(length, "big")),
    }


def _text(number: int) -> str:
    return encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
