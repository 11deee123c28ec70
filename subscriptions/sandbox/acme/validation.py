"""Does the client control the name? HTTP-01 and DNS-01 (RFC 8555, section 8), really looked up."""

import hashlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address
from socket import create_connection
from urllib.parse import SplitResult, urljoin, urlsplit

from .jose import encode
from .lookups import TIMEOUT, Lookups
from .problems import Problem

MAX_REDIRECTS = 10
REDIRECTS = (301, 302, 307, 308)
MAX_ANSWER = 1024
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Attempt:
    """One challenge to check; `name` is without the wildcard."""

    kind: str
    name: str
    token: str
    thumbprint: str

    @property
    def key_authorization(self) -> str:
        """What the client has to show (RFC 8555, section 8.1)."""
        return f"{self.token}.{self.thumbprint}"


Validator = Callable[[Attempt], None]


def accept_everything(_attempt: Attempt) -> None:
    """For demos: nobody needs a web server or a name of their own."""


class RealValidator:
    """Looks names up and fetches; `http_port` and `https_port` stand for ports 80 and 443, the only ones asked."""

    def __init__(self, lookups: Lookups, *, http_port: int = 80, https_port: int = 443) -> None:
        self._lookups = lookups
        self._ports = {80: http_port, 443: https_port}

    def __call__(self, attempt: Attempt) -> None:
        """Return when the challenge is met; raises Problem when it is not."""
        check = {"http-01": self._check_http, "dns-01": self._check_dns}[attempt.kind]
        check(attempt)

    def _check_http(self, attempt: Attempt) -> None:
        url = f"http://{attempt.name}/.well-known/acme-challenge/{attempt.token}"
        try:
            shown = self._fetch(url).decode("ascii", "replace").rstrip()
        except (OSError, HTTPException, ValueError) as error:
            raise Problem("connection", f"Fetching {url}: {error}") from error
        if shown != attempt.key_authorization:
            raise Problem("unauthorized", f"The key authorization at {url} is not the expected one")

    def _fetch(self, url: str) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            status, location, body = self._get(_target(url))
            if status not in REDIRECTS:
                break
            url = urljoin(url, location)
        if status != 200:
            raise Problem("unauthorized", f"Invalid response from {url}: {status}")
        return body

    def _get(self, target: SplitResult) -> tuple[int, str, bytes]:
        host = str(target.hostname)
        connection = HTTPConnection(host, timeout=TIMEOUT)
        try:
            port = self._ports[target.port or PORTS[target.scheme]]
            connection.sock = create_connection((self._lookups.address(host), port), TIMEOUT)
            if target.scheme == "https":
                connection.sock = _any_certificate().wrap_socket(connection.sock, server_hostname=host)
            path = target._replace(scheme="", netloc="", fragment="").geturl()
            connection.request("GET", path or "/", headers={"Host": target.netloc, "User-Agent": "CaaS-sandbox"})
            response: HTTPResponse = connection.getresponse()
            return response.status, response.getheader("Location", ""), response.read(MAX_ANSWER)
        finally:
            connection.close()

    def _check_dns(self, attempt: Attempt) -> None:
        name = f"_acme-challenge.{attempt.name}"
        records = self._lookups.records(name, "TXT")
        if not records:
            raise Problem("unauthorized", f"No TXT record found at {name}")
        expected = encode(hashlib.sha256(attempt.key_authorization.encode()).digest())
        if expected not in [b"".join(record.strings).decode("ascii", "replace") for record in records]:
            raise Problem("unauthorized", f"No TXT record at {name} is the expected one")


def _target(url: str) -> SplitResult:
    """The parts of a URL that a CA may ask: a host's name, HTTP or HTTPS, and none but their own ports."""
    refusal = Problem("connection", f"Redirects to {url}, which is not followed")
    try:
        target = urlsplit(url)
        allowed = target.port in (None, *PORTS.values())
    except ValueError as error:
        raise refusal from error
    if not allowed or target.scheme not in PORTS or not _is_name(target.hostname) or "@" in target.netloc:
        raise refusal
    return target


def _is_name(host: str | None) -> bool:
    if not host:
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def _any_certificate() -> ssl.SSLContext:
    """A redirect to HTTPS may meet the very certificate that is to be replaced: no CA looks at it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
