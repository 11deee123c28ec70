"""A whole installation charges with the database user, and through the Redis, that docker-compose.yml makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.conftest import running
from tests.chaos.installation import Installation
from tests.chaos.postgres_server import PostgresServer
from tests.compose_services import make_database, redis_of_compose
from tests.waiting import wait_for

pytestmark = pytest.mark.chaos

NAMES = ["example.com", "example.net"]


@pytest.fixture
def few_rights(tmp_path: Path) -> Iterator[Installation]:
    """A running installation."""
    postgres = PostgresServer()
    try:
        with redis_of_compose(tmp_path) as redis_url:
            database_url = make_database(postgres, tmp_path)
            with running(Installation(tmp_path, database_url, redis_url)) as made:
                yield made
    finally:
        postgres.close()


def test_it_works(few_rights: Installation) -> None:
    code = few_rights.ask("subscribe")
    few_rights.settle()
    quote = few_rights.ask("quote", code, NAMES)
    wait_for(lambda: few_rights.ask("quote_state", quote) == "ready", what="the quote")
    few_rights.ask("confirm", quote)
    few_rights.settle()

    assert few_rights.changes("ADDDOMAIN") == len(NAMES)
