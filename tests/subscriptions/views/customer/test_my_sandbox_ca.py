"""The download of the sandbox's throw-away root."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import Client
from django.urls import reverse
from django.utils import timezone


@pytest.fixture
def ca_file(tmp_path: Path, settings: Any) -> Path:
    """A file with a root and, by mistake, its private key."""
    private_key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox Root")]), timezone.now()
    root = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(private_key, hashes.SHA256())
    )
    private_pem = private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "ca.pem"
    path.write_bytes(root.public_bytes(serialization.Encoding.PEM) + private_pem)
    settings.CAAS_SANDBOX, settings.CAAS_SANDBOX_CA_FILE = True, str(path)
    return path


def test_it_works_without_a_sign_in(client: Client, ca_file: Path) -> None:
    response = client.get(reverse("subscriptions:my-sandbox-ca"))
    assert response["Content-Type"] == "application/x-pem-file"
    [root] = x509.load_pem_x509_certificates(response.content)
    assert root.serial_number == 1
    assert b"PRIVATE KEY" not in response.content


def test_only_the_sandbox_has_one(db: None, client: Client, ca_file: Path, settings: Any) -> None:
    settings.CAAS_SANDBOX = False
    assert client.get(reverse("subscriptions:my-sandbox-ca")).status_code == 404


def test_no_file_yet(db: None, client: Client, ca_file: Path) -> None:
    ca_file.unlink()
    assert client.get(reverse("subscriptions:my-sandbox-ca")).status_code == 404


def test_post_is_refused(client: Client, ca_file: Path) -> None:
    assert client.post(reverse("subscriptions:my-sandbox-ca")).status_code == 405
