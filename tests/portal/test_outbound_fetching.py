"""HTTP to strangers: each hop is resolved and judged, and whatever they answer, it ends soon and stays small."""

import gzip
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from portal.outbound import Fetched, Off, OutboundError, Refused, TimedOut, Unreachable, Unreadable, get, get_json
from portal.outbound.fetching import MOST_BYTES
from tests.loopback import LoopbackServer
from tests.preflight.certificates import TlsServer, make_ca, make_certificate
from tests.preflight.name_server import NameServer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HOST = "shop.example.com"


class Web:
    """A web server on loopback that sends what it is told, and keeps what it was asked."""

    def __init__(self, answer: bytes | Callable[[Any, socket.socket], None]) -> None:
        self.answer = answer
        self.requests: list[str] = []
        self.server = LoopbackServer(self._serve)
        self.port = self.server.port

    def _serve(self, server: Any, connection: socket.socket) -> None:
        self.requests.append(connection.recv(65536).decode())
        if callable(self.answer):
            self.answer(server, connection)
        else:
            connection.sendall(self.answer)

    def url(self, path: str = "/", host: str = HOST) -> str:
        return f"http://{host}:{self.port}{path}"


@contextmanager
def web(answer: bytes | Callable[[Any, socket.socket], None] = OK) -> Iterator[Web]:
    served = Web(answer)
    try:
        yield served
    finally:
        served.server.close()


def redirect(to: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.fixture
def resolver(settings: Settings) -> Iterator[NameServer]:
    with NameServer() as server:
        server.records = {(HOST, "A"): ["127.0.0.1"], ("www.example.com", "A"): ["127.0.0.1"]}
        settings.OUTBOUND, settings.OUTBOUND_RESOLVERS = True, [server.setting]
        yield server


@pytest.fixture
def allowed(settings: Settings, resolver: NameServer) -> NameServer:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    return resolver


def soon() -> float:
    return time.monotonic() + 0.3


@pytest.mark.usefixtures("allowed")
def test_it_works() -> None:
    with web(b"HTTP/1.1 200 OK\r\nX-Note: yes\r\nContent-Length: 2\r\n\r\nok") as server:
        answer = get(server.url("/a?b=c"))

    headers = {"x-note": "yes", "content-length": "2"}
    assert answer == Fetched(200, headers, b"ok", True, server.url("/a?b=c"), "127.0.0.1", ())
    head = server.requests[0].lower().split("\r\n")
    assert head[:2] == ["get /a?b=c http/1.1", f"host: {HOST}:{server.port}"]
    assert {line.partition(":")[0] for line in head[1:] if line} == {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "connection",
    }


@pytest.mark.usefixtures("resolver")
def test_what_is_not_public_is_not_connected_to() -> None:
    with web() as server:
        for host in (HOST, "127.0.0.1", "[::1]", "[::ffff:7f00:1]"):
            with pytest.raises(Refused) as raised:
                get(server.url(host=host))
            assert raised.value.why == "not_public"
        with pytest.raises(Refused):
            get(server.url(), address="127.0.0.1")

    assert server.server.connections == 0


def test_nothing_goes_out_where_it_is_off(settings: Settings, allowed: NameServer) -> None:
    settings.OUTBOUND = False
    with web() as server, pytest.raises(Off):
        get(server.url())

    assert (server.server.connections, allowed.asked) == (0, [])


@pytest.mark.usefixtures("allowed")
def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with web() as proxy, web() as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert get(server.url()).body == b"ok"

    assert proxy.server.connections == 0


def test_an_answer_that_changes_leads_nowhere_else(settings: Settings, resolver: NameServer) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.2/32"]
    resolver.turns[HOST, "A"] = [["127.0.0.2"], ["127.0.0.1"]]

    with web() as server, pytest.raises(Unreachable):
        get(server.url())

    # It was asked once, and what was judged is what was connected to: nobody listens at 127.0.0.2.
    assert resolver.asked.count((HOST, "A")) == 1
    assert server.server.connections == 0


def test_a_redirect_to_the_same_name_is_judged_again(settings: Settings, resolver: NameServer) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    resolver.turns[HOST, "A"] = [["127.0.0.1"], ["127.0.0.2"]]

    with web(redirect("/again")) as server, pytest.raises(Refused) as raised:
        get(server.url(), ports={server.port})

    assert raised.value.why == "not_public"
    assert server.server.connections == 1


@pytest.mark.parametrize("host", ["127.0.0.2", "[::1]", "inside.example.com", "[::ffff:127.0.0.1]"])
def test_a_redirect_to_what_is_not_public_is_not_followed(allowed: NameServer, host: str) -> None:
    allowed.records["inside.example.com", "A"] = ["127.0.0.2"]
    with web() as second, web(redirect(f"http://{host}:{second.port}/")) as first, pytest.raises(Refused) as raised:
        get(first.url(), ports={first.port, second.port})

    assert (raised.value.why, second.server.connections) == ("not_public", 0)
    assert len(raised.value.redirects) == 1


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("http://www.example.com:22/", "port"),
        ("http://www.example.com:8080/", "port"),
        ("https://www.example.com:6379/", "port"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://www.example.com/", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http://user:secret@www.example.com/", "userinfo"),
        ("http://user@www.example.com/", "userinfo"),
    ],
)
def test_a_redirect_that_is_not_followed(allowed: NameServer, target: str, why: str) -> None:
    with web(redirect(target)) as server, pytest.raises(OutboundError) as raised:
        get(server.url())

    assert raised.value.why == why
    assert "secret" not in f"{raised.value} {raised.value.redirects}"
    assert ("www.example.com", "A") not in allowed.asked


@pytest.mark.parametrize(
    "target", ["http://[::1", "http://a..b/", "http://" + "a" * 70 + ".example/", "/" + "a" * 3000]
)
@pytest.mark.usefixtures("allowed")
def test_a_redirect_that_cannot_be_read(target: str) -> None:
    with web(redirect(target)) as server, pytest.raises(Unreadable):
        get(server.url(), ports={server.port, 80})


@pytest.mark.usefixtures("allowed")
def test_redirects_are_followed_so_far() -> None:
    with web() as last, web(redirect(f"http://www.example.com:{last.port}/b#part")) as first:
        answer = get(first.url("/a"), ports={last.port})
    assert (answer.status, answer.redirects) == (200, (f"http://www.example.com:{last.port}/b",))

    with web(redirect("/round")) as server, pytest.raises(Refused) as raised:
        get(server.url(), ports={server.port})
    assert (raised.value.why, server.server.connections) == ("too_many", 6)


def test_a_host_in_other_letters(allowed: NameServer) -> None:
    allowed.records["xn--mnchen-3ya.example", "A"] = ["127.0.0.1"]
    with web() as server:
        assert get(server.url(host="münchen.example")).status == 200
    assert f"xn--mnchen-3ya.example:{server.port}" in server.requests[0]


@pytest.mark.usefixtures("allowed")
def test_a_body_is_read_to_its_bound_only() -> None:
    def endless(server: Any, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not server.stopped.is_set():
            connection.sendall(b"x" * 65536)

    with web(endless) as server:
        answer = get(server.url())

    assert (len(answer.body), answer.is_whole) == (MOST_BYTES, False)


@pytest.mark.usefixtures("allowed")
def test_nothing_is_unpacked() -> None:
    packed = gzip.compress(b"0" * 10_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    with web(head + packed) as server:
        assert get(server.url()).body == packed[:MOST_BYTES]


def drip(server: Any, connection: socket.socket) -> None:
    for _ in range(1000):
        if server.stopped.wait(0.02):
            return
        connection.sendall(b"H")


def silence(server: Any, connection: socket.socket) -> None:
    server.stopped.wait(5)


def slow_body(server: Any, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    drip(server, connection)


def informing(server: Any, connection: socket.socket) -> None:
    while not server.stopped.wait(0.01):
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")


@pytest.mark.parametrize("answer", [drip, silence, slow_body, informing])
@pytest.mark.usefixtures("allowed")
def test_who_takes_too_long_is_left(answer: Callable[[Any, socket.socket], None]) -> None:
    began = time.monotonic()
    with web(answer) as server:
        with pytest.raises(TimedOut):
            get(server.url(), until=soon())
        assert time.monotonic() - began < 3


def endless_head(server: Any, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not server.stopped.is_set():
        connection.sendall(b"X-Filler: " + b"y" * 4000 + b"\r\n")


@pytest.mark.parametrize(
    "answer", [endless_head, b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00" * 300, b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
)
@pytest.mark.usefixtures("allowed")
def test_what_is_no_http_answer(answer: bytes | Callable[[Any, socket.socket], None]) -> None:
    with web(answer) as server, pytest.raises(Unreadable):
        get(server.url())


@pytest.mark.usefixtures("allowed")
def test_nobody_there() -> None:
    with web() as server:
        url = server.url()
    with pytest.raises(Unreachable):
        get(url)


def test_https_is_trusted_by_its_certificate_only(allowed: NameServer, tmp_path: Path) -> None:
    ca = make_ca(tmp_path / "ca.pem")
    good, other = make_certificate([HOST]), make_certificate(["other.example.com"], serial=2)
    ended = make_certificate([HOST], began=datetime.now(UTC) - timedelta(days=100), days=90, serial=3)

    with TlsServer(tmp_path, good) as server:
        assert get(f"https://{HOST}:{server.port}/", ca_file=str(ca)).status == 404
        assert server.asked == [HOST]
    for certificate, trusted in ((good, None), (other, str(ca)), (ended, str(ca))):
        with TlsServer(tmp_path, certificate) as server, pytest.raises(Unreadable) as raised:
            get(f"https://{HOST}:{server.port}/", ca_file=trusted)
        assert raised.value.why == "certificate"


@pytest.mark.usefixtures("allowed")
def test_json() -> None:
    with web(b'HTTP/1.1 200 OK\r\nRetry-After: 60\r\nContent-Length: 9\r\n\r\n{"a": 1}\n') as server:
        content, headers = get_json(server.url())
    assert (content, headers["retry-after"]) == ({"a": 1}, "60")

    for answer in (
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
        OK,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 60_000,
    ):
        with web(answer) as server, pytest.raises(Unreadable):
            get_json(server.url())
