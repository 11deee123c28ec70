"""The state file's transactions."""

import sqlite3
from pathlib import Path

import pytest

from subscriptions.sandbox.state import FIRST_ORDER_NUMBER, State, next_order_number, read_setting, write_setting


def test_exception_rolls_back(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    with state.transaction() as db:
        write_setting(db, "colour", "red")

    with pytest.raises(sqlite3.IntegrityError), state.transaction() as db:
        db.executemany("INSERT OR ABORT INTO settings VALUES (?, ?)", [("shape", "round"), ("colour", "blue")])

    with state.transaction() as db:
        assert read_setting(db, "colour", "none") == "red"
        assert read_setting(db, "shape", "none") == "none"
    state.close()


def test_order_numbers_are_never_given_twice(tmp_path: Path) -> None:
    numbers = []
    for _ in range(2):
        state = State(tmp_path / "state")
        with state.transaction() as db:
            numbers += [next_order_number(db), next_order_number(db)]
        state.close()

    assert numbers == [FIRST_ORDER_NUMBER + step for step in range(4)]


def test_older_file_gets_the_columns_it_lacks(tmp_path: Path) -> None:
    State(tmp_path / "state").close()
    older = sqlite3.connect(tmp_path / "state")
    older.execute("ALTER TABLE acme_orders DROP COLUMN csr")
    older.close()

    state = State(tmp_path / "state")
    with state.transaction() as db:
        assert db.execute("SELECT csr FROM acme_orders").fetchall() == []
    state.close()
