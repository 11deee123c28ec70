"""The admin API over HTTP on loopback, with the control endpoint beside it.

The real service is HTTPS only; here the connection counts as secure unless a proxy header says it was plain.
"""

import re
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

from .control import PREFIX, handle_control
from .core import Sandbox
from .handler import RequestHandler
from .replies import Reply, html_reply, json_reply

ENDPOINT = "/products/!ACMEAdmin"
LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?", re.IGNORECASE)


class AdminServer(ThreadingHTTPServer):
    """Serves one sandbox; `stop` ends waiting answers too."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        super().__init__(address, AdminHandler)
        self.sandbox = sandbox
        self.stopping = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that give up are what faults are for; anything else is news."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """End `serve_forever` and every wait; to be called from another thread than the serving one."""
        self.stopping.set()
        self.shutdown()


class AdminHandler(RequestHandler, BaseHTTPRequestHandler):
    """One connection; kept alive between calls as the service does."""

    server: AdminServer

    def do_GET(self) -> None:
        """The control endpoint's reads; anything else is no page."""
        self._send(self._control() if self.path.startswith(PREFIX) else html_reply(404))

    def do_DELETE(self) -> None:
        """The control endpoint's resets."""
        self.do_GET()

    def do_POST(self) -> None:
        """A call of the admin API, or a control."""
        path = unquote(urlsplit(self.path).path)
        if path.startswith(PREFIX):
            self._send(self._control())
        elif path == ENDPOINT:
            self._send(self._admin())
        else:
            self.read_body()
            self._send(html_reply(404))

    def _admin(self) -> Reply:
        body = self.read_body()
        secure = self.headers.get("X-Forwarded-Proto", "https") == "https"
        return self.server.sandbox.handle_admin(body, content_type=self.headers.get("Content-Type", ""), secure=secure)

    def _control(self) -> Reply:
        body = self.read_body()
        if not ip_address(self.client_address[0]).is_loopback:
            return json_reply({"error": "The control endpoint is for loopback only"}, 403)
        if self._is_of_another_site():
            return json_reply({"error": "Ask by 127.0.0.1, localhost or [::1], and not from another site"}, 403)
        if self.command == "POST" and self.headers.get_content_type() != "application/json":
            return json_reply({"error": "Send application/json"}, 415)
        return handle_control(self.server.sandbox, self.command, self.path, body)

    def _is_of_another_site(self) -> bool:
        """Whether a page of another site asks, be it under a name of its own that leads to this machine."""
        host = self.headers.get("Host", "")
        own = f"http://{host}"
        return LOOPBACK_HOST.fullmatch(host) is None or self.headers.get("Origin", own) != own

    def _send(self, reply: Reply) -> None:
        if reply.delay and self.server.stopping.wait(reply.delay):
            return self._cut()
        if reply.late is not None:
            reply.late()
        if reply.cut:
            return self._cut()
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
        return None

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
