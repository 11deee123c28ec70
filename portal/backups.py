"""Backups of the whole database: SQLite's by its own copy, PostgreSQL's by its own tools (deploy/backup.sh).

Stored secrets are in them encrypted, and of no use without ENCRYPTION_KEYS, which belong into another place.
"""

import os
import sqlite3
import subprocess  # nosec B404  # no shell: PostgreSQL's own tools
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from subscriptions.models import WorkerHeartbeat

SCRIPT = settings.BASE_DIR / "deploy" / "backup.sh"
SQLITE, POSTGRESQL = b"SQLite format 3\0", b"PGDMP"  # how such files begin
NAMES = {"sqlite": ("SQLite", SQLITE, "sqlite3"), "postgresql": ("PostgreSQL", POSTGRESQL, "dump")}
LIBPQ = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "NAME": "PGDATABASE"}


class BackupProblem(Exception):  # noqa: N818 - the text is a sentence for the operator
    """A backup cannot be made or used; the text says why."""


def refuse_while_workers_live() -> None:
    """Raise BackupProblem where a worker has given a sign of life within the last minute."""
    if WorkerHeartbeat._meta.db_table not in connection.introspection.table_names():
        return
    if workers := sorted(WorkerHeartbeat.objects.fresh(timezone.now()).values_list("name", flat=True)):
        raise BackupProblem(f"Workers live ({', '.join(workers)}): stop web, workers and beat, and wait a minute.")


def save(folder: Path, *, name: str = "portal") -> Path:
    """Write the database into a new file of a folder, for its owner's eyes, whole or not at all; give the file.

    Raises BackupProblem.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.{NAMES[connection.vendor][2]}"
    if connection.vendor == "postgresql":
        _run_script("save", file)
        return file
    partial = file.with_name(f"{file.name}.partial")
    partial.touch(mode=0o600, exist_ok=False)  # an empty file is taken as an empty database
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(partial)])
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return file


def restore(file: Path) -> None:
    """Put a backup in the place of all that is in the database, in one step: where that fails nothing has changed.

    Raises BackupProblem, also for a backup of another kind of database or of a newer version of the portal.
    """
    if unknown := sorted(_migrations_in(file) - set(MigrationLoader(None).disk_migrations)):
        newer = ", ".join(".".join(one) for one in unknown[:3])
        raise BackupProblem(f"{file} is of a newer version of the portal, which this one does not know ({newer}).")
    if connection.vendor == "postgresql":
        connection.close()
        _run_script("restore", file)
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(_read_only(file), uri=True)) as source:
        source.backup(connection.connection)


def _migrations_in(file: Path) -> set[tuple[str, str]]:
    """Give the migrations, as app and name, that a backup has had. Raises BackupProblem where it is none for here."""
    title, beginning, _ = NAMES[connection.vendor]
    try:
        with file.open("rb") as opened:
            begins = opened.read(len(SQLITE))
    except OSError as error:
        raise BackupProblem(f"{file} cannot be read: {error.strerror}.") from error
    if not begins.startswith(beginning):
        raise BackupProblem(f"{file} is no backup of {title}, on which this portal runs.")
    if connection.vendor == "postgresql":
        command = ["pg_restore", "--data-only", "--table=django_migrations", "--file=-", str(file)]
        rows = [line.split("\t") for line in _output(command).splitlines()]
        return {(row[1], row[2]) for row in rows if len(row) == 4}  # id, app, name, applied
    try:
        with closing(sqlite3.connect(_read_only(file), uri=True)) as source:
            if (answer := source.execute("PRAGMA quick_check(1)").fetchone()) != ("ok",):
                raise BackupProblem(f"{file} is damaged: {answer[0]}.")
            return set(source.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.Error as error:
        raise BackupProblem(f"{file} is no backup of the portal: {error}.") from error


def _read_only(file: Path) -> str:
    return f"{file.resolve().as_uri()}?mode=ro"


def _run_script(what: str, file: Path) -> None:
    _output(["sh", str(SCRIPT), what, str(file)])


def _output(command: list[str]) -> str:
    """Run one of PostgreSQL's tools on the portal's database; the password is in no list of processes."""
    configured = settings.DATABASES["default"]
    _, environ = DatabaseClient.settings_to_cmd_args_env(configured, [])  # password, service and TLS
    places = {variable: str(configured[name]) for name, variable in LIBPQ.items() if configured.get(name)}
    try:
        done = subprocess.run(  # nosec B603  # fixed programs, no shell; the file is the operator's own
            command,
            env={**os.environ, **(environ or {}), **places},
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError as error:
        raise BackupProblem(
            f"{error.filename} is not installed here. It comes with PostgreSQL's client; with Docker there is "
            "`docker compose run --rm backup`."
        ) from error
    except subprocess.CalledProcessError as error:
        raise BackupProblem(error.stderr.strip() or f"{command[0]} ended with {error.returncode}.") from error
    return done.stdout
