"""Certificates made for a test, and TLS servers that serve them."""

import hashlib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.loopback import LoopbackServer

KEY = ec.generate_private_key(ec.SECP256R1())  # of all: nobody looks at it
DAY = timedelta(days=1)


def _name(common_name: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Northwind CA")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def make_certificate(
    names: Sequence[str],
    *,
    began: datetime | None = None,
    days: float = 90,
    issuer: str = "Northwind CA DV R1",
    serial: int = 0x1234ABCD,
    is_ca: bool = False,
    key_identifier: bytes | None = None,
    others: Sequence[x509.ExtensionType] = (),
) -> x509.Certificate:
    """Make one that began ten days ago, if nothing else is said; where the issuer is the first name, self-signed."""
    began = began or datetime.now(UTC) - 10 * DAY
    if key_identifier is None:
        key_identifier = x509.SubjectKeyIdentifier.from_public_key(KEY.public_key()).digest
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(names[0] if names else "nobody"))
        .issuer_name(_name(issuer))
        .public_key(KEY.public_key())
        .serial_number(serial)
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if key_identifier:
        builder = builder.add_extension(x509.AuthorityKeyIdentifier(key_identifier, None, None), critical=False)
    for other in others:
        builder = builder.add_extension(other, critical=False)
    return builder.sign(KEY, hashes.SHA256())


def strange_certificate(names: Sequence[str], old: str, new: str) -> bytes:
    """Make one (DER) in which some bytes, in hex and of one length, are others; nobody checks its signature."""
    others = [x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), b"") for oid in ("1.2.3.1", "1.2.3.2")]
    der = make_certificate(names, others=others).public_bytes(serialization.Encoding.DER)
    assert (der.count(bytes.fromhex(old)), len(old)) == (1, len(new))
    return der.replace(bytes.fromhex(old), bytes.fromhex(new))


# What a stranger's certificate has in place of what it should have.
VERSION_SIX = ("a003020102", "a003020105")
EXTENSION_TWICE = ("06032a0302", "06032a0301")
NEGATIVE_SERIAL = ("02041234abcd", "0204f234abcd")
NUL_IN_ISSUER = (b"Northwind CA DV R1".hex(), b"Northwind CA\0DV R1".hex())


def make_ca(path: Path) -> Path:
    """Write the certificate of the CA that signs all of these, for whoever trusts it."""
    ca = make_certificate(["Northwind CA DV R1"], is_ca=True, days=900)
    path.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    return path


@dataclass
class TlsServer:
    """Serves a certificate on a port of loopback, and a short HTTP answer; notes the names it was asked for."""

    folder: Path
    certificate: x509.Certificate | bytes
    """As bytes (DER) it may be one that cryptography does not read."""
    answer: bytes = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    def __enter__(self) -> Self:
        self.asked: list[str | None] = []
        der = self.certificate
        if not isinstance(der, bytes):
            der = der.public_bytes(serialization.Encoding.DER)
        path = self.folder / f"{hashlib.sha256(der).hexdigest()}.pem"
        key = KEY.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(key + ssl.DER_cert_to_PEM_cert(der).encode())
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(path)
        self._context.sni_callback = lambda _, name, __: self.asked.append(name)
        self.server = LoopbackServer(self._serve)
        self.port = self.server.port
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()

    def _serve(self, server: Any, connection: socket.socket) -> None:
        with self._context.wrap_socket(connection, server_side=True) as secured:
            if secured.recv(4096):
                secured.sendall(self.answer)
