"""Pebble, Let's Encrypt's test ACME server, in a namespace: not ours, strict, and EAB required."""

import datetime as dt
import json
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from .acme_server import AcmeServer, trust
from .dns import ACME_HOST
from .namespace import Namespace

DIRECTORY_URL = f"https://{ACME_HOST}:14000/dir"
MANAGEMENT_URL = f"https://{ACME_HOST}:15000"

# Base64url text as the CA gives it, with the signs that a careless recipe would trip over.
CREDENTIALS = {
    "-kid_1-northwind": "-zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkM_-12",
    "kid-2_northwind": "b10lLJs8l1GPIzsLP0s6pMt8O0XVGnfTaCeROxQM0BIt2XrJMDHJZBM5NuQmQJQH",
}

LIFETIME = dt.timedelta(days=90)

_ENVIRONMENT = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}


def start_pebble(
    namespace: Namespace, *, trusted: bool = True, lifetime: dt.timedelta = LIFETIME, tls_alpn_port: int = 443
) -> AcmeServer:
    """Starts Pebble on 14000, its HTTPS trusted by the whole namespace or by no one. Names must be served already.

    The root of what it issues is a new one at every start. `lifetime` is that of its certificates. On a `tls_alpn_port`
    where no one listens TLS-ALPN-01 fails.
    """
    directory = namespace.directory / "pebble"
    directory.mkdir()
    _write_https_certificate(directory)
    if trusted:
        trust(namespace, directory / "ca.pem")
    config = _config(directory) | {
        "certificateValidityPeriod": int(lifetime.total_seconds()),
        "tlsPort": tls_alpn_port,
    }
    (directory / "config.json").write_text(json.dumps({"pebble": config}))
    command = ["pebble", "-config", str(directory / "config.json"), "-dnsserver", "127.0.0.1:53", "-strict=false"]
    with (directory / "pebble.log").open("wb") as log:
        namespace.popen(command, env=_ENVIRONMENT, stdout=log, stderr=log)
    namespace.wait_for_port(14000)
    namespace.wait_for_port(15000)
    ca = directory / "ca.pem"
    root = namespace.run(["curl", "-fsS", "--cacert", str(ca), f"{MANAGEMENT_URL}/roots/0"]).stdout
    return AcmeServer(root, ca)


def _config(directory: Path) -> dict[str, object]:
    return {
        "listenAddress": "127.0.0.1:14000",
        "managementListenAddress": "127.0.0.1:15000",
        "certificate": str(directory / "https.pem"),
        "privateKey": str(directory / "https.key"),
        "httpPort": 80,
        "externalAccountBindingRequired": True,
        "externalAccountMACKeys": CREDENTIALS,
    }


def _write_https_certificate(directory: Path) -> None:
    """A throw-away CA and a certificate for Pebble's own HTTPS, valid for years: clients' clocks are moved."""
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA of this run")])
    ca = _builder(ca_name, ca_name, ca_key.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ACME_HOST)])
    leaf = _builder(subject, ca_name, key.public_key()).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(ACME_HOST)]), critical=False
    )
    (directory / "ca.pem").write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    (directory / "https.pem").write_bytes(leaf.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    (directory / "https.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=3650))
    )
