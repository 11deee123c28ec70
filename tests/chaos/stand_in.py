"""A stand-in between the workers and the sandbox, which holds a call at one point of its way, or lies in a list.

It ends TLS with a certificate of its own, where asked to, so that a worker can be met between the connection, the
handshake and the request.
"""

import asyncio
import ssl
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# Loopback by a name that is no address: only then does the client look at SSL_CERT_FILE, as it would on the internet.
TLS_HOST = "127.1"
FIRST_FLIGHT = 200  # bytes of the server's first answer in a handshake, which is longer than that
PATIENCE = 5  # seconds for the rest of a request that has begun, as any server has them

CHANGES = frozenset({"ADDDOMAIN", "REMOVEDOMAIN", "PREREGISTER", "EXTENDDOMAINS", "UPDATEDOMAINS"}).union(
    {"SUSPENDACCOUNT", "UNSUSPENDACCOUNT", "DEACTIVATEACCOUNT"}
)

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
Lie = Callable[["Asked", bytes], bytes]  # from the sandbox's body to the one that is handed on


@dataclass(frozen=True)
class Asked:
    """One call of the admin API, as far as the stand-in looks at it."""

    action: str
    is_quote: bool
    account: str


@dataclass
class Hold:
    """One call held at one point of its way until it is let go.

    `accept`: nothing of the new connection is read; `tls`: the handshake stands still half way; `request`: it has
    arrived and is not handed on; `answer`: the CA has done it and its answer waits. The first two are about the first
    new connection after an answer to `action`, the others about a call of it that changes something.
    """

    point: str
    action: str
    reached: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    is_due: bool = False
    is_dropped: bool = False
    _go: threading.Event = field(default_factory=threading.Event)

    def meets(self, asked: Asked) -> bool:
        """Whether a call is the one that is held."""
        return self.point in ("request", "answer") and self.action == asked.action and not asked.is_quote

    def let_go(self) -> None:
        """Let the call go on its way."""
        self._go.set()

    def drop(self) -> None:
        """Cut the connection instead, as the CA's own time-out would."""
        self.is_dropped = True
        self._go.set()

    async def stand(self) -> None:
        """Stand still until let go; raises ConnectionResetError where it is dropped."""
        self.is_due = False
        self.reached.set()
        await asyncio.to_thread(self._go.wait)
        if self.is_dropped:
            raise ConnectionResetError


class StandIn:
    """Listens on `port`; `holds` and `lie` are what it does, and may be changed at any time.

    `slowest` is for how many seconds the sandbox has had a call that changes something, at most.
    """

    def __init__(self, sandbox_port: int, *, tls_folder: Path | None = None) -> None:
        self.holds: list[Hold] = []
        self.lie: Lie = lambda _asked, body: body
        self.slowest = 0.0
        self._running: set[asyncio.Task[Any] | None] = set()
        self._sandbox_port = sandbox_port
        self._certificate = None if tls_folder is None else tls_folder / "stand-in.pem"
        self._inner_port = 0
        self.port = 0
        self._listens = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), name="stand-in", daemon=True)
        self._thread.start()
        assert self._listens.wait(timeout=30)

    @property
    def environ(self) -> dict[str, str]:
        """What a worker is told to find its way here."""
        host, scheme = ("127.0.0.1", "http") if self._certificate is None else (TLS_HOST, "https")
        said = {"CAAS_API_URL": f"{scheme}://{host}:{self.port}/products/!ACMEAdmin", "NO_PROXY": "*"}
        return said if self._certificate is None else said | {"SSL_CERT_FILE": str(self._certificate)}

    def hold(self, point: str, *, action: str) -> Hold:
        """Arm a hold for one call."""
        made = Hold(point, action)
        self.holds.append(made)
        return made

    def close(self) -> None:
        """Let everything go and end."""
        for hold in self.holds:
            hold.drop()
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()

    async def _live(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        servers = await self._listen()
        self._listens.set()
        await self._ending.wait()
        for server in servers:
            server.close()

    async def _listen(self) -> list[asyncio.Server]:
        if self._certificate is None:
            server = await asyncio.start_server(self._to_the_end(self._serve), "127.0.0.1", 0)
            self.port = _port_of(server)
            return [server]
        _make_certificate(self._certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        inner = await asyncio.start_server(self._to_the_end(self._serve), "127.0.0.1", 0, ssl=context)
        outer = await asyncio.start_server(self._to_the_end(self._meet), "127.0.0.1", 0)
        self._inner_port, self.port = _port_of(inner), _port_of(outer)
        return [inner, outer]

    def _to_the_end(self, serve: Serve) -> Serve:
        """Have a call go on after its caller is gone, and one that the end of the test cuts off end quietly."""

        async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # Nothing else holds on to what waits for the sandbox once its caller is gone.
            self._running.add(task := asyncio.current_task())
            try:
                await serve(reader, writer)
            except asyncio.CancelledError:
                writer.transport.abort()
            finally:
                self._running.discard(task)

        return served

    # --- Before TLS: bytes handed on in both directions

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hold = next((one for one in self.holds if one.is_due and one.point in ("accept", "tls")), None)
        try:
            if hold is not None and hold.point == "accept":
                await hold.stand()
            await self._shake_hands(reader, writer, hold)
        except OSError:
            pass
        finally:
            writer.transport.abort()
            if hold is not None:
                hold.ended.set()

    async def _shake_hands(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hold: Hold | None) -> None:
        inner_reader, inner = await asyncio.open_connection("127.0.0.1", self._inner_port)
        out = asyncio.create_task(_hand_on(reader, inner))
        try:
            if hold is not None and hold.point == "tls":
                writer.write(await inner_reader.readexactly(FIRST_FLIGHT))
                await hold.stand()
            await _hand_on(inner_reader, writer)
        finally:
            out.cancel()
            inner.transport.abort()

    # --- Behind TLS: calls

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await asyncio.wait_for(reader.readexactly(_length_of(head)), PATIENCE)
        asked = _asked(body)
        hold = next((one for one in self.holds if one.meets(asked)), None)
        try:
            if hold is not None and hold.point == "request":
                self.holds.remove(hold)
                await hold.stand()
            reply_head, reply = await self._ask_sandbox(head, body, asked)
            if hold is not None and hold.point == "answer":
                self.holds.remove(hold)
                await hold.stand()
            if not reply_head:
                return False
            for one in self.holds:
                if one.point in ("accept", "tls") and one.action == asked.action and not one.reached.is_set():
                    one.is_due = True
            reply = self.lie(asked, reply)
            writer.write(_with_length(reply_head, len(reply)) + reply)
            await writer.drain()
        finally:
            if hold is not None and hold.reached.is_set():
                hold.ended.set()
        return True

    async def _ask_sandbox(self, head: bytes, body: bytes, asked: Asked) -> tuple[bytes, bytes]:
        """Give head and body of the sandbox's answer; nothing where it cut the connection."""
        began = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", self._sandbox_port)
        try:
            lines = [line for line in head.split(b"\r\n") if line and not line.lower().startswith(b"connection:")]
            writer.write(b"\r\n".join([*lines, b"Connection: close", b"", b""]) + body)
            reply = await reader.read()
        finally:
            writer.transport.abort()
            if asked.action in CHANGES and not asked.is_quote:
                self.slowest = max(self.slowest, time.monotonic() - began)
        reply_head, _, reply_body = reply.partition(b"\r\n\r\n")
        return reply_head, reply_body


def _port_of(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def _length_of(head: bytes) -> int:
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    return int(fields.get(b"content-length", b"0"))


def _with_length(head: bytes, length: int) -> bytes:
    kept = [
        line
        for line in head.split(b"\r\n")
        if not line.lower().startswith((b"content-length:", b"connection:", b"transfer-encoding:"))
    ]
    return b"\r\n".join([*kept, b"Content-Length: %d" % length, b"", b""])


def _asked(body: bytes) -> Asked:
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return Asked(form.get("action", ""), form.get("quoteOnly") == "Y", form.get("acmeAccountID", ""))


def _make_certificate(path: Path) -> None:
    """Write a throw-away key and certificate for TLS_HOST into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A stand-in for the CA")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(TLS_HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
