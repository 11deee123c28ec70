"""The sandbox's memory: one SQLite file that survives a kill.

Money is held in cents, instants as the text the API prints (UTC, whole seconds), so that they sort as they read.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from .schema import ADDED_COLUMNS, SCHEMA

FIRST_ORDER_NUMBER = 200_000_001


class State:
    """One connection, used by one thread at a time; every change of the sandbox is one transaction here."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds MAC keys
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA foreign_keys=ON")
        self._db.executescript(SCHEMA)
        self._add_columns()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection inside a transaction: committed at the end, rolled back by any exception."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _add_columns(self) -> None:
        """Bring the tables of an older file to what they are now."""
        for table, column in ADDED_COLUMNS:
            present = {row["name"] for row in self._db.execute(f"PRAGMA table_info({table})")}
            if column not in present:
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT")

    def close(self) -> None:
        """Close the file; the sandbox cannot be used afterwards."""
        with self._lock:
            self._db.close()


def read_setting(db: sqlite3.Connection, name: str, default: str) -> str:
    """The stored setting of that name, or the default."""
    row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return default if row is None else str(row["value"])


def write_setting(db: sqlite3.Connection, name: str, value: str) -> None:
    """Store a setting, replacing what was there."""
    db.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))


def next_order_number(db: sqlite3.Connection) -> int:
    """An order number never given out before, whatever the reseller."""
    number = int(read_setting(db, "next_order_number", str(FIRST_ORDER_NUMBER)))
    write_setting(db, "next_order_number", str(number + 1))
    return number


def instant_text(instant: datetime) -> str:
    """The instant as the API prints it: ISO 8601, UTC, whole seconds, `Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant_of(text: str) -> datetime:
    """The instant behind the API's text; raises ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
