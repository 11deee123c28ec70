"""Look-ups that both databases answer by an index: how a text begins, and its order by bytes.

Texts in the order of their bytes have one order on both databases, whatever the locale of PostgreSQL is, and one index
serves the order, a jump to first letters, and the search for what begins with some.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Func, Lookup, TextField
from django.db.models.sql.compiler import SQLCompiler

LAST = "\U0010ffff"  # nothing that people write comes behind it
Sql = tuple[str, Any]


@CharField.register_lookup
@TextField.register_lookup
class Begins(Lookup):
    """`name__begins="abc"`: a range of the index, which no setting of the database can turn into a scan."""

    lookup_name = "begins"
    prepare_rhs = True

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        """Give the range."""
        lhs, lhs_params = self.process_lhs(compiler, connection)
        first = str(self.rhs)
        return f"({lhs} >= %s AND {lhs} < %s)", (*lhs_params, first, *lhs_params, first + LAST)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        """Give what an index of patterns or of bytes answers."""
        lhs, lhs_params = self.process_lhs(compiler, connection)
        first = str(self.rhs).replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        return f"{lhs} LIKE %s", (*lhs_params, f"{first}%")


class ByteOrder(Func):
    """A text, compared byte by byte."""

    template = "(%(expressions)s)"
    arity = 1
    output_field = CharField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Sql:
        """Say so to a database that has locales."""
        return super().as_sql(compiler, connection, template='(%(expressions)s COLLATE "C")', **extra)


class AfterDots(Func):
    """What stands behind the first `number` dots of a domain name, byte by byte; empty where it has fewer labels."""

    arity = 1
    output_field = CharField()

    def __init__(self, name: str, number: int) -> None:
        super().__init__(name)
        self.number = number

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_extra: Any) -> Sql:  # type: ignore[override]
        """Give it without parameters: an index is found by its text."""
        return self._nested(compiler, find="INSTR", collation="")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_extra: Any) -> Sql:
        """Give it in the order of bytes."""
        return self._nested(compiler, find="STRPOS", collation=' COLLATE "C"')

    def _nested(self, compiler: SQLCompiler, *, find: str, collation: str) -> Sql:
        sql, params = compiler.compile(self.source_expressions[0])
        for _ in range(self.number):
            sql = f"SUBSTR({sql}, NULLIF({find}({sql}, '.'), 0) + 1)"
        return f"({sql}{collation})", params
