"""Installations of the fault runs, on SQLite with the filesystem broker and on PostgreSQL with Redis."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis
from psycopg import sql

from tests.chaos.installation import Installation
from tests.on_servers import DATABASE_URL, REDIS_URL, missing_servers
from tests.services import require_service

BOTH = ("embedded", "server")


@contextmanager
def database_of_its_own(where: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Give the URLs of an empty database and of an empty broker; the second is empty where that is the file system."""
    if where == "embedded":
        yield f"sqlite:///{folder / 'portal.sqlite3'}", ""
        return
    problems = missing_servers()
    require_service("PostgreSQL and Redis", not problems, "; ".join(problems))
    name = f"chaos_{uuid4().hex[:12]}"
    with psycopg.connect(DATABASE_URL, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        redis.Redis.from_url(REDIS_URL).flushdb()
        try:
            yield DATABASE_URL.rpartition("/")[0] + f"/{name}", REDIS_URL
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def running(made: Installation) -> Iterator[Installation]:
    """Start an installation, and end it afterwards."""
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture(params=BOTH)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """A running installation."""
    with database_of_its_own(request.param, tmp_path) as urls, running(Installation(tmp_path, *urls)) as made:
        yield made


@pytest.fixture(params=BOTH)
def over_tls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """A running installation whose workers reach the CA over TLS, with patience enough to be met on the way."""
    with database_of_its_own(request.param, tmp_path) as urls:
        made = Installation(tmp_path, *urls, has_tls=True)
        made.environ |= {
            "CAAS_CONNECT_TIMEOUT": "8",
            "CAAS_TIMEOUT": "8",
            "CAAS_READ_TIMEOUT": "8",
            "CAAS_LEASE": "12",
            "CAAS_SETTLE_AFTER": "13",
            "CAAS_MAX_CONCURRENCY": "10",
        }
        with running(made):
            yield made
