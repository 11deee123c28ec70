"""A request whose length cannot be read is refused at once, by both servers."""

import http.client
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.validation import accept_everything
from subscriptions.sandbox.admin_server import ENDPOINT
from subscriptions.sandbox.runner import running

TARGETS = [("admin", ENDPOINT), ("admin", "/_sandbox/clock"), ("admin", "/nothing"), ("acme", "/v2/OV/newAccount")]
WRONG = ["-1", "+1", "1_0", "1.5", "0x10", "nonsense", "9" * 5000]


@pytest.fixture
def servers(sandbox: Sandbox) -> Iterator[dict[str, http.client.HTTPConnection]]:
    with running(sandbox, ("127.0.0.1", 0), 0, accept_everything) as admin:
        context = ssl.create_default_context(cadata=sandbox.authority.root_pem.decode())
        acme_port = urlsplit(sandbox.switches.acme_base).port
        connections = {
            "admin": http.client.HTTPConnection("127.0.0.1", admin.server_address[1], timeout=10),
            "acme": http.client.HTTPSConnection("localhost", acme_port, timeout=10, context=context),
        }
        yield connections
        for connection in connections.values():
            connection.close()


def post(connection: http.client.HTTPConnection, path: str, length: str) -> http.client.HTTPResponse:
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", length)
    connection.endheaders()
    return connection.getresponse()


@pytest.mark.parametrize(("server", "path"), TARGETS)
@pytest.mark.parametrize("length", WRONG)
def test_a_wrong_length_is_refused(
    servers: dict[str, http.client.HTTPConnection],
    server: str,
    path: str,
    length: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    response = post(servers[server], path, length)

    assert (response.status, response.headers["Connection"]) == (400, "close")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("server", "path"), TARGETS)
def test_no_body_is_none(servers: dict[str, http.client.HTTPConnection], server: str, path: str) -> None:
    response = post(servers[server], path, "0")

    assert response.headers["Connection"] is None
    assert response.read()
