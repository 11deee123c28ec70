"""The ACME side over HTTPS."""

import socket
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from ..handler import MAX_BODY, RequestHandler
from .messages import AcmeReply, AcmeRequest
from .service import AcmeService

MAX_LINE = 4096
HANDSHAKE_TIMEOUT = 10


class AcmeServer(ThreadingHTTPServer):
    """Serves one ACME service with TLS; the handshake is each connection's own business, not the listener's."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], service: AcmeService, context: ssl.SSLContext) -> None:
        super().__init__(address, AcmeHandler)
        self.service = service
        self._context = context

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Accept a connection; its handshake comes in its own thread."""
        connection, address = super().get_request()
        connection.settimeout(HANDSHAKE_TIMEOUT)
        wrapped = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return wrapped, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up or do not trust the CA are no news; anything else is."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class AcmeHandler(RequestHandler, BaseHTTPRequestHandler):
    """One connection of an ACME client."""

    server: AcmeServer

    def setup(self) -> None:
        """Do the handshake in the connection's own thread."""
        self.request.do_handshake()
        super().setup()

    def do_GET(self) -> None:
        """Directory, nonce, terms."""
        self._answer()

    def do_HEAD(self) -> None:
        """A nonce."""
        self._answer()

    def do_POST(self) -> None:
        """A signed request."""
        self._answer()

    def _answer(self) -> None:
        request = AcmeRequest(
            method=self.command,
            path=urlsplit(self.path).path,
            body=self._body(),
            content_type=self.headers.get("Content-Type", ""),
            user_agent=self.headers.get("User-Agent", ""),
            ip_address=self.client_address[0],
        )
        self._send(self.server.service.handle(request))

    def _body(self) -> bytes:
        """What was sent, of a length given beforehand or in chunks, as HAProxy does. Nothing where neither is right."""
        try:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                return self._chunks()
            return self.read_body()
        except ValueError:
            self.close_connection = True
            return b""

    def _chunks(self) -> bytes:
        """A body in chunks (RFC 9112, 7.1). Raises ValueError for one that is malformed or too long."""
        body = b""
        while size := int(self.rfile.readline(MAX_LINE).split(b";")[0], 16):
            if not 0 < size <= MAX_BODY - len(body):
                raise ValueError("too long")
            body += self.rfile.read(size)
            if self.rfile.readline(MAX_LINE).strip():
                raise ValueError("a chunk is longer than it says")
        while self.rfile.readline(MAX_LINE).strip():
            pass  # trailers
        return body

    def _send(self, reply: AcmeReply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        for link in reply.links:
            self.send_header("Link", link)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
