"""Each way to fail before the first byte, through TLS and a proxy: the CA has seen nothing, and nobody was asked."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError, NotSent, UnreadableReply
from subscriptions.caas.transport import Timeouts

from .certificates import self_signed, server_context
from .loopback import Listener, LoopbackCa, loopback
from .scripted_ca import Unlimited

PATIENT = Timeouts(connect=5, read=5, total=5)
NAME = "ca.northwind.example"


class Look:
    """Says yes, and notes what the CA had received by then."""

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener
        self.seen: list[bytes] = []

    def __call__(self) -> bool:
        if self._listener is not None:
            assert self._listener.connected.wait(5)
        self.seen.append(bytes(self._listener.received) if self._listener else b"")
        return True


def failure(url: str, look: Look, timeout: Timeouts = PATIENT) -> CaasError:
    with (
        CaasClient(
            url=url, login_name="northwind", login_password="pw", timeout=timeout, limiter=Unlimited()
        ) as client,
        pytest.raises(CaasError) as caught,
    ):
        client.add_domain(acme_account_id="A1", name="domain.com", last_look=look)
    return caught.value


def secure(server: LoopbackCa) -> str:
    return server.url.replace("http://", "https://")


def held(server: LoopbackCa, connection: socket.socket) -> None:
    """Take the connection and say nothing, not even in TLS."""
    server.stopped.wait(10)


def hung_up(server: LoopbackCa, connection: socket.socket) -> None:
    """Take the first bytes of TLS and close the connection."""
    connection.recv(1)


def garbled(server: LoopbackCa, connection: socket.socket) -> None:
    """Answer in another protocol."""
    connection.recv(1)
    connection.sendall(b"220 mail.northwind.example ready\r\n" * 4)
    server.stopped.wait(10)


@pytest.mark.parametrize(
    ("serve", "timeout", "sentence"),
    [
        (hung_up, PATIENT, "No connection to the CA could be made: "),
        (garbled, PATIENT, "No connection to the CA could be made: "),
        (held, Timeouts(connect=0.1, read=5, total=5), "No connection to the CA could be made within 0.1 seconds."),
        (
            held,
            Timeouts(connect=5, read=5, total=0.1),
            "Nothing was sent: the connection to the CA was not ready within 0.1 seconds.",
        ),
    ],
)
def test_a_failure_of_tls_is_not_sent_and_asks_nobody(
    serve: Callable[[LoopbackCa, socket.socket], None], timeout: Timeouts, sentence: str
) -> None:
    look = Look()
    with loopback(serve) as server:
        error = failure(secure(server), look, timeout)
    assert type(error) is NotSent
    assert str(error).startswith(sentence)
    assert look.seen == []


def test_a_certificate_nobody_trusts_is_not_sent(tmp_path: Path) -> None:
    look, listener = Look(), Listener(server_context(self_signed(tmp_path, "localhost")))
    with loopback(listener) as server:
        error = failure(secure(server).replace("127.0.0.1", "localhost"), look)
    assert type(error) is NotSent
    assert "certificate" in str(error)
    assert look.seen == []
    assert listener.received == b""


def test_a_port_where_nobody_listens_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    look = Look()
    error = failure(f"http://127.0.0.1:{port}/", look)
    assert type(error) is NotSent
    assert str(error) == "No connection to the CA could be made: All connection attempts failed."
    assert look.seen == []


class Proxy:
    """Lets a CONNECT through to the CA behind it, or answers it otherwise; for use as `serve`."""

    def __init__(self, serve: Callable[[LoopbackCa, socket.socket], None] | None) -> None:
        self._serve = serve
        self.asked = b""

    def __call__(self, server: LoopbackCa, connection: socket.socket) -> None:
        while not self.asked.endswith(b"\r\n\r\n"):
            self.asked += connection.recv(1)
        if self._serve is None:
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        self._serve(server, connection)


@pytest.fixture
def behind_a_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[str, Path, pytest.MonkeyPatch]:
    certificate = self_signed(tmp_path, NAME)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    for name in ("ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    return f"https://{NAME}/products/!ACMEAdmin", certificate, monkeypatch


def test_the_look_comes_once_behind_a_proxy_when_tls_with_the_ca_is_done(
    behind_a_proxy: tuple[str, Path, pytest.MonkeyPatch],
) -> None:
    url, certificate, environment = behind_a_proxy
    listener = Listener(server_context(certificate))
    proxy, look = Proxy(listener), Look(listener)
    with loopback(proxy) as server:
        environment.setenv("HTTPS_PROXY", server.url.removesuffix("/products/!ACMEAdmin"))
        error = failure(url, look)
    assert type(error) is UnreadableReply
    assert proxy.asked.startswith(f"CONNECT {NAME}:443 ".encode())
    assert look.seen == [b""]
    assert b"action=ADDDOMAIN" in listener.received


@pytest.mark.parametrize("serve", [None, hung_up, garbled])
def test_a_failure_behind_the_proxys_back_is_not_sent_and_asks_nobody(
    behind_a_proxy: tuple[str, Path, pytest.MonkeyPatch],
    serve: Callable[[LoopbackCa, socket.socket], None] | None,
) -> None:
    url, _, environment = behind_a_proxy
    proxy, look = Proxy(serve), Look()
    with loopback(proxy) as server:
        environment.setenv("HTTPS_PROXY", server.url.removesuffix("/products/!ACMEAdmin"))
        error = failure(url, look)
    assert type(error) is NotSent
    assert look.seen == []
    assert proxy.asked.startswith(b"CONNECT ")
    if serve is None:
        assert str(error) == "No connection to the CA could be made: 403 Forbidden."


def test_a_total_deadline_covers_a_proxy_that_hangs(
    behind_a_proxy: tuple[str, Path, pytest.MonkeyPatch],
) -> None:
    url, _, environment = behind_a_proxy
    look = Look()
    with loopback(held) as server:
        environment.setenv("HTTPS_PROXY", server.url.removesuffix("/products/!ACMEAdmin"))
        error = failure(url, look, Timeouts(connect=5, read=5, total=0.1))
    assert type(error) is NotSent
    assert look.seen == []
