"""What a client needs of an ACME server, whichever it is: Pebble or the project's own sandbox."""

from dataclasses import dataclass, field
from pathlib import Path

from .namespace import Namespace

_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


@dataclass(frozen=True)
class AcmeServer:
    """A running ACME server: the root of the certificates it issues, and the CA of its own HTTPS."""

    root_pem: str
    https_ca: Path


@dataclass(frozen=True)
class Binding:
    """ACME credentials as a customer gets them."""

    directory_url: str
    key_id: str
    hmac_key: str = field(repr=False)


def trust(namespace: Namespace, ca: Path) -> None:
    """Adds a CA to what the namespace's system trusts, and Node.js, which has a list of its own."""
    namespace.path(_BUNDLE).write_text(Path(_BUNDLE).read_text() + ca.read_text())
    namespace.environment["NODE_EXTRA_CA_CERTS"] = _BUNDLE
