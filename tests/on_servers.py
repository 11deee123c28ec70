"""Runs pytest once more on PostgreSQL and Redis: `python -m tests.on_servers [pytest's arguments]`.

TEST_DATABASE_URL and TEST_REDIS_URL name the servers. Where one does not answer this run is left out with the reason,
or fails where REQUIRE_SERVICES=1.
"""

import os
import sys

import psycopg
import redis

DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")


def missing_servers() -> list[str]:
    """Give a line for each server that does not answer, with the reason."""
    problems = []
    try:
        psycopg.connect(DATABASE_URL, connect_timeout=3).close()
    except psycopg.Error as error:
        problems.append(f"PostgreSQL: {error}")
    try:
        redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        problems.append(f"Redis: {error}")
    return problems


def main() -> int:
    """Become pytest, or say why not; give the exit code."""
    problems = missing_servers()
    if not problems:
        os.environ |= {"DATABASE_URL": DATABASE_URL, "REDIS_URL": REDIS_URL}
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *sys.argv[1:]])  # noqa: S606  # our own arguments
    sys.stderr.write("\n".join(["Not run on PostgreSQL and Redis:", *problems]) + "\n")
    return 1 if os.environ.get("REQUIRE_SERVICES") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())
