"""HTTP-01 and DNS-01 really looked up: a name server and a web server of our own, both on loopback."""

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.lookups import Lookups
from subscriptions.sandbox.acme.problems import Problem
from subscriptions.sandbox.acme.validation import MAX_REDIRECTS, Attempt, RealValidator

from .name_server import NameServer

NAME = "northwind.example"


class WebServer(HTTPServer):
    """Serves `pages`, a dict of path to text; a text that is a URL is a redirect. Notes the Host headers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), WebHandler)
        self.pages: dict[str, str] = {}
        self.hosts: list[str] = []


@contextmanager
def serving(server: WebServer) -> Iterator[WebServer]:
    """The server, answering in a thread of its own while the block runs."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class WebHandler(BaseHTTPRequestHandler):
    server: WebServer

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])
        text = self.server.pages.get(self.path)
        if text is None:
            self.send_error(404)
        elif ":" in text:
            self.send_response(302)
            self.send_header("Location", text)
            self.end_headers()
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    with serving(WebServer()) as server:
        yield server


@pytest.fixture
def secure_server(sandbox: Sandbox) -> Iterator[WebServer]:
    """The same with TLS, and a certificate of another name by a CA that nobody trusts."""
    made = WebServer()
    made.socket = sandbox.authority.tls_context(["contoso.example"]).wrap_socket(made.socket, server_side=True)
    with serving(made) as server:
        yield server


@pytest.fixture
def validator(name_server: NameServer, web_server: WebServer) -> RealValidator:
    name_server.zone[NAME, "A"] = ["127.0.0.1"]
    return RealValidator(Lookups(name_server.address), http_port=web_server.server_address[1])


def attempt(kind: str) -> Attempt:
    return Attempt(kind, NAME, "the-token", "the-thumbprint")


def failure(validator: RealValidator, kind: str) -> tuple[str, str]:
    with pytest.raises(Problem) as caught:
        validator(attempt(kind))
    return caught.value.document["type"].rpartition(":")[2], caught.value.document["detail"]


PATH = "/.well-known/acme-challenge/the-token"


def test_http_it_works(validator: RealValidator, web_server: WebServer) -> None:
    web_server.pages[PATH] = "the-token.the-thumbprint\n"

    validator(attempt("http-01"))

    assert web_server.hosts == [NAME]


def test_http_follows_redirects(validator: RealValidator, web_server: WebServer) -> None:
    web_server.pages[PATH] = f"http://{NAME}:80/elsewhere?token=1#part"
    web_server.pages["/elsewhere?token=1"] = "the-token.the-thumbprint"

    validator(attempt("http-01"))

    assert len(web_server.hosts) == 2


def test_http_follows_no_endless_redirects(validator: RealValidator, web_server: WebServer) -> None:
    web_server.pages[PATH] = f"http://{NAME}{PATH}"

    assert failure(validator, "http-01") == ("unauthorized", f"Invalid response from http://{NAME}{PATH}: 302")
    assert len(web_server.hosts) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    "place", ["https://www.northwind.example/elsewhere", "https://www.northwind.example:443/elsewhere"]
)
def test_http_follows_redirects_to_https_whatever_its_certificate(
    sandbox: Sandbox, name_server: NameServer, web_server: WebServer, secure_server: WebServer, place: str
) -> None:
    name_server.zone |= {(NAME, "A"): ["127.0.0.1"], ("www.northwind.example", "A"): ["127.0.0.1"]}
    web_server.pages[PATH] = place
    secure_server.pages["/elsewhere"] = "the-token.the-thumbprint"
    ports = {"http_port": web_server.server_address[1], "https_port": secure_server.server_address[1]}

    RealValidator(Lookups(name_server.address), **ports)(attempt("http-01"))

    assert len(secure_server.hosts) == 1


@pytest.mark.parametrize(
    "place",
    [
        "ftp://elsewhere.example/",
        f"http://{NAME}:8080/",
        f"https://{NAME}:8443/",
        f"http://{NAME}:99999/",
        f"http://someone@{NAME}/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "file:///etc/passwd",
    ],
)
def test_redirects_that_no_ca_follows(validator: RealValidator, web_server: WebServer, place: str) -> None:
    web_server.pages[PATH] = place

    assert failure(validator, "http-01") == ("connection", f"Redirects to {place}, which is not followed")


def test_redirect_to_bytes_that_are_no_url(validator: RealValidator, web_server: WebServer) -> None:
    web_server.pages[PATH] = f"http://{NAME}/ü"

    assert failure(validator, "http-01")[0] == "connection"


def test_http_failures(validator: RealValidator, web_server: WebServer, name_server: NameServer) -> None:
    assert failure(validator, "http-01") == ("unauthorized", f"Invalid response from http://{NAME}{PATH}: 404")

    web_server.pages[PATH] = "the-token.another-thumbprint"
    assert failure(validator, "http-01")[0] == "unauthorized"

    del name_server.zone[NAME, "A"]
    assert failure(validator, "http-01") == ("dns", f"No address found for {NAME}")


def test_http_port_that_is_closed(name_server: NameServer) -> None:
    name_server.zone[NAME, "A"] = ["127.0.0.1"]
    with socket.socket() as bound:  # bound but not listening: nothing else can take the port, and nothing answers
        bound.bind(("127.0.0.1", 0))
        validator = RealValidator(Lookups(name_server.address), http_port=bound.getsockname()[1])

        kind, detail = failure(validator, "http-01")

    assert kind == "connection"
    assert detail.startswith(f"Fetching http://{NAME}{PATH}: ")


def test_http_by_the_systems_own_names(web_server: WebServer) -> None:
    web_server.pages[PATH] = "the-token.the-thumbprint"

    validator = RealValidator(Lookups(), http_port=web_server.server_address[1])
    validator(Attempt("http-01", "localhost", "the-token", "the-thumbprint"))

    assert web_server.hosts == ["localhost"]


def test_dns_it_works(validator: RealValidator, name_server: NameServer) -> None:
    digest = hashlib.sha256(b"the-token.the-thumbprint").digest()
    record = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    name_server.zone[f"_acme-challenge.{NAME}", "TXT"] = ['"left over from yesterday"', f'"{record}"']

    validator(attempt("dns-01"))


def test_dns_failures(validator: RealValidator, name_server: NameServer) -> None:
    record = f"_acme-challenge.{NAME}"
    assert failure(validator, "dns-01") == ("unauthorized", f"No TXT record found at {record}")

    name_server.zone[record, "TXT"] = ['"left over from yesterday"']
    assert failure(validator, "dns-01") == ("unauthorized", f"No TXT record at {record} is the expected one")
