"""A server on a real socket, for what no fake shows: connections, and answers that never end."""

import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any


class LoopbackServer:
    """Hands each connection to `serve` in a thread of its own, until it is closed; counts connections."""

    def __init__(self, serve: Callable[[Any, socket.socket], None]) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        self.stopped = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self.stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def accepted(self) -> None:
        """Count a connection, before it is served."""
        self.connections += 1

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted()
            thread = threading.Thread(target=self._attend, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _attend(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._serve(self, connection)
            except (ConnectionError, ssl.SSLError):
                return
