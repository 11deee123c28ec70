"""BIND for a namespace: the names of the tests, updates allowed with one TSIG key (RFC 2136, RFC 8945)."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from .namespace import Namespace

ACME_HOST = "acme.test"
CUSTOMER_ZONE = "northwind.test"
# Too long for a certificate's common name.
LONG_NAME = f"{'a' * 50}.long.{CUSTOMER_ZONE}"

_CONFIG = """
options {{
    directory "{directory}";
    listen-on port 53 {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile none;
    recursion no;
    dnssec-validation no;
}};
controls {{ }};
key "{key_name}" {{ algorithm hmac-sha256; secret "{key_secret}"; }};
zone "test" {{ type primary; file "test.zone"; }};
zone "localhost" {{ type primary; file "localhost.zone"; }};
zone "{acme_host}" {{ type primary; file "{acme_host}.zone"; }};
zone "{customer_zone}" {{
    type primary;
    file "{customer_zone}.zone";
    update-policy {{ grant {key_name} zonesub TXT; }};
}};
"""

_ZONE = """$TTL 60
@ SOA ns.{zone}. hostmaster.{zone}. 1 60 60 600 60
@ NS ns.{zone}.
ns A 127.0.0.1
@ A 127.0.0.1
www A 127.0.0.1
*.long A 127.0.0.1
"""


@dataclass(frozen=True)
class UpdateKey:
    """The TSIG key that may change the customer's zone."""

    name: str
    secret: str


def start_dns(namespace: Namespace) -> UpdateKey:
    """Serves the names on 127.0.0.1:53 and makes it the namespace's resolver."""
    key = UpdateKey("acme-update", base64.b64encode(os.urandom(32)).decode())
    directory = namespace.directory / "bind"
    directory.mkdir()
    # A CA asks for CAA records up to the top-level domain, and HAProxy for localhost.
    for zone in ("test", "localhost", ACME_HOST, CUSTOMER_ZONE):
        (directory / f"{zone}.zone").write_text(_ZONE.format(zone=zone))
    (directory / "named.conf").write_text(
        _CONFIG.format(
            directory=directory,
            key_name=key.name,
            key_secret=key.secret,
            acme_host=ACME_HOST,
            customer_zone=CUSTOMER_ZONE,
        )
    )
    _use_resolver(namespace, directory)
    with (directory / "named.log").open("wb") as log:
        namespace.popen(["named", "-g", "-c", str(directory / "named.conf")], stdout=log, stderr=log)
    namespace.wait_for_port(53)
    return key


def _use_resolver(namespace: Namespace, directory: Path) -> None:
    # Bind-mounted, because /etc/resolv.conf may be a link to a file outside the private directories.
    resolver = directory / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\n")
    namespace.run(["mount", "--bind", str(resolver), "/etc/resolv.conf"])
