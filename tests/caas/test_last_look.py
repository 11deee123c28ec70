"""The last look, seen from outside: what a server on a real socket gets before, during and after it."""

import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import FrameType

import httpx
import pytest

from subscriptions.caas import last_look as last_look_module
from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError, LookRefused, NotSent, OutcomeUnknown, UnreadableReply
from subscriptions.caas.last_look import LOOK_HOLDS, LastLook, Moment, moment
from subscriptions.caas.transport import Timeouts

from .loopback import Listener, LoopbackCa, answer_well, loopback
from .scripted_ca import MALFORMED, Unlimited, refusal, scripted, yes

PATIENT = Timeouts(connect=5, read=5, total=5)
TOO_LATE = "Nothing was sent: more than 2 seconds had passed since the last check before it."


class Hands:
    """Both clocks, set by hand."""

    def __init__(self) -> None:
        self.now = Moment(host=1000, wall=1_800_000_000)

    def __call__(self) -> Moment:
        return self.now

    def move(self, *, host: float = 0, wall: float = 0) -> None:
        self.now = replace(self.now, host=self.now.host + host, wall=self.now.wall + wall)


def connect(url: str, timeout: Timeouts = PATIENT, clock: Callable[[], Moment] = moment) -> CaasClient:
    return CaasClient(
        url=url, login_name="northwind", login_password="pw", timeout=timeout, limiter=Unlimited(), clock=clock
    )


def failure(client: CaasClient, look: LastLook) -> CaasError:
    with pytest.raises(CaasError) as caught:
        client.add_domain(acme_account_id="A1", name="domain.com", last_look=look)
    return caught.value


def test_the_look_comes_when_the_connection_stands_and_nothing_is_written() -> None:
    listener, seen = Listener(), []

    def look() -> bool:
        assert listener.connected.wait(5)
        seen.append((threading.get_ident(), bytes(listener.received)))
        return True

    with loopback(listener) as server, connect(server.url) as client:
        assert type(failure(client, look)) is UnreadableReply  # GOOD is an answer to another question
    assert seen == [(threading.get_ident(), b"")]
    assert b"action=ADDDOMAIN" in listener.received


def test_each_method_that_changes_something_looks() -> None:
    def refused() -> bool:
        return False

    with loopback(listener := Listener()) as server, connect(server.url) as client:
        with pytest.raises(LookRefused):
            client.add_domain(acme_account_id="A1", name="domain.com", last_look=refused)
        with pytest.raises(LookRefused):
            client.preregister(directory_url="https://acme.example/v2/DV", years=1, last_look=refused)
        with pytest.raises(LookRefused):
            client.remove_domain(acme_account_id="A1", name="domain.com", last_look=refused)
    assert listener.received == b""


def test_a_look_that_says_no_sends_nothing() -> None:
    with loopback(listener := Listener()) as server, connect(server.url) as client:
        error = failure(client, lambda: False)
        assert listener.hung_up.wait(5)
    assert type(error) is LookRefused
    assert str(error) == "Nothing was sent: the last check before it said no."
    assert listener.received == b""


def test_a_look_that_fails_sends_nothing() -> None:
    problem = ZeroDivisionError("the database is away")

    def look() -> bool:
        raise problem

    with loopback(listener := Listener()) as server, connect(server.url) as client:
        error = failure(client, look)
        assert listener.hung_up.wait(5)
    assert type(error) is NotSent
    assert str(error) == "Nothing was sent: the last check before it failed."
    assert error.__cause__ is problem
    assert listener.received == b""


@pytest.mark.parametrize("passed", [{"host": 3}, {"wall": 3}, {"host": 3, "wall": -60}, {"host": LOOK_HOLDS + 0.1}])
def test_a_look_of_three_seconds_sends_nothing(passed: dict[str, float]) -> None:
    hands = Hands()

    def look() -> bool:
        hands.move(**passed)
        return True

    with loopback(listener := Listener()) as server, connect(server.url, clock=hands) as client:
        error = failure(client, look)
        assert listener.hung_up.wait(5)
    assert type(error) is NotSent
    assert str(error) == TOO_LATE
    assert listener.received == b""


@pytest.mark.parametrize("passed", [{"host": LOOK_HOLDS}, {"wall": -3600}])
def test_a_look_that_still_holds_sends(passed: dict[str, float]) -> None:
    hands = Hands()

    def look() -> bool:
        hands.move(**passed)
        return True

    with loopback(Listener()) as server, connect(server.url, clock=hands) as client:
        assert type(failure(client, look)) is UnreadableReply


def test_a_look_without_an_answer_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is cut while the look still hangs; that it says yes in the end helps no more."""
    monkeypatch.setattr(last_look_module, "LOOK_HOLDS", 0.05)
    with loopback(listener := Listener()) as server, connect(server.url) as client:
        error = failure(client, lambda: listener.hung_up.wait(5))
    assert type(error) is NotSent
    assert str(error) == "Nothing was sent: the last check before it took longer than 0.05 seconds."
    assert listener.received == b""


@pytest.mark.parametrize("passed", [{"host": 3}, {"wall": 3}])
def test_time_passing_between_headers_and_body_drops_the_body(passed: dict[str, float]) -> None:
    hands = Hands()
    listener = Listener()

    class PausedAfterTheHeaders(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            trace = request.extensions["trace"]

            async def then_pause(event: str, info: dict[str, object]) -> None:
                await trace(event, info)
                if event == "http11.send_request_headers.complete":
                    hands.move(**passed)

            request.extensions["trace"] = then_pause
            return await super().handle_async_request(request)

    with (
        loopback(listener) as server,
        CaasClient(
            url=server.url,
            login_name="northwind",
            login_password="pw",
            timeout=PATIENT,
            limiter=Unlimited(),
            change_transport=PausedAfterTheHeaders(),
            clock=hands,
        ) as client,
    ):
        error = failure(client, yes)
        assert listener.hung_up.wait(5)
    assert type(error) is OutcomeUnknown
    assert str(error) == (
        "The connection to the CA was cut halfway through the request: "
        "more than 2 seconds had passed since the last check before it."
    )
    head, _, body = bytes(listener.received).partition(b"\r\n\r\n")
    assert head.startswith(b"POST ")
    assert body == b""


def test_a_look_holds_up_no_other_call() -> None:
    def look() -> bool:
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(client.list_servers).result(5) == ()

    with loopback(answer_well) as server, connect(server.url) as client:
        assert type(failure(client, look)) is UnreadableReply
    assert (len(server.requests_of_connection), sum(server.requests_of_connection)) == (2, 2)


def test_a_read_has_no_look_and_keeps_its_connection() -> None:
    hands = Hands()
    with loopback(answer_well) as server, connect(server.url, clock=hands) as client:
        for _ in range(2):
            hands.move(host=60, wall=60)
            client.list_servers()
    assert server.requests_of_connection == [2]


def test_the_second_spelling_is_looked_at_again() -> None:
    looks = iter([True, False])
    first = refusal(400, "'serverURL' is an unrecognized argument!", MALFORMED)
    with scripted(first) as (client, ca), pytest.raises(LookRefused):
        client.preregister(directory_url="https://acme.example/v2/DV", years=1, last_look=lambda: next(looks))
    assert len(ca.requests) == 1
    assert list(looks) == []


@pytest.mark.parametrize("answer", [False, None, 0])
def test_a_transport_that_announces_nothing_gets_the_request_after_the_look(answer: object) -> None:
    with scripted() as (client, ca):
        assert type(failure(client, lambda: answer)) is LookRefused  # type: ignore[arg-type, return-value]
        assert ca.requests == []


def test_closing_during_the_look_means_not_sent() -> None:
    def look() -> bool:
        client.close()
        return True

    with loopback(listener := Listener()) as server, connect(server.url) as client:
        error = failure(client, look)
    assert type(error) is NotSent
    assert str(error) == "The portal ended the call before anything was sent."
    assert listener.received == b""


class RaisesAt(httpx.AsyncHTTPTransport):
    """Fails at an event of its own connection, with an error of a kind that tells nothing."""

    def __init__(self, event: str, error: Exception) -> None:
        super().__init__()
        self._event = event
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        trace = request.extensions["trace"]

        async def fail_at(event: str, info: dict[str, object]) -> None:
            await trace(event, info)
            if event == self._event:
                raise self._error

        request.extensions["trace"] = fail_at
        return await super().handle_async_request(request)


@pytest.mark.parametrize(
    "error", [httpx.ReadError("x"), httpx.ConnectError("x"), httpx.PoolTimeout("x"), TimeoutError(), OSError("x")]
)
@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        ("connection.connect_tcp.started", NotSent),
        ("http11.send_request_headers.started", OutcomeUnknown),
        ("http11.send_request_headers.complete", OutcomeUnknown),
        ("http11.send_request_body.complete", OutcomeUnknown),
        ("http11.receive_response_headers.complete", OutcomeUnknown),
    ],
)
def test_not_sent_is_told_by_what_was_written_and_not_by_the_error(
    event: str, outcome: type[CaasError], error: Exception
) -> None:
    with (
        loopback(Listener()) as server,
        CaasClient(
            url=server.url,
            login_name="northwind",
            login_password="pw",
            timeout=PATIENT,
            limiter=Unlimited(),
            change_transport=RaisesAt(event, error),
        ) as client,
    ):
        assert type(failure(client, yes)) is outcome


class InterruptError(Exception):
    pass


def test_a_signal_interrupts_the_wait_and_cuts_the_call() -> None:
    cut = threading.Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise InterruptError

    def serve(server: LoopbackCa, connection: socket.socket) -> None:
        server.receive(connection)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
        connection.settimeout(5)
        if connection.recv(1) == b"":
            cut.set()

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with loopback(serve) as server, connect(server.url) as client:
            with pytest.raises(InterruptError):
                client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
            assert cut.wait(5)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_look_that_is_interrupted_sends_nothing() -> None:
    def look() -> bool:
        raise KeyboardInterrupt

    with loopback(listener := Listener()) as server, connect(server.url) as client:
        with pytest.raises(KeyboardInterrupt):
            client.add_domain(acme_account_id="A1", name="domain.com", last_look=look)
        assert listener.hung_up.wait(5)
    assert listener.received == b""


def test_time_is_what_either_clock_says() -> None:
    earlier = Moment(host=10, wall=100)
    assert Moment(host=11, wall=105).seconds_since(earlier) == 5
    assert Moment(host=15, wall=50).seconds_since(earlier) == 5


def test_the_host_clock_goes_on_while_the_machine_is_suspended() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    now = moment()
    assert before <= now.host <= time.clock_gettime(time.CLOCK_BOOTTIME)
    assert abs(now.wall - time.time()) < 60
