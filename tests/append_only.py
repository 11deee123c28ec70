"""Takes the triggers of append-only tables away for a moment: for the flush that ends a transactional test."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def rows_may_go() -> Iterator[None]:
    """Let rows of append-only tables be deleted inside."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB '*_no_*'")
            triggers = cursor.fetchall()
            off, on = [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]
        else:
            cursor.execute("SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'append_only'")
            tables = [name for (name,) in cursor.fetchall()]
            off = [f"ALTER TABLE {name} DISABLE TRIGGER append_only" for name in tables]
            on = [f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER append_only" for name in tables]
        for statement in off:
            cursor.execute(statement)
        yield
        for statement in on:
            cursor.execute(statement)
