"""A database of the version before is upgraded, saved and put back, by the commands of the README."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests.chaos.postgres_server import PostgresServer
from tests.compose_services import make_database, parsed
from tests.portal.version_before import KEY

pytestmark = pytest.mark.long

ROOT: Path = settings.BASE_DIR
DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """An installation with a database that is empty; on PostgreSQL with the rights that docker-compose.yml gives."""
    url = f"sqlite:///{tmp_path}/portal.sqlite3"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS portal WITH (FORCE)")
            connection.execute("DROP ROLE IF EXISTS portal")
        url = make_database(server, tmp_path)
    told = {"DATABASE_URL": url, "VAR_DIR": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return {"PATH": os.environ["PATH"]} | told


def run(environ: dict[str, str], *command: str, fails: bool = False) -> str:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stderr if fails else done.stdout


def manage(environ: dict[str, str], *arguments: str, fails: bool = False) -> str:
    return run(environ, "manage.py", *arguments, fails=fails)


def look(environ: dict[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(environ, "-m", "tests.portal.look_at_database"))
    return told


@pytest.mark.parametrize("environ", DATABASES, indirect=True)
def test_the_version_before_is_upgraded_saved_and_put_back(environ: dict[str, str], tmp_path: Path) -> None:
    run(environ, "-m", "tests.portal.version_before")

    told = manage(environ, "upgrade")

    before = Path(told.splitlines()[0].removeprefix("Saved: "))
    assert stat.S_IMODE(before.stat().st_mode) == 0o600
    assert manage(environ, "upgrade") == "The database is of this version.\n"
    upgraded = look(environ)
    assert set(upgraded["pages"].values()) == {200}, upgraded["pages"]
    assert upgraded["keys"] == [f"{KEY}-0", f"{KEY}-1"]
    assert upgraded["charged"] == "50.000000"
    counted = ("Customer", "Subscription", "EabBinding", "Quote", "QuoteLine", "Order", "Operation", "Domain")
    rows = {label.partition(".")[2]: number for label, number in upgraded["rows"].items()}
    assert [rows[name] for name in counted] == [1, 2, 2, 2, 4, 2, 4, 4]

    saved = Path(manage(environ, "backup", str(tmp_path / "kept")).strip())
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [saved.name]
    shell = "from subscriptions.models import Domain, Subscription; Subscription.objects.update(label='Wrong')"
    manage(environ, "shell", "--command", shell)
    assert "--replace" in manage(environ, "restore", str(saved), fails=True)
    assert "What was there: " in manage(environ, "restore", str(saved), "--replace")
    assert look(environ) == upgraded | {"held": "changes"} | _one_event_more(upgraded)
    labels = "from subscriptions.models import Subscription; print(Subscription.objects.values('label'))"
    assert "Wrong" not in manage(environ, "shell", "--command", labels)

    manage(environ, "restore", str(before), "--replace")  # an older one is brought up to this version
    assert look(environ) == upgraded | {"held": "changes"} | _one_event_more(upgraded)


def _one_event_more(told: dict[str, Any]) -> dict[str, Any]:
    """The gate's closing is the one row that a restored database has more."""
    return {"rows": told["rows"] | {"accounts.AuditEvent": told["rows"]["accounts.AuditEvent"] + 1}}


@pytest.mark.parametrize("environ", DATABASES, indirect=True)
def test_what_cannot_be_put_back_changes_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    manage(environ, "upgrade")
    shell = "from accounts.models import Customer; Customer.objects.create(name='Northwind')"
    manage(environ, "shell", "--command", shell)
    saved = Path(manage(environ, "backup").strip())
    whole = saved.read_bytes()

    def refused(file: Path) -> str:
        return manage(environ, "restore", str(file), "--replace", fails=True)

    no_backup, damaged, other = tmp_path / "letter", tmp_path / "damaged", tmp_path / "other"
    no_backup.write_text("Dear Sir or Madam")
    damaged.write_bytes(whole[: len(whole) // 2])
    other.write_bytes(b"PGDMP" if whole.startswith(b"SQLite") else b"SQLite format 3\0")
    for file in (no_backup, damaged, other, tmp_path / "missing"):
        assert "Nothing was restored." in refused(file)
    later = "from django.db.migrations.recorder import MigrationRecorder as R; from django.db import connection as c\n"
    manage(environ, "shell", "--command", f"{later}R(c).record_applied('accounts', '9999_of_a_later_version')")
    newer = Path(manage(environ, "backup").strip())
    assert "newer version of the portal" in refused(newer)
    beat = "from subscriptions.models import WorkerHeartbeat; WorkerHeartbeat.objects.create(name='worker-now@here')"
    manage(environ, "shell", "--command", beat)
    assert "worker-now@here" in refused(saved)
    count = "from accounts.models import Customer; print(Customer.objects.get().name)"
    assert manage(environ, "shell", "--command", count).endswith("Northwind\n")


@pytest.mark.parametrize("environ", ["postgresql"], indirect=True)
def test_the_backup_service_saves_and_restores(environ: dict[str, str], tmp_path: Path) -> None:
    """The script, as docker-compose.yml has it run; others who are connected are in its way."""
    manage(environ, "upgrade")
    service = parsed()["services"]["backup"]
    assert service["environment"]["PGPASSWORD_FILE"] == "/run/secrets/database_password"
    place = psycopg.conninfo.conninfo_to_dict(environ["DATABASE_URL"])
    told = {"PGHOST": str(place["host"]), "PGPORT": str(place["port"]), "PGUSER": "portal", "PGDATABASE": "portal"}
    assert service["environment"].items() >= {name: told[name] for name in ("PGUSER", "PGDATABASE")}.items()
    told |= {"PATH": os.environ["PATH"], "PGPASSWORD_FILE": str(tmp_path / "database_password")}
    file = tmp_path / "portal.dump"

    def script(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["sh", str(ROOT / "deploy" / "backup.sh"), *arguments]
        return subprocess.run(command, env=told, capture_output=True, text=True)

    assert script("save", str(file)).stdout == f"{file}\n"
    with psycopg.connect(environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE of_a_later_version (number int)")
        connection.commit()
        assert script("restore", str(file)).returncode == 3
    done = script("restore", str(file))
    assert done.returncode == 0, done.stderr
    with psycopg.connect(environ["DATABASE_URL"]) as connection:
        tables = {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert "of_a_later_version" not in tables
    assert "accounts_user" in tables
    manage(environ, "migrate", "--check")
