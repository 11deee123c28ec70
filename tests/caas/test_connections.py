import multiprocessing
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError, NotSent, OutcomeUnknown, UnreadableReply
from subscriptions.caas.transport import Timeouts
from subscriptions.caas.types import DomainAdded

from .loopback import GOOD, LoopbackCa, answer_once, answer_well, drip, hang_up, loopback, say_nothing
from .scripted_ca import Unlimited, reply, scripted, yes

PATIENT = Timeouts(connect=5, read=5, total=5)
HASTY = Timeouts(connect=5, read=5, total=0.3)


def connect(url: str, timeout: Timeouts = PATIENT) -> CaasClient:
    return CaasClient(url=url, login_name="northwind", login_password="pw", timeout=timeout, limiter=Unlimited())


def change(client: CaasClient) -> DomainAdded:
    return client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)


def failure_of_change(client: CaasClient) -> CaasError:
    with pytest.raises(CaasError) as caught:
        change(client)
    return caught.value


@pytest.mark.parametrize("method", ["read", "change"])
@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"HTTP/1.1 200 O", id="status line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Slow: ", id="headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", id="body without a length"),
    ],
)
def test_an_answer_that_drips_is_cut_at_the_total_deadline(start: bytes, method: str) -> None:
    with loopback(drip(start)) as server, connect(server.url, HASTY) as client:
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown) as caught:
            change(client) if method == "change" else client.list_servers()
        took = time.monotonic() - began
    assert caught.value.evidence["failure"] == "total deadline"
    assert 0.3 <= caught.value.evidence["elapsed_seconds"] <= took < 2


def test_a_server_that_never_answers_is_left_at_the_read_timeout() -> None:
    timeout = Timeouts(connect=5, read=0.1, total=5)
    with loopback(say_nothing) as server, connect(server.url, timeout) as client:
        failure = failure_of_change(client)
    assert type(failure) is OutcomeUnknown
    assert failure.evidence["failure"] == "ReadTimeout"


def test_a_lost_connection_leaves_the_outcome_unknown() -> None:
    with loopback(hang_up) as server, connect(server.url) as client, pytest.raises(OutcomeUnknown) as caught:
        change(client)
    assert caught.value.evidence["failure"].startswith("RemoteProtocolError: ")


def test_a_port_where_nobody_listens_means_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with connect(f"http://127.0.0.1:{port}/") as client, pytest.raises(NotSent) as caught:
        change(client)
    assert caught.value.evidence["failure"].startswith("ConnectError: ")


def test_reads_share_a_connection() -> None:
    with loopback(answer_well) as server, connect(server.url) as client:
        for _ in range(3):
            client.list_servers()
    assert server.requests_of_connection == [3]


def test_each_change_has_a_connection_of_its_own() -> None:
    with loopback(answer_well) as server, connect(server.url) as client:
        client.list_servers()
        for _ in range(3):
            with pytest.raises(UnreadableReply):
                change(client)
    assert server.requests_of_connection == [1, 1, 1, 1]


def test_a_connection_closed_behind_the_back_harms_no_change() -> None:
    with loopback(answer_once) as server, connect(server.url) as client:
        for _ in range(3):
            with pytest.raises(UnreadableReply):
                change(client)
    assert server.requests_of_connection == [1, 1, 1]


def test_a_call_cut_by_closing_is_an_unknown_outcome() -> None:
    with loopback(say_nothing) as server, ThreadPoolExecutor(1) as threads:
        client = connect(server.url)
        pending = threads.submit(change, client)
        assert server.asked.wait(5)
        client.close()
        failure = pending.exception(5)
    assert type(failure) is OutcomeUnknown
    assert failure.evidence["failure"] == "closed"


def test_a_slow_call_holds_up_no_other() -> None:
    release = threading.Event()

    def first_waits(server: LoopbackCa, connection: socket.socket) -> None:
        server.receive(connection)
        if server.requests_of_connection == [1]:
            release.wait(5)
        connection.sendall(GOOD)

    with loopback(first_waits) as server, connect(server.url) as client, ThreadPoolExecutor(1) as threads:
        slow = threads.submit(client.list_servers)
        assert server.asked.wait(5)
        assert client.list_servers() == ()
        assert not slow.done()
        release.set()
        assert slow.result(5) == ()


def test_many_threads_use_one_client() -> None:
    with loopback(answer_well) as server, connect(server.url) as client, ThreadPoolExecutor(16) as threads:
        results = list(threads.map(lambda _: client.list_servers(), range(200)))
    assert results == [()] * 200
    assert sum(server.requests_of_connection) == 200


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_a_client_used_before_a_fork_works_after_it() -> None:
    with scripted(reply({"Servers": []}), reply({"Servers": []})) as (client, _):
        client.list_servers()
        child = multiprocessing.get_context("fork").Process(target=client.list_servers)
        child.start()
        child.join(10)
        exit_code = child.exitcode
        child.kill()
        child.join()
        assert exit_code == 0
        client.list_servers()


def test_an_unexpected_failure_of_a_transport_is_not_hidden() -> None:
    with scripted(ZeroDivisionError("a bug")) as (client, _), pytest.raises(ZeroDivisionError) as caught:
        client.list_servers()
    assert not isinstance(caught.value, CaasError)
