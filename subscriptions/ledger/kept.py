"""Statements that are worked out once and carried out often.

Django takes longer to make a statement of a queryset than the database takes to answer it, and each charge takes twenty
of them. What a function marked `kept` builds is kept in the process, by the function's arguments, of which there are
few; what differs from call to call is `Given` when the statement is carried out.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import connection, transaction
from django.db.models import DateTimeField, Expression, Field, Model, QuerySet, Value
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

from subscriptions.ledger import clock

AT_MOST = 256  # statements of a function; where its arguments turn out to be many, those used long ago are made again

M = TypeVar("M", bound=Model)
P = ParamSpec("P")
S = TypeVar("S")


def kept(build: Callable[P, S]) -> Callable[P, S]:
    """Keep each statement that a function builds, by the function's arguments and the kind of database."""

    @lru_cache(maxsize=AT_MOST)
    def of_database(database: tuple[str, bool], *args: Any, **options: Any) -> S:
        return build(*args, **options)

    def statement(*args: P.args, **options: P.kwargs) -> S:
        has_own_clock = not isinstance(clock.instant(), Value)
        return of_database((connection.vendor, has_own_clock), *args, **options)  # type: ignore[arg-type]  # hashable

    return statement


class Given(Value):
    """A value that is known when the statement is carried out; `None` only where it is written."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(name, output_field=output_field)

    @classmethod
    def of(cls, model: type[Model], field: str, name: str = "") -> "Given":
        """Give the value that a column is compared with, or gets; its name is the column's where no other is said."""
        column: Any = model._meta.get_field(field)
        return cls(name or field, column)

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Give a place for the value, and this as what fills it."""
        return "%s", [self]

    def fill(self, given: dict[str, Any]) -> Any:
        """Give the value as the database takes it."""
        prepare = self.output_field.get_db_prep_save if self.for_save else self.output_field.get_db_prep_value
        value = given[self.value]
        return prepare(value.pk if isinstance(value, Model) else value, connection=connection)


class _Instant(Given):
    """The time at which the statement is carried out, where the database has no clock of its own."""

    def __init__(self, after: timedelta) -> None:
        super().__init__("instant", DateTimeField())
        self._after = after

    def fill(self, given: dict[str, Any]) -> Any:
        """Give the time as the database takes it."""
        return super().fill({"instant": clock.instant(self._after).value})  # type: ignore[attr-defined]  # a Value


def instant(after: timedelta = timedelta(0)) -> Expression:
    """Give the time at which a kept statement is carried out, or a time after it (`clock.instant`)."""
    time = clock.instant(after)
    return _Instant(after) if isinstance(time, Value) else time


def _filled(params: Sequence[Any], given: dict[str, Any]) -> list[Any]:
    return [param.fill(given) if isinstance(param, Given) else param for param in params]


class Change:
    """An update of some rows."""

    def __init__(self, rows: "QuerySet[Any]", **values: Any) -> None:
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(values)
        query.clear_ordering(force=True)
        query.clear_select_clause()
        self._sql, self._params = query.get_compiler(rows.db).as_sql()

    def __call__(self, **given: Any) -> int:
        """Carry it out, and give how many rows there were."""
        with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
            cursor.execute(self._sql, _filled(self._params, given))
            changed: int = cursor.rowcount
        return changed


class Rows:
    """A reading of some columns (`values_list`)."""

    def __init__(self, rows: "QuerySet[Any, Any]") -> None:
        self._compiler = rows.query.get_compiler(rows.db)
        self._sql, self._params = self._compiler.as_sql()
        select = [expression for expression, _, _ in self._compiler.select]
        self._converters = list(self._compiler.get_converters(select).items())

    def __call__(self, **given: Any) -> list[tuple[Any, ...]]:
        """Give the rows, whatever there is."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, _filled(self._params, given))
            found = cursor.fetchall()
        return list(self._converted(found)) if self._converters else found

    def _converted(self, found: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for row in map(list, found):
            for place, (converters, expression) in self._converters:
                for converter in converters:
                    row[place] = converter(row[place], expression, connection)
            yield tuple(row)


class Objects(Rows, Generic[M]):
    """A reading of whole rows, with what is selected beside them, as Django's own makes them."""

    def __init__(self, rows: "QuerySet[M]") -> None:
        super().__init__(rows)
        compiler = self._compiler
        self._model: type[M] = rows.model
        places = compiler.klass_info["select_fields"]
        self._own = slice(places[0], places[-1] + 1)
        self._names = [selected[0].target.attname for selected in compiler.select[self._own]]
        self._related = get_related_populators(  # type: ignore[call-arg]  # the stubs are of a later Django
            compiler.klass_info, compiler.select, rows.db
        )
        self._annotations = list((compiler.annotation_col_map or {}).items())

    def first(self, **given: Any) -> M | None:
        """Give the first of them, if there is one."""
        for row in self(**given)[:1]:
            made = self._model.from_db(connection.alias, self._names, row[self._own])
            for related in self._related:
                related.populate(row, made)
            for name, place in self._annotations:
                setattr(made, name, row[place])
            return made
        return None
