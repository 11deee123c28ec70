"""The database goes back to a backup, and nobody runs `manage.py restored`: nothing is charged again."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import redis

from tests.chaos.installation import Installation
from tests.chaos.postgres_server import server_program
from tests.services import require_service
from tests.waiting import wait_for

pytestmark = pytest.mark.chaos

NAMES = ["example.com", "example.net"]


def _back_up(installation: Installation) -> Callable[[], object]:
    """Make a backup, and give what restores it into the same place."""
    backup = installation.folder / "backup"
    if installation.database_url.startswith("sqlite"):
        return _back_up_file(Path(installation.database_url.removeprefix("sqlite:///")), backup)
    for program in ("pg_dump", "pg_restore"):
        require_service(program, bool(server_program(program)), "it is not installed")
    database = f"--dbname={installation.database_url}"
    subprocess.run([server_program("pg_dump"), "--format=custom", f"--file={backup}", database], check=True)
    restore = [server_program("pg_restore"), "--clean", "--if-exists", "--single-transaction", database, str(backup)]
    return lambda: subprocess.check_call(restore)


def _back_up_file(database: Path, backup: Path) -> Callable[[], None]:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)

    def restore() -> None:
        for suffix in ("-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(backup, database)

    return restore


def _forget(installation: Installation) -> None:
    """Lose what was noted beside the database, as on another host."""
    (installation.folder / "ledger.json").unlink()
    if installation.redis_url:
        redis.Redis.from_url(installation.redis_url).flushdb()


@pytest.mark.parametrize("is_noted", [True, False], ids=["noted", "unnoted"])
def test_a_forgotten_restore(installation: Installation, is_noted: bool) -> None:
    code = installation.ask("subscribe")
    installation.settle()
    quote = installation.ask("quote", code, NAMES)
    wait_for(lambda: installation.ask("quote_state", quote) == "ready", what="the quote")
    installation.kill_worker()
    installation.ask("confirm", quote)
    restore = _back_up(installation)
    installation.start_worker()
    installation.ask("forget_messages")
    installation.settle()
    assert installation.changes("ADDDOMAIN") == 2

    installation.kill_worker()
    installation.end_driver()
    restore()
    if not is_noted:
        _forget(installation)
    installation.start_driver()
    assert [row["state"] for row in installation.ask("operations")] == ["succeeded", "queued", "queued"]
    installation.start_worker()
    installation.ask("forget_messages")
    if is_noted:
        _the_gate_closes_by_itself(installation)
        installation.ask("reopen")

    wait_for(lambda: _are_all_looked_at(installation), seconds=60, every=0.5, what="what waits for a person")
    assert installation.changes("ADDDOMAIN") == 2
    assert len(installation.summary()["charges"]) == 2


def _the_gate_closes_by_itself(installation: Installation) -> None:
    wait_for(lambda: installation.ask("gate")["closed_for"] == "changes", what="the gate, closed by a worker")

    def is_compared() -> bool:
        installation.ask("sweep")
        return bool(installation.ask("gate")["is_compared"])

    wait_for(is_compared, every=0.5, what="the comparison")
    told = " ".join(row["text"] for row in installation.ask("gate")["comparison"])
    assert told.count("no operation here holds it") == 2
    assert {row["state"] for row in installation.ask("operations")[1:]} == {"queued"}


def _are_all_looked_at(installation: Installation) -> bool:
    installation.ask("sweep")
    return {row["state"] for row in installation.ask("operations")[1:]} == {"attention"}
