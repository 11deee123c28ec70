"""The project's own sandbox (docs/sandbox.md) in a namespace, for what Pebble cannot: subscriptions with their names.

Its admin API is called as the vendor's guide does, with curl, and not through the portal.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .acme_server import AcmeServer, Binding, trust
from .customer import PLAIN_NAMES, WILDCARD_NAMES, Customer, prepare_machine
from .dns import CUSTOMER_ZONE, UpdateKey
from .namespace import Namespace

MANAGE = Path(__file__).parents[2] / "manage.py"
LOGIN = {"loginName": "northwind-reseller", "loginPassword": "only-for-tests"}
ADMIN = "http://127.0.0.1:8901"

SUBSCRIBED_NAMES = tuple(dict.fromkeys((*PLAIN_NAMES, *WILDCARD_NAMES)))
FOREIGN_NAME = f"shop.{CUSTOMER_ZONE}"
ORGANIZATION = "Northwind Traders & Söhne"
_ANCHOR = "1234567"


@dataclass(frozen=True)
class SandboxCa:
    """A running sandbox, and the machine it shares with its customers."""

    namespace: Namespace
    server: AcmeServer
    update_key: UpdateKey

    @classmethod
    def starts(cls, namespace: Namespace) -> "SandboxCa":
        """A machine as `prepare_machine` makes it, with a sandbox whose HTTPS its system trusts."""
        update_key = prepare_machine(namespace)
        sandbox = cls(namespace, _start(namespace), update_key)
        trust(namespace, sandbox.server.https_ca)
        sandbox.control("anchors", number=_ANCHOR, organization=ORGANIZATION, country="DE")
        return sandbox

    def customer(self, *names: str, validation_type: str = "OV") -> Customer:
        """Someone with a new subscription that holds these names (`SUBSCRIBED_NAMES` unless given)."""
        binding = self.preregister(validation_type)
        for name in names or SUBSCRIBED_NAMES:
            self.add_domain(binding, name)
        return Customer(self.namespace, self.server, self.update_key, binding)

    def preregister(self, validation_type: str = "OV") -> Binding:
        """New ACME credentials, without a name yet."""
        (server,) = [
            server for server in self.ask("LISTSERVERS")["Servers"] if server["certValidationType"] == validation_type
        ]
        (account,) = self.ask("PREREGISTER", serverUrl=server["serverUrl"])["Accounts"]
        return Binding(server["serverUrl"], account["eabMACIDb64url"], account["eabMACKeyb64url"])

    def add_domain(self, binding: Binding, name: str) -> None:
        """Adds a name to the subscription; the sandbox's account ID is the EAB key ID."""
        anchor = {"ovAnchorOrderNumber": _ANCHOR} if binding.directory_url.endswith("/OV") else {}
        self.ask("ADDDOMAIN", acmeAccountID=binding.key_id, domainName=name, **anchor)

    def last_serials(self, binding: Binding) -> dict[str, int]:
        """The serial number of the newest certificate of each name, as the reseller is told (GETLASTORDER)."""
        orders = self.ask("GETLASTORDER", acmeAccountID=binding.key_id)["Orders"]
        return {order["domainName"]: int(order["serialNumber"], 16) for order in orders}

    def hurries(self) -> None:
        """From now on challenges and orders are not in processing first: clients wait for seconds where they are."""
        self.control("switches", processingSeconds=0)

    def ask(self, action: str, **arguments: str) -> dict[str, Any]:
        """One call of the admin API. Raises AssertionError with what was said for a refused one."""
        form = LOGIN | {"action": action} | arguments
        data = [part for name, value in form.items() for part in ("--data-urlencode", f"{name}={value}")]
        return self._post(f"{ADMIN}/products/!ACMEAdmin", *data)

    def control(self, topic: str, **content: object) -> dict[str, Any]:
        """One order to the sandbox itself: its clock, its faults, its switches."""
        header = ["--header", "Content-Type: application/json"]
        return self._post(f"{ADMIN}/_sandbox/{topic}", *header, "--data", json.dumps(content))

    def _post(self, url: str, *arguments: str) -> dict[str, Any]:
        said = self.namespace.run(["curl", "-sS", "--fail-with-body", url, *arguments]).stdout
        answer: dict[str, Any] = json.loads(said)
        return answer


def _start(namespace: Namespace) -> AcmeServer:
    directory = namespace.directory / "sandbox"
    directory.mkdir()
    login = ":".join(LOGIN.values())
    command = [sys.executable, str(MANAGE), "sandbox", "--state", str(directory / "state.sqlite3"), "--login", login]
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "ENV_FILE": os.devnull}
    with (directory / "sandbox.log").open("wb") as log:
        namespace.popen([*command, "--resolver", "127.0.0.1:53"], env=environment, stdout=log, stderr=log)
    namespace.wait_for_port(8901)
    namespace.wait_for_port(8902)
    root = directory / "ca.pem"
    return AcmeServer(root.read_text(), root)
