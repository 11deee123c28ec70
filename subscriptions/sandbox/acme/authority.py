"""The throw-away CA: a root to trust, an issuing CA under it, leaf certificates."""

import os
import re
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from ..products import PRODUCTS
from ..state import State, read_setting, write_setting

CA_LIFE = timedelta(days=20 * 365)
TLS_LIFE = timedelta(days=10 * 365)  # clients are run with their clock set forward
_PEM_BLOCK = re.compile(rb"-----BEGIN.*?-----END[^\n]*-----\n", re.DOTALL)
_PURPOSES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
POLICIES = {product.validation_type: product.policy for product in PRODUCTS.values()}


@dataclass(frozen=True)
class Subject:
    """Whom an OV certificate names."""

    organization: str
    country: str


@dataclass(frozen=True)
class Signer:
    """A CA certificate and its key."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


class Authority:
    """Made once per state file, so that a client's trust outlives a restart."""

    def __init__(self, state: State, root_file: Path) -> None:
        with state.transaction() as db:
            stored = read_setting(db, "authority", "")
            if not stored:
                stored = _new_authority()
                write_setting(db, "authority", stored)
        self._root, self._issuing = _signers(stored)
        self.root_pem = self._root.pem
        self.issuer_der = self._issuing.certificate.public_bytes(serialization.Encoding.DER)
        self.key_identifier = _authority_key(self._issuing).key_identifier
        root_file.write_bytes(self.root_pem)

    def issue(
        self,
        public_key: CertificatePublicKeyTypes,
        names: list[str],
        *,
        validation_type: str,
        subject: Subject | None,
        not_before: datetime,
        life: timedelta,
        issuer_url: str,
    ) -> tuple[x509.Certificate, str]:
        """A certificate for exactly those names, and the chain to hand out: the leaf and the issuing CA."""
        named = _leaf_name(names, subject)
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        certificate = (
            _builder(named, self._issuing.certificate.subject, public_key, not_before, life)
            .add_extension(alternatives, critical=not list(named))  # RFC 5280, 4.2.1.6
            .add_extension(_leaf_usage(public_key), critical=True)
            .add_extension(_issuer_access(issuer_url), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_policies(validation_type), critical=False)
            .add_extension(_authority_key(self._issuing), critical=False)
            .sign(self._issuing.private_key, hashes.SHA256())
        )
        leaf = certificate.public_bytes(serialization.Encoding.PEM)
        return certificate, (leaf + self._issuing.pem).decode()

    def tls_context(self, hosts: list[str]) -> ssl.SSLContext:
        """What the HTTPS server of the ACME side presents, for these names and addresses."""
        private_key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        start = datetime.now(UTC) - timedelta(days=1)
        certificate = (
            _builder(name, self._issuing.certificate.subject, private_key.public_key(), start, TLS_LIFE)
            .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_authority_key(self._issuing), critical=False)
            .sign(self._issuing.private_key, hashes.SHA256())
        )
        chain = certificate.public_bytes(serialization.Encoding.PEM) + self._issuing.pem
        return _server_context(_private_pem(private_key) + chain)


def _new_authority() -> str:
    root_key, issuing_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    start = datetime.now(UTC) - timedelta(days=1)
    root_name, issuing_name = _ca_name("CaaS Sandbox Root"), _ca_name("CaaS Sandbox Issuing CA")
    root = _sign_ca(root_name, root_key, root_name, root_key, start)
    issuing = _sign_ca(issuing_name, issuing_key, root_name, root_key, start)
    parts = [_private_pem(root_key), root, _private_pem(issuing_key), issuing]
    return b"".join(parts).decode()


def _sign_ca(
    name: x509.Name,
    private_key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    start: datetime,
) -> bytes:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    certificate = (
        _builder(name, issuer, private_key.public_key(), start, CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_ca_usage(), critical=True)
        .add_extension(identifier, critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def _builder(
    name: x509.Name, issuer: x509.Name, public_key: CertificatePublicKeyTypes, start: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _signers(stored: str) -> tuple[Signer, Signer]:
    root_key, root, issuing_key, issuing = _PEM_BLOCK.findall(stored.encode())
    return _signer(root_key, root), _signer(issuing_key, issuing)


def _signer(private_pem: bytes, pem: bytes) -> Signer:
    private_key = serialization.load_pem_private_key(private_pem, password=None)
    if not isinstance(private_key, ec.EllipticCurvePrivateKey):
        raise TypeError("the sandbox's CA keys are elliptic")
    return Signer(x509.load_pem_x509_certificate(pem), private_key)


def _private_pem(private_key: ec.EllipticCurvePrivateKey) -> bytes:
    return private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _server_context(pem: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    descriptor, path = tempfile.mkstemp()  # readable by its owner only; the ssl module takes nothing but files
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        context.load_cert_chain(path)
    finally:
        Path(path).unlink()
    return context


def _ca_name(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "CaaS Sandbox (trusted by no one)"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _leaf_name(names: list[str], subject: Subject | None) -> x509.Name:
    parts = []
    if subject is not None:
        parts.append(x509.NameAttribute(NameOID.COUNTRY_NAME, subject.country))
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject.organization))
    if len(names[0]) <= 64:  # the limit X.520 sets for a common name
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, names[0]))
    return x509.Name(parts)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _policies(validation_type: str) -> x509.CertificatePolicies:
    identifier = x509.ObjectIdentifier(POLICIES[validation_type])
    return x509.CertificatePolicies([x509.PolicyInformation(identifier, None)])


def _authority_key(signer: Signer) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.private_key.public_key())


def _issuer_access(url: str) -> x509.AuthorityInformationAccess:
    place = x509.UniformResourceIdentifier(url)
    return x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)])


def _leaf_usage(public_key: CertificatePublicKeyTypes) -> x509.KeyUsage:
    """What the key is for: an RSA key also encrypts the keys of old connections."""
    return _usage(digital_signature=True, key_encipherment=isinstance(public_key, rsa.RSAPublicKey))


def _ca_usage() -> x509.KeyUsage:
    return _usage(digital_signature=True, key_cert_sign=True, crl_sign=True)


def _usage(**purposes: bool) -> x509.KeyUsage:
    return x509.KeyUsage(**(dict.fromkeys(_PURPOSES, False) | purposes))
