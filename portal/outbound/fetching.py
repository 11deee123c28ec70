"""HTTP: one request after another, each host resolved and judged, each answer read to a small bound."""

import json
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpcore
import httpx

from .connections import JudgedBackend, told
from .errors import OutboundError, Refused, TimedOut, Unreachable, Unreadable
from .names import addresses_of
from .times import end_of

PORTS = (80, 443)
MOST_REDIRECTS = 5
MOST_BYTES = 64 * 1024  # of a body
MOST_HEAD = 32 * 1024  # of all that stands before it
MOST_TRIES = 3  # addresses of one host
LONGEST_URL = 2000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SENT = ((b"user-agent", b"certificate-portal"), (b"accept", b"*/*"), (b"accept-encoding", b"identity"))


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: `body` is cut where it is too long; `url` and `address` are where it came from in the end."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool
    url: str
    address: str
    redirects: tuple[str, ...]


def get(
    url: str,
    *,
    address: str | None = None,
    until: float | None = None,
    ports: Collection[int] = PORTS,
    redirects: int = MOST_REDIRECTS,
    ca_file: str | None = None,
) -> Fetched:
    """Get an address of the web, and what its redirects lead to.

    `address`: the one address of the host to connect to, instead of each in turn. Redirects lead to `ports` only;
    `ca_file` is trusted instead of the public CAs. Raises an OutboundError; `redirects` on it says how far it came.
    """
    end = end_of(until, url)
    here, followed = _parsed(url), list[str]()
    try:
        while True:
            answer = _once(here, address if not followed else None, end, ca_file)
            target = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not target:
                return Fetched(*answer.parts(), str(here), answer.address, tuple(followed))
            if len(followed) >= redirects:
                raise Refused(str(here), "too_many")
            here = _redirected(here, target, ports, followed)
    except OutboundError as error:
        error.redirects = tuple(followed)
        raise


def get_json(url: str, *, until: float | None = None, ca_file: str | None = None) -> tuple[Any, dict[str, str]]:
    """Get a JSON document and the headers it came with; raises OutboundError, Unreadable where it is none."""
    answer = get(url, until=until, redirects=0, ca_file=ca_file)
    if answer.status != httpx.codes.OK or not answer.is_whole:
        raise Unreadable(url, f"status_{answer.status}")
    try:
        return json.loads(answer.body), answer.headers
    except (ValueError, RecursionError) as error:
        raise Unreadable(url) from error


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool
    address: str

    def parts(self) -> tuple[int, dict[str, str], bytes, bool]:
        return self.status, self.headers, self.body, self.is_whole


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url[: LONGEST_URL + 1])
    except (httpx.InvalidURL, ValueError) as error:
        raise Unreadable(url[:LONGEST_URL]) from error
    if parsed.scheme not in ("http", "https"):
        raise Refused(url[:LONGEST_URL], "scheme")
    if len(url) > LONGEST_URL or not parsed.host:
        raise Unreadable(url[:LONGEST_URL])
    if parsed.userinfo:
        raise Refused(_shown(parsed), "userinfo")
    return parsed


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _redirected(here: httpx.URL, target: str, ports: Collection[int], followed: list[str]) -> httpx.URL:
    try:
        joined = here.join(target[: LONGEST_URL + 1]).copy_with(fragment=None)
        followed.append(_shown(joined))
    except (httpx.InvalidURL, ValueError) as error:
        raise Unreadable(target[:200]) from error
    there = _parsed(str(joined))
    if _port(there) not in ports:
        raise Refused(_shown(there), "port")
    return there


def _shown(url: httpx.URL) -> str:
    """A URL as it may be told: without what stands in it to sign in."""
    return str(url.copy_with(userinfo=b""))[:LONGEST_URL]


def _once(url: httpx.URL, address: str | None, end: float, ca_file: str | None) -> _Answer:
    host = url.raw_host.decode()
    # A literal in a redirect is judged as an answer of a resolver is.
    addresses = [address] if address else list(_reachable(host, end))
    trouble: OutboundError = Unreachable(host)
    for tried in addresses[:MOST_TRIES]:
        try:
            return _sent(url, tried, end, ca_file)
        except (Unreachable, TimedOut) as error:
            trouble = error
    raise trouble


def _reachable(host: str, end: float) -> tuple[str, ...]:
    found = addresses_of(host, until=end)
    if not found.reachable:
        raise Refused(host)
    return found.reachable


def _sent(url: httpx.URL, address: str, end: float, ca_file: str | None) -> _Answer:
    backend = JudgedBackend(address, until=end, limit=MOST_HEAD + MOST_BYTES)
    context = _context(ca_file) if url.scheme == "https" else None
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=_port(url), target=url.raw_path)
    headers = [(b"host", url.netloc), *_SENT, (b"connection", b"close")]
    with told(str(url)), httpcore.ConnectionPool(ssl_context=context, network_backend=backend) as pool:
        request = httpcore.Request(b"GET", target, headers=headers)
        response = pool.handle_request(request)
        try:
            body = _start_of(response)
        finally:
            response.close()
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return _Answer(response.status, found, body[:MOST_BYTES], len(body) <= MOST_BYTES, address)


def _start_of(response: httpcore.Response) -> bytes:
    if response.status in _REDIRECTS:
        return b""
    body = bytearray()
    for part in response.iter_stream():
        body += part
        if len(body) > MOST_BYTES:
            break
    return bytes(body)


def _context(ca_file: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file if ca_file and Path(ca_file).exists() else None)
