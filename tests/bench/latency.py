"""From a confirmed order to the first call that reaches the CA, through real processes."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import redis
from psycopg import sql

from tests.chaos.installation import Installation
from tests.on_servers import DATABASE_URL, REDIS_URL, missing_servers
from tests.waiting import wait_for

ROUNDS = 10
LOOK_EVERY = 0.002  # seconds: how exact the measurement is


def latencies() -> Iterator[tuple[str, float, float]]:
    """Give for each kind of installation that can run here its name, the median and the worst in milliseconds."""
    with tempfile.TemporaryDirectory() as folder, _running(folder, f"sqlite:///{folder}/portal.sqlite3", "") as one:
        yield ("SQLite, filesystem broker", *_measure(one))
    if not missing_servers():
        with tempfile.TemporaryDirectory() as folder, database() as url, _running(folder, url, REDIS_URL) as one:
            yield ("PostgreSQL, Redis", *_measure(one))


@contextmanager
def _running(folder: str, database_url: str, redis_url: str) -> Iterator[Installation]:
    installation = Installation(Path(folder), database_url, redis_url)
    try:
        installation.start()
        yield installation
    finally:
        installation.close()


@contextmanager
def database() -> Iterator[str]:
    """Give the address of a new PostgreSQL database, which lives as long as the block; Redis is emptied."""
    name = f"bench_{uuid4().hex[:12]}"
    with psycopg.connect(DATABASE_URL, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        redis.Redis.from_url(REDIS_URL).flushdb()
        try:
            yield DATABASE_URL.rpartition("/")[0] + f"/{name}"
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _measure(installation: Installation) -> tuple[float, float]:
    code = installation.ask("subscribe")
    installation.settle()
    times = [_one(installation, code, f"host{number}.example.com") for number in range(ROUNDS)]
    return statistics.median(times), max(times)


def _one(installation: Installation, code: str, name: str) -> float:
    quote = installation.ask("quote", code, [name])
    wait_for(lambda: installation.ask("quote_state", quote) == "ready", what="the quote")
    before = _calls(installation)
    start = time.perf_counter()
    installation.ask("confirm", quote)
    wait_for(lambda: _calls(installation) > before, every=LOOK_EVERY, what="a call at the CA")
    passed = (time.perf_counter() - start) * 1000
    installation.settle()
    return passed


def _calls(installation: Installation) -> int:
    counts: list[int] = [action["received"] for action in installation.summary()["calls"].values()]
    return sum(counts)
