"""The CA as a server on a real socket, for what no fake transport can show."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.loopback import LoopbackServer

GOOD = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"Servers": []}'


class LoopbackCa(LoopbackServer):
    """Counts the requests of each connection, too."""

    def __init__(self, serve: Callable[["LoopbackCa", socket.socket], None]) -> None:
        self.asked = threading.Event()
        self.requests_of_connection: list[int] = []
        super().__init__(serve)
        self.url = f"http://127.0.0.1:{self.port}/products/!ACMEAdmin"

    def accepted(self) -> None:
        """Begin to count what is asked on a connection."""
        super().accepted()
        self.requests_of_connection.append(0)

    def receive(self, connection: socket.socket) -> bool:
        """Read one whole request; False when the caller has hung up."""
        data = b""
        while b"\r\n\r\n" not in data:
            if not (chunk := connection.recv(65536)):
                return False
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(65536)
        self.requests_of_connection[-1] += 1
        self.asked.set()
        return True


class Listener:
    """Notes each byte that comes on a connection and answers a whole request; for use as `serve`."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self.connected = threading.Event()
        self.hung_up = threading.Event()
        self.received = bytearray()

    def __call__(self, server: LoopbackCa, connection: socket.socket) -> None:
        if self._context is None:
            self._listen(connection)
            return
        with self._context.wrap_socket(connection, server_side=True) as secured:
            self._listen(secured)

    def _listen(self, connection: socket.socket) -> None:
        self.connected.set()
        try:
            while chunk := connection.recv(65536):
                self.received += chunk
                if b"\r\n\r\nlogin" in self.received:
                    connection.sendall(GOOD)
        finally:
            self.hung_up.set()


@contextmanager
def loopback(serve: Callable[[LoopbackCa, socket.socket], None]) -> Iterator[LoopbackCa]:
    """A server that runs for the length of the block."""
    server = LoopbackCa(serve)
    try:
        yield server
    finally:
        server.close()


def answer_well(server: LoopbackCa, connection: socket.socket) -> None:
    """Answer every request on the connection, as a server with keep-alive does."""
    while server.receive(connection):
        connection.sendall(GOOD)


def answer_once(server: LoopbackCa, connection: socket.socket) -> None:
    """Answer as if the connection stayed open, and close it."""
    server.receive(connection)
    connection.sendall(GOOD)


def hang_up(server: LoopbackCa, connection: socket.socket) -> None:
    """Take the request and close the connection."""
    server.receive(connection)


def say_nothing(server: LoopbackCa, connection: socket.socket) -> None:
    """Take the request and never answer."""
    server.receive(connection)
    server.stopped.wait(10)


def drip(start: bytes) -> Callable[[LoopbackCa, socket.socket], None]:
    """Begin an answer and go on with a byte now and then, for about six seconds without coming to its end."""

    def serve(server: LoopbackCa, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(start)
        for _ in range(300):
            if server.stopped.wait(0.02):
                return
            connection.sendall(b"x")

    return serve
