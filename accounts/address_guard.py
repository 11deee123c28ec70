"""The database refuses by itself what is not the one writing of an e-mail address, as far as it can tell: whatever
writes there, an address is ASCII in lower case, and a host name stands after its @.

Triggers and no CHECK: an address of an older version that only a person can settle stays, and a change of it is held
against the rule. Where SQLite makes a table anew for a migration they go with the old one, and the migration has to end
with `guard_addresses` again; a test tells.
"""

from collections.abc import Iterator

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

_COLUMNS = (("accounts_user", "email"), ("accounts_invitation", "email"), ("accounts_customer", "contact_email"))
_FUNCTION = """
CREATE FUNCTION accounts_refuse_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An e-mail address is stored in its one writing only.' USING ERRCODE = 'check_violation';
END
$$
"""
_WRONG = {
    "postgresql": """(NEW.{column} <> '' AND NEW.{column} COLLATE "C" !~ '^[!-?\\[-~]+@[a-z0-9.-]+$')""",
    "sqlite": (
        "(NEW.{column} <> '' AND (NEW.{column} GLOB '*[^!-~]*' OR NEW.{column} <> lower(NEW.{column})"
        " OR instr(NEW.{column}, '@') < 2"
        " OR substr(NEW.{column}, instr(NEW.{column}, '@') + 1) GLOB '*[^a-z0-9.-]*'))"
    ),
}
_CHANGED = {"postgresql": "NEW.{column} IS DISTINCT FROM OLD.{column}", "sqlite": "NEW.{column} IS NOT OLD.{column}"}
_REFUSE = {
    "postgresql": "FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION accounts_refuse_address()",
    "sqlite": (
        "WHEN {condition} BEGIN SELECT RAISE(ABORT, 'An e-mail address is stored in its one writing only.'); END"
    ),
}
_DROP = {"postgresql": "DROP TRIGGER IF EXISTS {name} ON {table}", "sqlite": "DROP TRIGGER IF EXISTS {name}"}


_DROP_FUNCTION = "DROP FUNCTION IF EXISTS accounts_refuse_address()"


def guard_addresses() -> RunPython:
    """Give the step of a migration that makes the triggers, anew where they are there; the way back takes them away."""
    return RunPython(_make, _drop)


def _make(_apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    vendor = schema_editor.connection.vendor
    _drop(_apps, schema_editor)
    if vendor == "postgresql":
        schema_editor.execute(_FUNCTION, params=None)
    for table, column, name, event in _triggers():
        wrong, changed = _WRONG[vendor].format(column=column), _CHANGED[vendor].format(column=column)
        condition = wrong if event == "INSERT" else f"{changed} AND {wrong}"
        refuse = _REFUSE[vendor].format(condition=condition)
        schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {refuse}", params=None)


def _drop(_apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    vendor = schema_editor.connection.vendor
    for table, _, name, _ in _triggers():
        schema_editor.execute(_DROP[vendor].format(name=name, table=table), params=None)
    if vendor == "postgresql":
        schema_editor.execute(_DROP_FUNCTION, params=None)


def _triggers() -> Iterator[tuple[str, str, str, str]]:
    """Give of each trigger its table, column, name and event."""
    for table, column in _COLUMNS:
        yield table, column, f"{table}_address_insert", "INSERT"
        yield table, column, f"{table}_address_update", f"UPDATE OF {column}"
