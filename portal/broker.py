"""Celery's filesystem transport with whole messages only.

kombu writes a message in place, so that a reader can take a half-written one, which ends the worker. Here a message is
written to a temporary file of another name and moved into the queue by `os.replace`; it is taken by `os.rename`, which
only one worker wins. The table of bindings of an exchange is replaced in the same way, under a lock of its own.
"""

import fcntl
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport.filesystem import Channel as FilesystemChannel
from kombu.transport.filesystem import Transport as FilesystemTransport
from kombu.transport.filesystem import exchange_queue_t
from kombu.utils.json import dumps, loads

Table = list[exchange_queue_t]


def _write_whole(path: Path, text: str) -> None:
    # Without a dot in its name the partial file belongs to no queue. The content is on the disk before the name is:
    # otherwise a power cut can leave a message that is empty.
    partial = path.with_name(f"partial-{uuid.uuid4()}")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


class Channel(FilesystemChannel):
    """A channel over a folder of message files. Folders are made where they are missing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder, self.processed_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)

    # The stubs of kombu's two base classes contradict each other, hence the two `override`.
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # Wall-clock time, unlike kombu's monotonic one, keeps the order across a restart of the machine.
        name = f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg"
        _write_whole(Path(self.data_folder_out) / name, dumps(payload))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in self._waiting(queue):
            taken = Path(self.processed_folder) / name
            try:
                (Path(self.data_folder_in) / name).rename(taken)
            except FileNotFoundError:  # another worker was faster
                continue
            text = taken.read_text(encoding="utf-8")
            taken.unlink()
            return loads(text)
        raise Empty

    def _waiting(self, queue: str) -> list[str]:
        names = (path.name for path in Path(self.data_folder_in).iterdir())
        return sorted(name for name in names if name.partition(".")[2] == f"{queue}.msg")

    def get_table(self, exchange: str) -> Table:  # type: ignore[override]
        """Give the queues bound to `exchange`."""
        try:
            text = self._table_file(exchange).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return [exchange_queue_t(*row) for row in loads(text)]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        binding = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self._change_table(exchange, lambda table: table if binding in table else [binding, *table])

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **kwargs: Any) -> None:
        # Past kombu's own method, which writes the table in place.
        super(FilesystemChannel, self)._delete(queue, exchange, routing_key, pattern, *args, **kwargs)
        binding = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self._change_table(exchange, lambda table: [row for row in table if row != binding])

    def _change_table(self, exchange: str, change: Callable[[Table], Table]) -> None:
        file = self._table_file(exchange)
        with self._lock(file.with_suffix(".lock")):
            old = self.get_table(exchange)
            new = change(old)
            if new != old:
                _write_whole(file, dumps(new))

    def _table_file(self, exchange: str) -> Path:
        file: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]  # the stubs lack it
        return file

    @contextmanager
    def _lock(self, path: Path) -> Iterator[None]:
        # A file of its own: a lock on the table itself would guard a file that `replace` has already put away.
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(FilesystemTransport):
    """The transport of embedded installations: `atomic-filesystem://`."""

    Channel = Channel
