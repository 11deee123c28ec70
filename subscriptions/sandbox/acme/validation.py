"""Does the client control the name? HTTP-01 and DNS-01 (RFC 8555, section 8), really looked up."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urljoin, urlsplit

import dns.exception
import dns.resolver

from .jose import encode
from .problems import PREFIX

TIMEOUT = 5.0
MAX_REDIRECTS = 3
MAX_ANSWER = 1024


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


class Failed(Exception):  # noqa: N818 - the challenge failed, the server did not
    """A challenge that was not met."""

    def __init__(self, kind: str, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.document: dict[str, Any] = {"type": PREFIX + kind, "detail": detail, "status": status}


Validator = Callable[[Attempt], None]


def accept_everything(_attempt: Attempt) -> None:
    """For demos: nobody needs a web server or a name of their own."""


class RealValidator:
    """Looks names up at one resolver and fetches from one port.

    `resolver` is (address, port), None for the machine's own; `http_port` stands for port 80.
    """

    def __init__(self, *, resolver: tuple[str, int] | None = None, http_port: int = 80) -> None:
        self._resolver = dns.resolver.Resolver(configure=resolver is None)
        if resolver is not None:
            self._resolver.nameservers = [resolver[0]]
            self._resolver.port = resolver[1]
        self._resolver.cache = None
        self._asks_own_resolver = resolver is not None
        self._http_port = http_port

    def __call__(self, attempt: Attempt) -> None:
        """Return when the challenge is met; raises Failed with the problem document when it is not."""
        check = {"http-01": self._check_http, "dns-01": self._check_dns}[attempt.kind]
        check(attempt)

    def _check_http(self, attempt: Attempt) -> None:
        url = f"http://{attempt.name}/.well-known/acme-challenge/{attempt.token}"
        try:
            shown = self._fetch(url).decode("ascii", "replace").rstrip()
        except (OSError, HTTPException) as error:
            raise Failed("connection", f"Fetching {url}: {error}") from error
        if shown != attempt.key_authorization:
            raise Failed("unauthorized", f"The key authorization at {url} is not the expected one", 403)

    def _fetch(self, url: str) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            target = urlsplit(url)
            if target.scheme != "http" or not target.hostname:
                raise Failed("connection", f"Redirects to {url}, which is not followed")
            status, location, body = self._get(target.hostname, target._replace(scheme="", netloc="").geturl() or "/")
            if status not in (301, 302, 303, 307, 308):
                break
            url = urljoin(url, location)
        if status != 200:
            raise Failed("unauthorized", f"Invalid response from {url}: {status}", 403)
        return body

    def _get(self, host: str, path: str) -> tuple[int, str, bytes]:
        connection = HTTPConnection(self._address(host), self._http_port, timeout=TIMEOUT)
        try:
            connection.request("GET", path, headers={"Host": host, "User-Agent": "CaaS-sandbox"})
            response: HTTPResponse = connection.getresponse()
            return response.status, response.getheader("Location", ""), response.read(MAX_ANSWER)
        finally:
            connection.close()

    def _address(self, host: str) -> str:
        if not self._asks_own_resolver:
            return host  # the operating system knows /etc/hosts too
        for kind in ("A", "AAAA"):
            try:
                return str(self._resolver.resolve(host, kind, lifetime=TIMEOUT)[0])
            except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
                continue
            except dns.exception.DNSException as error:
                raise Failed("dns", f"Looking up {host}: {error}") from error
        raise Failed("dns", f"No address found for {host}")

    def _check_dns(self, attempt: Attempt) -> None:
        name = f"_acme-challenge.{attempt.name}"
        try:
            answer = self._resolver.resolve(name, "TXT", lifetime=TIMEOUT)
        except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN) as error:
            raise Failed("unauthorized", f"No TXT record found at {name}", 403) from error
        except dns.exception.DNSException as error:
            raise Failed("dns", f"Looking up {name}: {error}") from error
        expected = encode(hashlib.sha256(attempt.key_authorization.encode()).digest())
        if expected not in [b"".join(record.strings).decode("ascii", "replace") for record in answer]:
            raise Failed("unauthorized", f"No TXT record at {name} is the expected one", 403)
