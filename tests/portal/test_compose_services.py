"""PostgreSQL and Redis set up as docker-compose.yml does: the portal works with those rights and has no more."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.chaos.postgres_server import PostgresServer
from tests.compose_services import ROOT, make_database, parsed, redis_of_compose
from tests.portal.test_process_secrets import environment

pytestmark = pytest.mark.long

FORBIDDEN = {
    "make a role": "CREATE ROLE another",
    "make a database": "CREATE DATABASE another",
    "become a superuser": "ALTER ROLE portal SUPERUSER",
    "change the server": "ALTER SYSTEM SET work_mem = '1GB'",
    "read the server's files": "SELECT pg_read_file('/etc/passwd')",
    "run programs": "COPY (SELECT 1) TO PROGRAM 'true'",
    "read the passwords of roles": "SELECT rolpassword FROM pg_authid",
    "end others' connections": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
}


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def database_url(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_database(postgres, tmp_path_factory.mktemp("secrets"))


def test_migrations_run_as_the_portals_user(database_url: str, tmp_path: Path) -> None:
    env = environment("migrate", tmp_path, DATABASE_URL=database_url)
    command = [sys.executable, "manage.py", "migrate", "--noinput"]
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)

    with psycopg.connect(database_url) as connection:
        owners = connection.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert owners == [("portal",)]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_that_user_has_no_right_outside_its_database(database_url: str, postgres: PostgresServer, what: str) -> None:
    with (
        psycopg.connect(postgres.url),  # a connection of the superuser's
        psycopg.connect(database_url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(FORBIDDEN[what].encode())


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_that_user_reaches_no_other_database(database_url: str, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(database_url.removesuffix("/portal") + f"/{database}")


def test_nobody_else_reaches_the_portals_database(database_url: str, postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute("CREATE ROLE stranger LOGIN")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(postgres.url.replace("postgres@", "stranger@").removesuffix("/postgres") + "/portal")


def test_the_users_password_is_the_secret(database_url: str, postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.url) as admin:
        kept = admin.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'portal'").fetchone()
    assert kept is not None
    assert str(kept[0]).startswith("SCRAM-SHA-256$")


def test_redis_wants_its_password(tmp_path: Path) -> None:
    with redis_of_compose(tmp_path) as url:
        anonymous = redis.Redis.from_url(f"redis://{url.partition('@')[2]}")
        with pytest.raises(redis.AuthenticationError):
            anonymous.set("key", "value")
        known = redis.Redis.from_url(url)
        assert known.set("key", "value")
        password = (tmp_path / "redis_password").read_text().strip()
        shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        assert password not in shown
        with pytest.raises(redis.ResponseError):
            known.config_set("dir", "/etc")  # a server that writes where it likes can be made to run code
        anonymous.close()
        known.close()


def test_its_health_check_asks_with_the_password(tmp_path: Path) -> None:
    kind, script = parsed()["services"]["redis"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    with redis_of_compose(tmp_path) as url:
        port = url.rpartition(":")[2].partition("/")[0]
        script = script.replace("$$", "$").replace("/run/secrets/", f"{tmp_path}/")
        script = script.replace("redis-cli", f"redis-cli -p {port}")
        assert subprocess.run(["sh", "-c", script]).returncode == 0
        (tmp_path / "redis_password").write_text("another\n")
        assert subprocess.run(["sh", "-c", script], capture_output=True).returncode != 0
