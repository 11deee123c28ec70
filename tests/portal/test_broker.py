"""The filesystem transport: whole messages, each taken once, and a table of bindings without races."""

import multiprocessing
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES
from kombu.utils.json import loads

from portal.broker import Channel

pytestmark = pytest.mark.servers

TRANSPORT_ALIASES["atomic-filesystem"] = "portal.broker:Transport"


def open_channel(folder: Path) -> Channel:
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "processed_folder": str(folder / "taken"),
        "store_processed": True,
    }
    channel = Connection("atomic-filesystem://", transport_options=options).channel()
    assert isinstance(channel, Channel)
    return channel


@pytest.fixture
def channel(tmp_path: Path) -> Channel:
    return open_channel(tmp_path / "not" / "yet" / "there")


def test_it_works(channel: Channel) -> None:
    channel._put("celery", {"n": 1})
    channel._put("celery", {"n": 2})
    channel._put("mail", {"n": 3})

    assert channel._size("celery") == 2
    assert [channel._get("celery"), channel._get("celery")] == [{"n": 1}, {"n": 2}]
    with pytest.raises(Empty):
        channel._get("celery")
    assert channel._get("mail") == {"n": 3}


def test_taken_messages_leave_nothing_behind(channel: Channel) -> None:
    channel._put("celery", {"n": 1})
    channel._get("celery")

    assert list(Path(channel.data_folder_in).iterdir()) == []
    assert list(Path(channel.processed_folder).iterdir()) == []


def test_a_message_is_in_the_queue_only_when_it_is_whole(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    fsync = os.fsync

    def look_first(descriptor: int) -> None:
        with pytest.raises(Empty):
            channel._get("celery")
        seen.append("looked while it was written")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look_first)
    channel._put("celery", {"n": 1})

    assert seen == ["looked while it was written"]
    assert channel._get("celery") == {"n": 1}


def test_a_message_that_another_worker_took_first_is_passed_over(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel._put("celery", {"n": 1})
    channel._put("celery", {"n": 2})
    names = channel._waiting("celery")
    (Path(channel.data_folder_in) / names[0]).unlink()
    monkeypatch.setattr(channel, "_waiting", lambda queue: names)

    assert channel._get("celery") == {"n": 2}


def _write(folder: Path, writer: int, count: int) -> None:
    channel = open_channel(folder)
    for number in range(count):
        channel._put("celery", {"id": f"{writer}-{number}", "filling": "x" * 20_000})


def _read(folder: Path, last_call: Any, taken: Any) -> None:
    channel = open_channel(folder)
    while True:
        finished = last_call.is_set()  # asked before looking, so that nothing comes after an empty look
        try:
            taken.put(channel._get("celery")["id"])
        except Empty:
            if finished:
                break
        except ValueError as error:
            taken.put(f"half a message: {error}")
    taken.put(None)


def test_processes_that_hammer_one_queue_see_each_message_once_and_whole(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    last_call, taken = context.Event(), context.Queue()
    readers = [context.Process(target=_read, args=(tmp_path, last_call, taken)) for _ in range(2)]
    writers = [context.Process(target=_write, args=(tmp_path, writer, 500)) for writer in range(2)]
    for process in readers + writers:
        process.start()
    for process in writers:
        process.join()
    last_call.set()
    results: Counter[str] = Counter()
    still_reading = len(readers)
    while still_reading:
        result = taken.get(timeout=60)
        if result is None:
            still_reading -= 1
        else:
            results[result] += 1
    for process in readers:
        process.join()

    assert results == Counter({f"{writer}-{number}": 1 for writer in range(2) for number in range(500)})


def test_queues_bound_at_once_are_all_in_the_table(tmp_path: Path) -> None:
    queues = [f"queue{number}" for number in range(60)]

    def bind(queue: str) -> None:
        channel = open_channel(tmp_path)
        channel._queue_bind("celery", queue, "", queue)
        channel._queue_bind("celery", queue, "", queue)
        assert queue in [row.queue for row in channel.get_table("celery")]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(bind, queues))

    assert sorted(row.queue for row in open_channel(tmp_path).get_table("celery")) == sorted(queues)


def test_the_table_is_whole_whenever_it_is_read(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    channel._queue_bind("celery", "a", "", "a")
    tables: list[list[str]] = []
    fsync = os.fsync

    def look_first(descriptor: int) -> None:
        tables.append([row.queue for row in channel.get_table("celery")])
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look_first)
    channel._queue_bind("celery", "b", "", "b")

    assert tables == [["a"]]
    assert [row.queue for row in channel.get_table("celery")] == ["b", "a"]


def test_deleting_a_queue_takes_it_out_of_the_table(channel: Channel) -> None:
    channel._queue_bind("celery", "a", "", "a")
    channel._queue_bind("celery", "b", "", "b")

    channel._delete("a", "celery", "a", "")

    assert [row.queue for row in channel.get_table("celery")] == ["b"]
    assert loads((channel.control_folder / "celery.exchange").read_text()) == [["b", "", "b"]]


def test_an_exchange_without_queues_has_an_empty_table(channel: Channel) -> None:
    assert channel.get_table("celery") == []
