"""The certificate that port 443 serves for a name, at each of its addresses."""

import logging
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from portal.outbound import OutboundError, Served, Unreadable, addresses_of, served_certificate

from . import results
from .looking import not_looked
from .question import Question
from .results import Look, Outcome, Topic, plain

logger = logging.getLogger(__name__)

MOST_ADDRESSES = 4
MOST_NAMES = 100
# Characters, as the columns that keep them have; a serial number of a CA has 40 at most (RFC 5280 4.1.2.2).
LONGEST_SERIAL = 100
LONGEST_PART = 200
LONGEST_RENEWAL_ID = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What one address serves, or why nothing was read."""

    address: str
    served: Served | None = None
    error: OutboundError | None = None


def look(question: Question) -> list[Look]:
    """Read the certificate at each address; the one that ends first speaks for all."""
    return [read(question)[0]]


def read(question: Question) -> tuple[Look, x509.Certificate | None]:
    """Give the look and the certificate it is about, None where none was read."""
    if question.is_wildcard:
        return Look(Topic.SERVED, Outcome.FINE, results.NOT_NEEDED), None
    try:
        addresses = addresses_of(question.host, until=question.until).reachable
    except OutboundError as error:
        if error.why in ("no_name", "no_address"):
            return Look(Topic.SERVED, Outcome.UNKNOWN, results.NOTHING_TO_REACH), None
        return not_looked(Topic.SERVED, error, question.host), None
    if not addresses:
        return Look(Topic.SERVED, Outcome.UNKNOWN, results.NOTHING_TO_REACH), None
    asked = addresses[:MOST_ADDRESSES]
    with ThreadPoolExecutor(len(asked), thread_name_prefix="preflight-tls") as pool:
        each = list(pool.map(lambda address: _at(question, address), asked))
    return _judged(question.host, each)


def _at(question: Question, address: str) -> Seen:
    try:
        served = served_certificate(question.host, address, port=question.ports.https, until=question.until)
    except OutboundError as error:
        return Seen(address, error=error)
    return Seen(address, served=served)


def _judged(host: str, each: Sequence[Seen]) -> tuple[Look, x509.Certificate | None]:
    read_ones = [seen.served for seen in each if seen.served]
    if not read_ones:
        return _nothing(host, each), None
    try:
        first = min(read_ones, key=lambda served: served.certificate.not_valid_after_utc)
        serials = {served.address: serial_of(served.certificate) for served in read_ones}
        look = judged(host, first.certificate, datetime.now(UTC), {"address": first.address, "serials": serials})
    except Exception:  # a certificate that can be parsed can still hold what cannot: a name, an extension twice
        logger.warning("What %s serves could not be read", host, exc_info=True)
        return not_looked(Topic.SERVED, Unreadable(host), host), None
    return look, first.certificate


def _nothing(host: str, each: Sequence[Seen]) -> Look:
    whys = [{"address": seen.address, "why": seen.error.why if seen.error else ""} for seen in each]
    if all(why["why"] == "no_route" for why in whys):
        facts = {"asked": host, "why": "no_route"}
        return Look(Topic.SERVED, Outcome.UNKNOWN, results.NO_ANSWER, facts)
    return Look(Topic.SERVED, Outcome.WARNING, results.SERVED_NOTHING, {"addresses": whys})


def judged(host: str, certificate: x509.Certificate, now: datetime, seen: dict[str, Any]) -> Look:
    """Say what a served certificate is worth for a name at an instant; raises whatever cryptography does."""
    names = names_of(certificate)
    facts = seen | {
        "serial_number": serial_of(certificate),
        "issuer": _part(certificate.issuer, NameOID.COMMON_NAME),
        "issuer_organization": _part(certificate.issuer, NameOID.ORGANIZATION_NAME),
        "valid_from": certificate.not_valid_before_utc.isoformat(),
        "valid_until": certificate.not_valid_after_utc.isoformat(),
        "names": [name[:255] for name in names[:MOST_NAMES]],
        "names_count": len(names),
        "covers_name": covers(names, host),
        "self_signed": certificate.issuer == certificate.subject,
        "renewal_id": renewal_id(certificate),
    }
    if facts["self_signed"]:
        return Look(Topic.SERVED, Outcome.WARNING, results.SERVED_SELF_SIGNED, facts)
    if not facts["covers_name"]:
        return Look(Topic.SERVED, Outcome.WARNING, results.SERVED_OTHER_NAME, facts)
    if now > certificate.not_valid_after_utc:
        return Look(Topic.SERVED, Outcome.WARNING, results.SERVED_EXPIRED, facts)
    if now < certificate.not_valid_before_utc:
        return Look(Topic.SERVED, Outcome.WARNING, results.SERVED_EARLY, facts)
    return Look(Topic.SERVED, Outcome.FINE, results.SERVED, facts)


def names_of(certificate: x509.Certificate) -> list[str]:
    """Give the DNS names of a certificate, lower case; raises whatever cryptography does where they cannot be read."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [name.lower().removesuffix(".") for name in extension.value.get_values_for_type(x509.DNSName)]


def covers(names: Sequence[str], host: str) -> bool:
    """Whether names of a certificate hold for a host: itself, or a wildcard for its first label (RFC 9525 6.3)."""
    wildcard = f"*.{host.partition('.')[2]}"
    return host in names or wildcard in names


def serial_of(certificate: x509.Certificate) -> str:
    """Give a serial number in lower-case hex; the beginning of one that no CA would give."""
    return f"{certificate.serial_number:x}"[:LONGEST_SERIAL]


def renewal_id(certificate: x509.Certificate) -> str:
    """Give what the CA is asked by when to renew it (RFC 9773 4.1); empty where it names no key of its CA.

    So it is where no CA could have given the serial number or the key.
    """
    try:
        extension = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound:
        return ""
    key, serial = extension.value.key_identifier, certificate.serial_number
    if not key or serial <= 0:
        return ""
    # The bytes of a DER INTEGER: one more where the first bit would be taken for a sign.
    made = ".".join(_base64url(part) for part in (key, serial.to_bytes(serial.bit_length() // 8 + 1, "big")))
    return made if len(made) <= LONGEST_RENEWAL_ID else ""


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _part(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return next((plain(str(part.value))[:LONGEST_PART] for part in name.get_attributes_for_oid(oid)), "")
