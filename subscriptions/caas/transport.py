"""Carries one form to the CA and brings back a reply, or the silence that came instead, within a deadline.

httpx limits each read, not the whole call: a server that sends a byte now and then could hold a call for
hours. So calls run on an event loop in a thread of their own, where a total deadline can cut any of them at
any point, and the calling threads wait for their own call only.
"""

import asyncio
import threading
import time
from collections.abc import Coroutine, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx

from .headers import http_date, seconds_to_wait
from .last_look import Clock, Dropped, LastLook, Moment, Refusal, Sending

T = TypeVar("T")

MAX_BODY = 20_000_000  # bytes; a page of 100 names is about 10,000
NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits of one HTTP call in seconds: to connect, between two reads or writes, and for all of it."""

    connect: float
    read: float
    total: float


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer that arrived whole; `clock_offset` is how far the CA's clock is ahead of this host's."""

    status: int
    body: bytes
    retry_after: int | None
    clock_offset: timedelta | None
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class Silence:
    """No whole answer came; `sent` tells whether the CA can have seen anything of the call.

    `failure` is the technical reason, `sentence` the one for people.
    """

    sent: bool
    failure: str
    sentence: str
    elapsed_seconds: float
    look_refused: bool = False
    look_failure: Exception | None = None


class TooLarge(httpx.ReadError):
    """The reply goes on beyond MAX_BODY."""


class _Lane:
    """An event loop in its own thread, and the two HTTP clients that live on it."""

    def __init__(self, *, reads: httpx.AsyncClient, changes: httpx.AsyncClient) -> None:
        self.reads = reads
        self.changes = changes
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="caas-http", daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        """Whether the thread runs; in a process forked from the one that started it, it does not."""
        return self._thread.is_alive()

    def carry(self, coroutine: Coroutine[Any, Any, T], sending: Sending) -> T:
        """Wait for the coroutine and answer its last look; an interrupted wait cuts the call as well."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        future.add_done_callback(lambda _: sending.done())
        try:
            sending.answer_until_done()
            return future.result()
        finally:
            future.cancel()

    def close(self) -> None:
        """Cut what is in flight and end the thread."""
        asyncio.run_coroutine_threadsafe(self._wind_down(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        # A call that came between the two lines above would wait for ever.
        self._loop.run_until_complete(_cut_calls())
        self._loop.close()

    async def _wind_down(self) -> None:
        await _cut_calls()
        await self.reads.aclose()
        await self.changes.aclose()
        await self._loop.shutdown_default_executor()


async def _cut_calls() -> None:
    calls = asyncio.all_tasks() - {asyncio.current_task()}
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


class Carrier:
    """Posts forms to one URL, from any number of threads; starts its thread at the first call.

    Reads keep connections alive. Each change opens a connection of its own, so that one the CA has dropped
    meanwhile cannot turn it into an outcome nobody knows.
    """

    def __init__(
        self,
        *,
        url: httpx.URL,
        timeout: Timeouts,
        trust_environment: bool,
        read_transport: httpx.AsyncBaseTransport | None,
        change_transport: httpx.AsyncBaseTransport | None,
        clock: Clock,
    ) -> None:
        self._url = url
        self._timeout = timeout
        self._trust_environment = trust_environment
        self._read_transport = read_transport
        self._change_transport = change_transport
        self._clock = clock
        self._lock = threading.Lock()
        self._lane: _Lane | None = None
        self._closed = False

    def post(self, form: Mapping[str, str], *, look: LastLook | None) -> Reply | Silence:
        """Send the form once and say what came of it; never raises for what the network does.

        With a `look` it changes something: the connection is a fresh one, and the calling thread takes the look when
        that stands and nothing is written yet.
        """
        started = time.monotonic()
        lane = self._open_lane()
        session, transport = (
            (lane.reads, self._read_transport) if look is None else (lane.changes, self._change_transport)
        )
        sending = Sending(look, self._clock)
        announces = transport is None or isinstance(transport, httpx.AsyncHTTPTransport)
        exchange = _Exchange(session, self._url, self._timeout, sending, self._clock, announces=announces)
        try:
            return lane.carry(exchange.run(form), sending)
        except CancelledError:
            sent = sending.has_begun
            sentence = "The portal ended the call before " + ("the CA had answered." if sent else "anything was sent.")
            return Silence(sent, "closed", sentence, time.monotonic() - started)

    def close(self) -> None:
        """End the thread; a call still in flight ends as it stands: not sent, or with an unknown outcome."""
        with self._lock:
            self._closed = True
            if self._lane is not None and self._lane.is_alive():
                self._lane.close()

    def _open_lane(self) -> _Lane:
        with self._lock:
            if self._closed:
                raise RuntimeError("this CaasClient has been closed")
            if self._lane is None or not self._lane.is_alive():
                self._lane = _Lane(
                    reads=self._session(self._read_transport, httpx.Limits(max_connections=None)),
                    changes=self._session(self._change_transport, httpx.Limits(max_keepalive_connections=0)),
                )
            return self._lane

    def _session(self, transport: httpx.AsyncBaseTransport | None, limits: httpx.Limits) -> httpx.AsyncClient:
        limit = self._timeout
        return httpx.AsyncClient(
            transport=transport,
            limits=limits,
            timeout=httpx.Timeout(limit.read, connect=limit.connect, pool=limit.connect),
            trust_env=self._trust_environment,
            headers={"Accept": "application/json"},
        )


@dataclass(frozen=True)
class _Exchange:
    """One request and what comes back.

    A transport of httpx announces what it writes (`Sending.trace`). One given from outside that does not gets the
    request after the look, and the kind of its failure is all that tells whether it connected.
    """

    session: httpx.AsyncClient
    url: httpx.URL
    timeout: Timeouts
    sending: Sending
    clock: Clock
    announces: bool = field(kw_only=True)

    async def run(self, form: Mapping[str, str]) -> Reply | Silence:
        started = time.monotonic()
        extensions = {"trace": self.sending.trace} if self.announces else {}
        try:
            async with asyncio.timeout(self.timeout.total):
                if not self.announces:
                    await self.sending.before_headers()
                async with self.session.stream("POST", self.url, data=dict(form), extensions=extensions) as response:
                    arrived = self.clock()
                    body = await _bounded(response)
        except (httpx.HTTPError, OSError, Dropped) as failure:
            await self.sending.hang_up()
            return self._silence(failure, time.monotonic() - started)
        ca_date = http_date(response.headers.get("date", ""))
        now = datetime.fromtimestamp(arrived.wall, UTC)
        return Reply(
            status=response.status_code,
            body=body,
            retry_after=seconds_to_wait(response.headers.get("retry-after", ""), now=ca_date or now),
            clock_offset=None if ca_date is None else ca_date - self._middle(arrived),
            elapsed_seconds=time.monotonic() - started,
        )

    def _middle(self, arrived: Moment) -> datetime:
        begun = self.sending.begun_at or arrived
        return datetime.fromtimestamp((begun.wall + arrived.wall) / 2, UTC)

    def _silence(self, failure: Exception, elapsed_seconds: float) -> Silence:
        sent = self.sending.has_begun and (self.announces or not isinstance(failure, NO_CONNECTION))
        # A bare TimeoutError is the total deadline; httpx has its own for connecting, reading and writing.
        name = "total deadline" if isinstance(failure, TimeoutError) else type(failure).__name__
        text = str(failure)
        return Silence(
            sent=sent,
            failure=f"{name}: {text}" if text else name,
            sentence=_lost(failure, self.timeout) if sent else _unreached(failure, self.timeout),
            elapsed_seconds=elapsed_seconds,
            look_refused=isinstance(failure, Refusal),
            look_failure=self.sending.look_failure,
        )


def _lost(failure: Exception, limit: Timeouts) -> str:
    if isinstance(failure, Dropped | TooLarge):
        return str(failure)
    if isinstance(failure, TimeoutError):
        return f"The CA did not answer within {_seconds(limit.total)}."
    if isinstance(failure, httpx.TimeoutException):
        return f"The CA did not answer within {_seconds(limit.read)}."
    if isinstance(failure, httpx.DecodingError):
        return "The CA's answer could not be read."
    return "The connection to the CA was lost before its answer was complete."


def _unreached(failure: Exception, limit: Timeouts) -> str:
    if isinstance(failure, Dropped):
        return str(failure)
    if isinstance(failure, TimeoutError):
        return f"Nothing was sent: the connection to the CA was not ready within {_seconds(limit.total)}."
    if isinstance(failure, httpx.TimeoutException):
        return f"No connection to the CA could be made within {_seconds(limit.connect)}."
    return f"No connection to the CA could be made: {str(failure).rstrip('.') or type(failure).__name__}."


def _seconds(number: float) -> str:
    return "1 second" if number == 1 else f"{number:g} seconds"


async def _bounded(response: httpx.Response) -> bytes:
    """The whole body; raises TooLarge for one that no list of names can explain, before it fills the memory."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BODY:
            raise TooLarge(f"The CA's answer is larger than {MAX_BODY} bytes.")
    return bytes(body)
