"""What both servers do with a connection: HTTP/1.1, kept alive between requests, nothing logged."""

import re
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

MAX_BODY = 1024 * 1024

_LENGTH = re.compile(r"[0-9]{1,18}")


class RequestHandler(BaseHTTPRequestHandler):
    """One connection; a request whose length cannot be read is answered with 400 and ends it."""

    protocol_version = "HTTP/1.1"
    server_version = "CaaS-sandbox"
    sys_version = ""
    timeout = 60
    disable_nagle_algorithm = True

    def parse_request(self) -> bool:
        """Read the request's head; give whether it can be answered."""
        if not super().parse_request():
            return False
        if _LENGTH.fullmatch(self._length) is None:
            self.send_error(HTTPStatus.BAD_REQUEST, "Bad Content-Length")
            return False
        return True

    def read_body(self) -> bytes:
        """Give the body, no more of it than MAX_BODY."""
        return self.rfile.read(min(int(self._length), MAX_BODY))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: bodies hold logins, and the summary tells what was called."""

    @property
    def _length(self) -> str:
        return str(self.headers.get("Content-Length") or "0").strip()
