"""Whatever goes wrong, at random: the CA's ledger is the portal's, line by line, and every difference is explained."""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.business import Size
from tests.chaos.conftest import running
from tests.chaos.explained import assert_all_is_explained
from tests.chaos.installation import Installation, ProblemError
from tests.chaos.postgres_server import PostgresServer
from tests.chaos.redis_server import RedisServer
from tests.chaos.story import Story

SHORT = Size(
    subscriptions=2,
    orders=2,
    names=3,
    rounds=1,
    seconds=30,
    removals=2,
    extensions=1,
    moves=1,
    suspensions=1,
    clients=1,
    client_suspensions=1,
    replacements=1,
)
LONG = Size(
    subscriptions=9,
    orders=6,
    names=7,
    rounds=14,
    seconds=150,
    removals=40,
    extensions=6,
    moves=6,
    suspensions=8,
    clients=2,
    client_suspensions=8,
    replacements=20,
)
QUICK = {"CAAS_PRICE_MAX_AGE": "20", "CAAS_MAX_CONCURRENCY": "8", "CAAS_CONNECT_TIMEOUT": "2"}


SEED = os.environ.get("CHAOS_SEED", "")


@pytest.fixture
def seed() -> int:
    """CHAOS_SEED, or a new one; printed, so that a run can be had again as far as processes let it."""
    return int(SEED or random.SystemRandom().randrange(10**6))


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
    url = f"{postgres_server.url}?options=-c%20idle_in_transaction_session_timeout%3D5s"
    made = Installation(tmp_path, url, redis_server.url, has_stand_in=True)
    made.environ |= QUICK
    with running(made):
        yield made


def _play(story: Story, capfd: pytest.CaptureFixture[str]) -> None:
    with capfd.disabled():
        sys.stderr.write(f"\nCHAOS_SEED={story.seed}\n")
    try:
        story.play()
        story.come_to_rest()
        with capfd.disabled():
            sys.stderr.write(f"{story.told()}\n")
        assert_all_is_explained(story)
    except (AssertionError, ProblemError):
        story.keep_evidence()
        raise


@pytest.mark.chaos
def test_a_short_time_on_files(on_files: Installation, seed: int, capfd: pytest.CaptureFixture[str]) -> None:
    _play(Story(on_files, seed, SHORT), capfd)


def test_a_short_time_on_servers(
    on_servers: Installation,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The one that runs with all tests: it is the same story each time."""
    _play(Story(on_servers, int(SEED or 1), SHORT, redis=redis_server, postgres=postgres_server), capfd)


@pytest.mark.chaos
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
