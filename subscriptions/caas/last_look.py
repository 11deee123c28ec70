"""The last look: whether a call may still be sent, asked when its connection stands and nothing of it is written.

The thread that makes the call gives the answer, as only it may use its connection to the database; the event loop
waits for it and carries the other calls meanwhile. An answer holds for LOOK_HOLDS seconds, counted from before it was
asked for: a process that was stopped or suspended since writes nothing on the strength of it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

LOOK_HOLDS = 2.0  # seconds

LastLook = Callable[[], bool]

# The one that goes on while the machine is suspended; not every system has it.
_HOST_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant by this host's running clock and by its wall clock, in seconds."""

    host: float
    wall: float

    def seconds_since(self, earlier: "Moment") -> float:
        """How much time has passed, by whichever of the two clocks says more."""
        return max(self.host - earlier.host, self.wall - earlier.wall)


Clock = Callable[[], Moment]


def moment() -> Moment:
    """Now, by both clocks."""
    return Moment(host=time.clock_gettime(_HOST_CLOCK), wall=time.time())


class Dropped(Exception):  # noqa: N818 - it says what became of the request
    """The request, or what is left of it, is not written; the text is a sentence for people."""


class Refusal(Dropped):
    """The look said no."""


class Sending:
    """One request on its way: asks the look before the first byte, and knows when that was written."""

    def __init__(self, look: LastLook | None, clock: Clock) -> None:
        self.begun_at: Moment | None = None
        self.look_failure: Exception | None = None
        self._look = look
        self._clock = clock
        self._looked_at: Moment | None = None
        self._connection: Any = None
        self._questions: SimpleQueue[Future[bool] | None] = SimpleQueue()

    @property
    def has_begun(self) -> bool:
        """Whether the CA can have seen anything of the request; set right before the first write."""
        return self.begun_at is not None

    def answer_until_done(self) -> None:
        """Answer, in the calling thread, what the loop asks, until `done`; a signal can interrupt the wait."""
        while (question := self._questions.get()) is not None:
            if self._look is not None and question.set_running_or_notify_cancel():
                _answer(question, self._look)

    def done(self) -> None:
        """End the calling thread's wait."""
        self._questions.put(None)

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """httpcore's `trace` extension: called before each write, also of the CONNECT that only a proxy sees."""
        if event == "connection.connect_tcp.complete":
            self._connection = info["return_value"]
        request = info.get("request")
        if request is None or request.method == b"CONNECT":
            return
        if event.endswith(".send_request_headers.started"):
            await self.before_headers()
        elif event.endswith(".send_request_body.started"):
            self._drop_if_too_long_ago("The connection to the CA was cut halfway through the request")

    async def hang_up(self) -> None:
        """Close a connection that failed: httpcore leaves one open that the deadline meets in the middle of TLS."""
        if self._connection is not None:
            with suppress(OSError):
                await self._connection.aclose()

    async def before_headers(self) -> None:
        """Ask the look, and note that the request begins; raises Dropped where it may not."""
        if self._look is not None:
            await self._ask()
        self._drop_if_too_long_ago("Nothing was sent")
        self.begun_at = self._clock()

    async def _ask(self) -> None:
        self._looked_at = self._clock()
        question: Future[bool] = Future()
        answer = asyncio.wrap_future(question)
        self._questions.put(question)
        try:
            await asyncio.wait({answer}, timeout=LOOK_HOLDS)
            if not answer.done():
                raise Dropped(f"Nothing was sent: the last check before it took longer than {LOOK_HOLDS:g} seconds.")
        finally:
            answer.cancel()
        failure = answer.exception()
        if isinstance(failure, Exception):
            self.look_failure = failure
            raise Dropped("Nothing was sent: the last check before it failed.")
        if not answer.result():
            raise Refusal("Nothing was sent: the last check before it said no.")

    def _drop_if_too_long_ago(self, said: str) -> None:
        if self._looked_at is not None and self._clock().seconds_since(self._looked_at) > LOOK_HOLDS:
            raise Dropped(f"{said}: more than {LOOK_HOLDS:g} seconds had passed since the last check before it.")


def _answer(question: Future[bool], look: LastLook) -> None:
    try:
        question.set_result(look())
    except Exception as failure:  # noqa: BLE001 - a boundary between threads: whatever it is, nothing is sent
        question.set_exception(failure)
