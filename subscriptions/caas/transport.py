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
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

T = TypeVar("T")

MAX_BODY = 20_000_000  # bytes; a page of 100 names is about 10,000
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits of one HTTP call in seconds: to connect, between two reads or writes, and for all of it."""

    connect: float
    read: float
    total: float


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer that arrived whole."""

    status: int
    body: bytes
    retry_after: str
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class Silence:
    """No whole answer came; `sent` tells whether the CA can have seen the call."""

    sent: bool
    failure: str
    elapsed_seconds: float


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

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Wait for the coroutine; an interrupted wait cuts the call as well."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        finally:
            future.cancel()

    def close(self) -> None:
        """Cut what is in flight and end the thread."""
        self.run(self._wind_down())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _wind_down(self) -> None:
        calls = asyncio.all_tasks() - {asyncio.current_task()}
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await self.reads.aclose()
        await self.changes.aclose()
        await self._loop.shutdown_default_executor()


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
    ) -> None:
        self._url = url
        self._timeout = timeout
        self._trust_environment = trust_environment
        self._read_transport = read_transport
        self._change_transport = change_transport
        self._lock = threading.Lock()
        self._lane: _Lane | None = None
        self._closed = False

    def post(self, form: Mapping[str, str], *, changes: bool) -> Reply | Silence:
        """Send the form once and say what came of it; never raises for what the network does."""
        started = time.monotonic()
        lane = self._open_lane()
        session = lane.changes if changes else lane.reads
        try:
            return lane.run(_exchange(session, self._url, form, self._timeout.total))
        except CancelledError:
            return Silence(sent=True, failure="closed", elapsed_seconds=time.monotonic() - started)

    def close(self) -> None:
        """End the thread; calls still in flight end with an unknown outcome."""
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


async def _exchange(
    session: httpx.AsyncClient, url: httpx.URL, form: Mapping[str, str], total: float
) -> Reply | Silence:
    started = time.monotonic()
    try:
        async with asyncio.timeout(total), session.stream("POST", url, data=dict(form)) as response:
            body = await _bounded(response)
    except NOT_SENT as failure:
        return _silence(failure, started, sent=False)
    except (httpx.HTTPError, TimeoutError) as failure:
        return _silence(failure, started, sent=True)
    return Reply(
        status=response.status_code,
        body=body,
        retry_after=response.headers.get("retry-after", ""),
        elapsed_seconds=time.monotonic() - started,
    )


async def _bounded(response: httpx.Response) -> bytes:
    """The whole body; raises httpx.ReadError for one that no list of names can explain, before it fills the memory."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BODY:
            raise httpx.ReadError(f"the reply is larger than {MAX_BODY} bytes")
    return bytes(body)


def _silence(failure: Exception, started: float, *, sent: bool) -> Silence:
    # A bare TimeoutError is the total deadline; httpx has its own for connecting, reading and writing.
    name = "total deadline" if isinstance(failure, TimeoutError) else type(failure).__name__
    text = str(failure)
    return Silence(
        sent=sent,
        failure=f"{name}: {text}" if text else name,
        elapsed_seconds=time.monotonic() - started,
    )
