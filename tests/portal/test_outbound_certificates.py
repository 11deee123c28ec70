"""Reading what a TLS server serves: whatever it is, and from public addresses only."""

import socket
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from portal.outbound import Off, OutboundError, Refused, TimedOut, Unreachable, Unreadable, served_certificate
from tests.loopback import LoopbackServer
from tests.preflight.certificates import VERSION_SIX, TlsServer, make_certificate, strange_certificate

HOST = "shop.example.com"


@pytest.fixture
def allowed(settings: Settings) -> None:
    settings.OUTBOUND, settings.OUTBOUND_ALLOWED_NETWORKS = True, ["127.0.0.1/32"]


@pytest.mark.usefixtures("allowed")
def test_it_works(tmp_path: Path) -> None:
    certificate = make_certificate(["other.example.com"], days=1)  # ended, and of another name
    with TlsServer(tmp_path, certificate) as server:
        served = served_certificate(HOST, "127.0.0.1", port=server.port)

    assert (served.certificate, served.address, server.asked) == (certificate, "127.0.0.1", [HOST])


def test_what_is_not_public_is_not_connected_to(settings: Settings, tmp_path: Path) -> None:
    settings.OUTBOUND = True
    with TlsServer(tmp_path, make_certificate([HOST])) as server:
        for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "localhost"):
            with pytest.raises(Refused):
                served_certificate(HOST, address, port=server.port)
        settings.OUTBOUND = False
        with pytest.raises(Off):
            served_certificate(HOST, "127.0.0.1", port=server.port)
        assert server.server.connections == 0


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28"])
def test_who_speaks_no_tls(answer: bytes) -> None:
    def serve(server: Any, connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    server = LoopbackServer(serve)
    with pytest.raises(OutboundError) as raised:
        served_certificate(HOST, "127.0.0.1", port=server.port)
    server.close()
    assert isinstance(raised.value, Unreachable | Unreadable)


@pytest.mark.usefixtures("allowed")
def test_who_takes_too_long_is_left() -> None:
    def drip(server: Any, connection: socket.socket) -> None:
        while not server.stopped.wait(0.02):
            connection.sendall(b"\x16")

    server = LoopbackServer(drip)
    began = time.monotonic()
    with pytest.raises((TimedOut, Unreadable)):
        served_certificate(HOST, "127.0.0.1", port=server.port, until=began + 0.3)
    assert time.monotonic() - began < 3
    server.close()


@pytest.mark.usefixtures("allowed")
def test_a_name_that_cannot_be_asked_for(tmp_path: Path) -> None:
    with TlsServer(tmp_path, make_certificate([HOST])) as server, pytest.raises(Unreadable):
        served_certificate(f"{'a' * 70}.example.com", "127.0.0.1", port=server.port)


@pytest.mark.usefixtures("allowed")
def test_what_cryptography_does_not_read(tmp_path: Path) -> None:
    with TlsServer(tmp_path, strange_certificate([HOST], *VERSION_SIX)) as server, pytest.raises(Unreadable):
        served_certificate(HOST, "127.0.0.1", port=server.port)
