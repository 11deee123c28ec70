"""A pytest plugin (`-p tests.database_only`): leaves out the tests that touch no database, here and in the broker."""

import pytest

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_serialized_rollback"}


def touches_database(item: pytest.Item) -> bool:
    """Whether a test asks for the database by its mark or by a fixture."""
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the others."""
    others = [item for item in items if not touches_database(item)]
    items[:] = [item for item in items if touches_database(item)]
    config.hook.pytest_deselected(items=others)
