"""A sandbox with a clock of its own and one short way to ask it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from subscriptions.sandbox import Reply, Sandbox, Switches
from subscriptions.sandbox.acme.service import AcmeService
from subscriptions.sandbox.acme.validation import accept_everything

from .acme_client import AcmeClient, direct
from .name_server import NameServer

LOGIN_NAME = "northwind-reseller"
LOGIN_PASSWORD = "correct horse"
START = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
OV_URL = "https://acme.sectigo.com/v2/OV"
DV_URL = "https://acme.sectigo.com/v2/DV"


class Desk:
    """A reseller who speaks to a sandbox."""

    def __init__(self, sandbox: Sandbox, login_name: str, login_password: str) -> None:
        self.sandbox = sandbox
        self.login = {"loginName": login_name, "loginPassword": login_password}

    def reply(self, action: str, **arguments: str) -> Reply:
        """The raw reply of a call."""
        body = urlencode(self.login | {"action": action} | arguments)
        return self.sandbox.handle_admin(body.encode())

    def ask(self, action: str, **arguments: str) -> dict[str, Any]:
        """The content of a call that succeeds."""
        reply = self.reply(action, **arguments)
        assert (reply.status, reply.cut) == (200, False), reply.body
        content: dict[str, Any] = json.loads(reply.body)
        return content

    def refusal(self, action: str, **arguments: str) -> tuple[int, str]:
        """Status and detail of a call that is refused."""
        reply = self.reply(action, **arguments)
        content = json.loads(reply.body)
        assert sorted(content) == ["detail", "type"]
        return reply.status, content["detail"]

    def new_account(self, server_url: str = DV_URL, **arguments: str) -> str:
        """The acmeAccountID of a new ACME account."""
        entry = self.ask("PREREGISTER", serverURL=server_url, **arguments)["Accounts"][0]
        return str(entry["acmeAccountID"])

    def add(self, acme_account_id: str, name: str, **arguments: str) -> dict[str, Any]:
        """Add a name."""
        return self.ask("ADDDOMAIN", acmeAccountID=acme_account_id, domainName=name, **arguments)


class Binding:
    """An EAB pair with its subscription."""

    def __init__(self, desk: Desk, server_url: str, *names: str) -> None:
        entry = desk.ask("PREREGISTER", serverURL=server_url)["Accounts"][0]
        self.key_id, self.mac_key = entry["eabMACIDb64url"], entry["eabMACKeyb64url"]
        anchor = {"ovAnchorOrderNumber": "4"} if server_url == OV_URL else {}
        for name in names:
            desk.add(self.key_id, name, **anchor)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox whose time stands still at START, and whose ACME side therefore does at once what it is asked for."""
    made = Sandbox(
        tmp_path / "sandbox.sqlite3",
        clock=lambda: START,
        logins={LOGIN_NAME: LOGIN_PASSWORD, "contoso-reseller": "another secret"},
        switches=Switches(processing_seconds=0),
    )
    yield made
    made.close()


@pytest.fixture
def desk(sandbox: Sandbox) -> Desk:
    """The reseller most tests are about."""
    return Desk(sandbox, LOGIN_NAME, LOGIN_PASSWORD)


@pytest.fixture
def other_desk(sandbox: Sandbox) -> Desk:
    """Another reseller of the same sandbox."""
    return Desk(sandbox, "contoso-reseller", "another secret")


@pytest.fixture
def name_server() -> Iterator[NameServer]:
    """A name server without a name yet."""
    server = NameServer()
    yield server
    server.close()


@pytest.fixture
def service(sandbox: Sandbox) -> AcmeService:
    """The ACME side of the sandbox; it checks no challenge."""
    return AcmeService(sandbox, accept_everything)


@pytest.fixture
def client(service: AcmeService) -> AcmeClient:
    """A client at the OV directory, not registered."""
    return AcmeClient(direct(service))


@pytest.fixture
def binding(desk: Desk) -> Binding:
    """An OV binding with three names."""
    return Binding(desk, OV_URL, "northwind.example", "www.northwind.example", "*.northwind.example")


@pytest.fixture
def registered(client: AcmeClient, binding: Binding) -> AcmeClient:
    """The client, registered with the binding."""
    assert client.register(binding.key_id, binding.mac_key).status == 201
    return client
