"""Pages of a list by the keys of its rows: each is found by an index, however many rows stand before it.

A page begins behind a row, in front of one, at a key (a day, first letters), or is the last one, which is the first of
the reversed order. Nothing is counted beyond MOST_COUNTED.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, F, Field, Max, Min, OrderBy, Q, QuerySet
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Coalesce, Lower

from portal.lookups import LAST, ByteOrder
from subscriptions.selectors.activity import start_of_day

PER_PAGE = 25
MOST_COUNTED = 1000
DAY_INPUT = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
NEVER_EMPTY = (Coalesce, Lower, ByteOrder)  # what lists are ordered by and that is computed of what is never empty
AS_TYPED = {"eab_key_id"}  # everything else that letters lead to is compared in lower case
POSITION = ("after", "before", "end", "jump", "page")  # what of an address says where a page begins


@dataclass(frozen=True, slots=True)
class Key:
    """One of the things that a list is ordered by. Rows without it come last, whichever way it is ordered."""

    path: str
    is_descending: bool
    is_nullable: bool
    has_nulls_first: bool = False  # so they come in the reversed order

    def reversed(self) -> "Key":
        """Give the same, the other way round."""
        return replace(self, is_descending=not self.is_descending, has_nulls_first=not self.has_nulls_first)

    @property
    def ordering(self) -> OrderBy:
        """What a queryset is ordered by."""
        column = F(self.path)
        where: dict[str, Any] = {}
        if self.is_nullable:
            where = {"nulls_first": True} if self.has_nulls_first else {"nulls_last": True}
        return column.desc(**where) if self.is_descending else column.asc(**where)

    def same(self, value: object) -> Q:
        """The rows that have this value."""
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def behind(self, value: object, *, or_at: bool = False) -> Q:
        """The rows that come behind this value, or that have it."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if self.has_nulls_first else Q(pk__in=[])
        how = ("lt" if self.is_descending else "gt") + ("e" if or_at else "")
        without = self.is_nullable and not self.has_nulls_first
        later = Q(**{f"{self.path}__{how}": value})
        return later | Q(**{f"{self.path}__isnull": True}) if without else later


Keys = tuple[Key, ...]


def keys_of(rows: "QuerySet[Any]", paths: Sequence[str]) -> Keys:
    """Give the keys of an order; `paths` are as for `order_by`."""
    return tuple(Key(path.lstrip("-"), path.startswith("-"), _is_nullable(rows, path.lstrip("-"))) for path in paths)


def _is_nullable(rows: "QuerySet[Any]", path: str) -> bool:
    annotation = rows.query.annotations.get(path)
    if annotation is not None:
        return not isinstance(annotation, NEVER_EMPTY)
    model: Any = rows.model
    is_nullable = False
    for part in path.split("__"):
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        is_nullable = is_nullable or field.null or (field.auto_created and not field.concrete)
        model = field.related_model
    return is_nullable


def field_of(rows: "QuerySet[Any]", path: str) -> "Field[Any, Any] | None":
    """Give the field that a key is; that of an annotation is what it gives."""
    annotation = rows.query.annotations.get(path)
    if isinstance(annotation, BaseExpression):
        return annotation.output_field
    model: Any = rows.model
    field = None
    try:
        for part in path.split("__"):
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
            model = field.related_model
    except FieldDoesNotExist:
        return None
    return field


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins, as its address says."""

    after: UUID | None = None
    before: UUID | None = None
    is_end: bool = False
    jump: "date | str | None" = None

    @classmethod
    def of(cls, asked: Mapping[str, Any], jump: "date | str | None") -> "Position":
        """Read it; what cannot be read is the first page."""
        return cls(_code(asked.get("after")), _code(asked.get("before")), "end" in asked, jump)


def _code(text: Any) -> UUID | None:
    try:
        return UUID(text)
    except (TypeError, ValueError):
        return None


class JumpForm(forms.Form):
    """Where in the order somebody wants to look: a day or first letters, whatever the order is by."""

    def __init__(self, *args: Any, field: "Field[Any, Any] | None", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_as_typed = field is not None and field.name in AS_TYPED
        if isinstance(field, DateField):
            self.fields["jump"] = forms.DateField(label="Go to a day", required=False, widget=DAY_INPUT)
        elif field is not None and field.get_internal_type() in ("CharField", "EmailField", "TextField"):
            text = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"})
            self.fields["jump"] = forms.CharField(
                label="Go to first letters", required=False, widget=text, max_length=100
            )

    @property
    def place(self) -> "date | str | None":
        """Where that is; None where it was not asked, or cannot be read."""
        place = self.cleaned_data.get("jump") or None if self.is_valid() else None
        return place.lower() if isinstance(place, str) and not self.is_as_typed else place


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows a list has: exactly, more than can be told, or about so many."""

    number: int
    is_exact: bool
    is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list in its order, and which ways lead on."""

    rows: list[Any]
    has_previous: bool
    has_next: bool

    @property
    def first(self) -> UUID | None:
        """The code of its first row."""
        return self.rows[0].code if self.rows else None

    @property
    def last(self) -> UUID | None:
        """The code of its last row."""
        return self.rows[-1].code if self.rows else None


def page_of(rows: "QuerySet[Any]", every: "QuerySet[Any]", keys: Keys, position: Position) -> Page:
    """Give a page of `rows`. A row to begin at is looked for in `every`: the filter may have changed since."""
    back = tuple(key.reversed() for key in keys)
    if position.is_end:
        return _backwards(rows, back, Q())
    if position.before and (values := _values(every, keys, position.before)):
        page = _backwards(rows, back, _behind(back, values))
        return page if page.rows else _forwards(rows, keys, Q())
    here = Q()
    if position.after and (values := _values(every, keys, position.after)):
        here = _behind(keys, values)
    elif position.jump is not None:
        here = _at(keys[0], field_of(rows, keys[0].path), position.jump)
    page = _forwards(rows, keys, here)
    if not page.rows and here:  # nothing comes behind it: the nearest page is the last one
        return _backwards(rows, back, Q())
    return replace(page, has_previous=_is_there(rows, back, page.rows[:1])) if here else page


def _forwards(rows: "QuerySet[Any]", keys: Keys, here: Q) -> Page:
    shown = list(in_order(rows.filter(here), keys)[: PER_PAGE + 1])
    return Page(shown[:PER_PAGE], has_previous=False, has_next=len(shown) > PER_PAGE)


def _backwards(rows: "QuerySet[Any]", back: Keys, here: Q) -> Page:
    shown = list(in_order(rows.filter(here), back)[: PER_PAGE + 1])
    return Page(shown[:PER_PAGE][::-1], has_previous=len(shown) > PER_PAGE, has_next=bool(here))


def _is_there(rows: "QuerySet[Any]", back: Keys, first: Sequence[Any]) -> bool:
    values = _values(rows, back, first[0].code) if first else None
    return values is not None and in_order(rows.filter(_behind(back, values)), back)[:1].exists()


def in_order(rows: "QuerySet[Any]", keys: Keys) -> "QuerySet[Any]":
    """Give all rows in an order."""
    return rows.order_by(*(key.ordering for key in keys))


def _values(rows: "QuerySet[Any]", keys: Keys, code: UUID) -> Sequence[Any] | None:
    return rows.order_by().filter(code=code).values_list(*(key.path for key in keys)).first()


def _behind(keys: Keys, values: Sequence[Any]) -> Q:
    """Rows behind one: those behind it by the first key, or with the same one and behind it by the second, …"""
    ways, same = Q(pk__in=[]), Q()
    for key, value in zip(keys, values, strict=True):
        ways |= same & key.behind(value)
        same &= key.same(value)
    # Said once more for the first key alone: an index is entered by it.
    bound = Q() if keys[0].is_nullable else keys[0].behind(values[0], or_at=True)
    return bound & ways


def _at(key: Key, field: "Field[Any, Any] | None", place: "date | str") -> Q:
    """Rows at a day or at first letters, and behind them."""
    if isinstance(place, str):
        return key.behind(place + LAST if key.is_descending else place, or_at=True)
    if not isinstance(field, DateTimeField):
        return key.behind(place, or_at=True)
    start = start_of_day(place)
    return key.behind(start + timedelta(days=1) if key.is_descending else start, or_at=not key.is_descending)


def total_of(rows: "QuerySet[Any]", *, may_be_estimated: bool) -> Total:
    """Say how many rows there are, at the cost of at most so many of them.

    `may_be_estimated` where `rows` is a whole table whose rows stay: then their numbers tell.
    """
    if may_be_estimated:
        ends = rows.model._default_manager.order_by().aggregate(first=Min("pk"), last=Max("pk"))
        about = ends["last"] - ends["first"] + 1 if ends["last"] else 0
        if about > MOST_COUNTED:
            return Total(about, is_exact=False, is_estimate=True)
    number = rows.order_by().values("pk")[: MOST_COUNTED + 1].count()
    return Total(min(number, MOST_COUNTED), is_exact=number <= MOST_COUNTED)
