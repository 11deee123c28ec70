"""Whatever goes wrong, at random: the CA's ledger is the portal's, line by line, and every difference is explained."""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.conftest import running
from tests.chaos.installation import Installation
from tests.chaos.postgres_server import PostgresServer
from tests.chaos.redis_server import RedisServer
from tests.chaos.story import Size, Story

SHORT = Size(subscriptions=2, orders=2, names=3, seconds=12, removals=2)
LONG = Size(subscriptions=9, orders=6, names=7, seconds=150, removals=40)
QUICK = {"CAAS_PRICE_MAX_AGE": "20", "CAAS_MAX_CONCURRENCY": "8", "CAAS_CONNECT_TIMEOUT": "2"}

pytestmark = pytest.mark.chaos_random


@pytest.fixture
def seed() -> int:
    """CHAOS_SEED, or a new one; printed, so that a run can be had again as far as processes let it."""
    return int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))


@pytest.fixture
def on_files(tmp_path: Path) -> Iterator[Installation]:
    """SQLite and the filesystem broker."""
    made = Installation(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite3'}", "", has_stand_in=True)
    made.environ |= QUICK
    with running(made):
        yield made


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that can be away."""
    made = RedisServer(tmp_path)
    yield made
    made.close()


@pytest.fixture
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that can be stopped."""
    made = PostgresServer()
    yield made
    made.close()


@pytest.fixture
def on_servers(tmp_path: Path, redis_server: RedisServer, postgres_server: PostgresServer) -> Iterator[Installation]:
    """PostgreSQL and Redis, both this test's own."""
    made = Installation(tmp_path, postgres_server.url, redis_server.url, has_stand_in=True)
    made.environ |= QUICK
    with running(made):
        yield made


def _play(story: Story, capfd: pytest.CaptureFixture[str]) -> None:
    with capfd.disabled():
        sys.stderr.write(f"\nCHAOS_SEED={story.seed}\n")
    story.play()
    story.come_to_rest()
    with capfd.disabled():
        sys.stderr.write(f"{story.told()}\n")
    story.assert_all_is_explained()


def test_a_short_time_on_files(on_files: Installation, seed: int, capfd: pytest.CaptureFixture[str]) -> None:
    _play(Story(on_files, seed, SHORT), capfd)


def test_a_short_time_on_servers(
    on_servers: Installation,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
    seed: int,
    capfd: pytest.CaptureFixture[str],
) -> None:
    _play(Story(on_servers, seed, SHORT, redis=redis_server, postgres=postgres_server), capfd)


def test_a_long_time(
    on_servers: Installation,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
    seed: int,
    capfd: pytest.CaptureFixture[str],
) -> None:
    _play(Story(on_servers, seed, LONG, redis=redis_server, postgres=postgres_server), capfd)
    added = [row for row in on_servers.ask("operations") if row["kind"] == "add_domain"]
    assert sum(row["state"] == "succeeded" for row in added) >= 300
