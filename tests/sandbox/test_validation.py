"""HTTP-01 and DNS-01 really looked up: a name server and a web server of our own, both on loopback."""

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from subscriptions.sandbox.acme.validation import Attempt, Failed, RealValidator

NAME = "northwind.example"


class NameServer:
    """Answers from `zone`, a dict of (name, type) to texts; unknown names do not exist."""

    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], list[str]] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bell:
            bell.sendto(b"", self.address)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            packet, client = self._socket.recvfrom(4096)
            if not packet:
                return
            self._socket.sendto(self._answer(dns.message.from_wire(packet)), client)

    def _answer(self, query: dns.message.Message) -> bytes:
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if (name, kind) in self.zone:
            texts = self.zone[name, kind]
            response.answer.append(dns.rrset.from_text(question.name, 1, "IN", kind, *texts))
        else:
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


class WebServer(HTTPServer):
    """Serves `pages`, a dict of path to text; a text that is a URL is a redirect. Notes the Host headers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), WebHandler)
        self.pages: dict[str, str] = {}
        self.hosts: list[str] = []


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
def name_server() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.close()


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    with WebServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def validator(name_server: NameServer, web_server: WebServer) -> RealValidator:
    name_server.zone[NAME, "A"] = ["127.0.0.1"]
    return RealValidator(resolver=name_server.address, http_port=web_server.server_address[1])


def attempt(kind: str) -> Attempt:
    return Attempt(kind, NAME, "the-token", "the-thumbprint")


def failure(validator: RealValidator, kind: str) -> tuple[str, str]:
    with pytest.raises(Failed) as caught:
        validator(attempt(kind))
    return caught.value.document["type"].rpartition(":")[2], caught.value.document["detail"]


PATH = "/.well-known/acme-challenge/the-token"


def test_http_it_works(validator: RealValidator, web_server: WebServer) -> None:
    web_server.pages[PATH] = "the-token.the-thumbprint\n"

    validator(attempt("http-01"))

    assert web_server.hosts == [NAME]


def test_http_follows_redirects(validator: RealValidator, web_server: WebServer) -> None:
    web_server.pages[PATH] = f"http://{NAME}/elsewhere?token=1"
    web_server.pages["/elsewhere?token=1"] = "the-token.the-thumbprint"

    validator(attempt("http-01"))

    web_server.pages[PATH] = f"http://{NAME}{PATH}"
    assert failure(validator, "http-01") == ("unauthorized", f"Invalid response from http://{NAME}{PATH}: 302")
    web_server.pages[PATH] = "ftp://elsewhere.example/"
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
        validator = RealValidator(resolver=name_server.address, http_port=bound.getsockname()[1])

        kind, detail = failure(validator, "http-01")

    assert kind == "connection"
    assert detail.startswith(f"Fetching http://{NAME}{PATH}: ")


def test_http_by_the_systems_own_names(web_server: WebServer) -> None:
    web_server.pages[PATH] = "the-token.the-thumbprint"

    validator = RealValidator(http_port=web_server.server_address[1])
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
