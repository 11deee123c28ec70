"""Triggers by which the database itself refuses to change or delete the rows of an append-only table.

On PostgreSQL they stand against TRUNCATE too, and stay on where a session turns other triggers off. Who owns the table
can take them away: against that only a copy elsewhere helps. Where SQLite makes a table anew for a migration they go
with the old one, and the migration has to end with `append_only` again; a test tells.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

_FUNCTION = """
CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of {table} are append-only.' USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""
_TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()
"""
_POSTGRESQL = (_FUNCTION, _TRIGGER, "ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")
_POSTGRESQL_BACK = ("DROP TRIGGER append_only ON {table}", "DROP FUNCTION {table}_is_append_only()")
_SQLITE = tuple(
    f"CREATE TRIGGER {{table}}_no_{name} BEFORE {event} ON {{table}} {condition}"
    "BEGIN SELECT RAISE(ABORT, 'Rows of {table} are append-only.'); END"
    for name, event, condition in (
        ("update", "UPDATE", ""),
        ("delete", "DELETE", ""),
        # INSERT OR REPLACE takes the row that is in its way out without a DELETE.
        ("replace", "INSERT", "WHEN EXISTS (SELECT 1 FROM {table} WHERE {in_its_way}) "),
    )
)
_SQLITE_BACK = tuple(f"DROP TRIGGER {{table}}_no_{name}" for name in ("update", "delete", "replace"))
_STATEMENTS = {"postgresql": (_POSTGRESQL, _POSTGRESQL_BACK), "sqlite": (_SQLITE, _SQLITE_BACK)}


class AppendOnlyTriggers:
    """The triggers of one table, whose columns `unique` tell its rows apart."""

    def __init__(self, table: str, unique: tuple[str, ...]) -> None:
        self.table = table
        self.in_its_way = " OR ".join(f"{column} = NEW.{column}" for column in unique)

    def make(self, _apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
        """Make them."""
        self._execute(schema_editor, 0)

    def drop(self, _apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
        """Take them away."""
        self._execute(schema_editor, 1)

    def _execute(self, schema_editor: BaseDatabaseSchemaEditor, direction: int) -> None:
        for statement in _STATEMENTS[schema_editor.connection.vendor][direction]:
            schema_editor.execute(statement.format(table=self.table, in_its_way=self.in_its_way), params=None)


def append_only(table: str, *, unique: tuple[str, ...]) -> RunPython:
    """Give the step of a migration that makes the triggers of `table`; the way back takes them away."""
    triggers = AppendOnlyTriggers(table, unique)
    return RunPython(triggers.make, triggers.drop)
