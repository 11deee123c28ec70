"""Connections to judged addresses, each read and written within one time and one number of bytes."""

import errno
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from .addresses import require_reachable
from .errors import TimedOut, Unreachable, Unreadable
from .times import seconds_left

CONNECT = 3.0  # seconds
STEP = 5.0  # seconds for one read, write or handshake
_NO_ROUTE = {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.ENETDOWN}


class TooLongError(Exception):
    """More bytes came than may be read."""


def connect(address: str, port: int, *, until: float) -> socket.socket:
    """Connect to an address that may be; raises Refused, TimedOut or Unreachable."""
    at = require_reachable(address)
    with told(at):
        return socket.create_connection((at, port), timeout=seconds_left(until, CONNECT, at))


@contextmanager
def told(at: str) -> Iterator[None]:
    """Turn what sockets, TLS and the HTTP library raise into the errors of this package."""
    try:
        yield
    except (TimeoutError, httpcore.TimeoutException) as error:
        raise TimedOut(at) from error
    except (OSError, httpcore.NetworkError) as error:
        raise _meant(error, at) from error
    except (httpcore.ProtocolError, TooLongError, ValueError) as error:
        raise Unreadable(at) from error


def _meant(error: Exception, at: str) -> Exception:
    cause = error if isinstance(error, OSError) else error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unreadable(at, "certificate")
    if isinstance(cause, ssl.SSLError):
        return Unreadable(at)
    if isinstance(cause, OSError) and cause.errno in _NO_ROUTE:
        return Unreachable(at, "no_route")
    return Unreachable(at)


class BoundedStream(httpcore.NetworkStream):
    """A connection that ends when its time is over or too many bytes have come, however slowly they drip."""

    def __init__(self, inner: httpcore.NetworkStream, at: str, until: float, limit: int) -> None:
        self._inner, self._at, self._until, self._left = inner, at, until, limit

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._left <= 0:
            raise TooLongError
        part = self._inner.read(min(max_bytes, self._left), self._step())
        self._left -= len(part)
        return part

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._step())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, self._step())
        return BoundedStream(secured, self._at, self._until, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def _step(self) -> float:
        return seconds_left(self._until, STEP, self._at)


class JudgedBackend(httpcore.SyncBackend):
    """Connects to the one address that was judged, whatever host the HTTP library asks for."""

    def __init__(self, address: str, *, until: float, limit: int) -> None:
        super().__init__()
        self._address, self._until, self._limit = require_reachable(address), until, limit

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        step = seconds_left(self._until, CONNECT, self._address)
        inner = super().connect_tcp(self._address, port, timeout=step)
        return BoundedStream(inner, self._address, self._until, self._limit)
