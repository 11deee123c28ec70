"""What every list of the portal has: search and filters, orders, a day or a range, pages by key, a file.

A list is a subclass of FilterSet that names its table and its orders. Whether an order may be offered depends on how
large the table gets: see `SORTS`.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import django_filters as filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import DateTimeField, QuerySet
from django.http import HttpRequest
from django_tables2.data import TableListData

from subscriptions.forms.customers import CustomerField
from subscriptions.lists.paging import (
    DAY_INPUT,
    JumpForm,
    Keys,
    Page,
    Position,
    Total,
    field_of,
    in_order,
    keys_of,
    page_of,
    total_of,
)
from subscriptions.lists.tables import Table
from subscriptions.selectors.activity import start_of_day

WRONG_ORDER = "This day is before the first one."
# Days that begin and end in every time zone, within what a date can hold.
DAYS = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(9000, 1, 1))]
SELECT = forms.Select(attrs={"class": "form-select"})
CUSTOMER_INPUT = forms.TextInput(attrs={"class": "form-control", "placeholder": "Customer"})


class OfCustomer(filters.Filter):  # type: ignore[misc]  # django_filters has no types
    """The rows of the one customer that a name, a reference or a part of a name means."""

    field_class = CustomerField


class _Sort(filters.ChoiceFilter):  # type: ignore[misc]  # django_filters has no types
    """In which order: the list asks for it itself, and the heads of the table's columns say the same."""

    def filter(self, rows: "QuerySet[Any]", _value: str) -> "QuerySet[Any]":
        """Leave the rows as they are."""
        return rows


class _Day(filters.DateFilter):  # type: ignore[misc]  # django_filters has no types
    """The first or the last day of a range, in the reader's time zone, of an instant or of a day."""

    def __init__(self, label: str, *, of: str, is_last: bool) -> None:
        super().__init__(label=label, widget=DAY_INPUT, validators=DAYS)
        self.of, self.is_last = of, is_last

    def filter(self, rows: "QuerySet[Any]", value: date | None) -> "QuerySet[Any]":
        """Keep what is not before the first day, or not after the last. A range of instants can use the index."""
        if value is None:
            return rows
        if not isinstance(field_of(rows, self.of), DateTimeField):
            return rows.filter(**{f"{self.of}__{'lte' if self.is_last else 'gte'}": value})
        start: datetime = start_of_day(value)
        if self.is_last:
            return rows.filter(**{f"{self.of}__lt": start + timedelta(days=1)})
        return rows.filter(**{f"{self.of}__gte": start})


class ListForm(forms.Form):
    """What a list is searched and filtered by."""

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", WRONG_ORDER)
        return self.cleaned_data

    @property
    def places_of_errors(self) -> str:
        """Where a page says what is wrong with a field, as selectors: it changes while the fields stay."""
        return ",".join(f"#{field.auto_id}_error" for field in self.visible_fields())


class _Rows(TableListData):  # type: ignore[misc]  # django_tables2 has no types
    """The rows of a page, which are in their order already."""

    def order_by(self, aliases: object) -> None:
        """Leave them so."""


class FilterSet(filters.FilterSet):  # type: ignore[misc]  # django_filters has no types
    """The search and the filters of a list, its orders and its pages: every other one is a subclass.

    `SORTS` are the orders that are offered, the first of them where none is asked for, by the names of the columns or
    of `ORDERS`. Where a table can have a million rows there must be an index of each. `DAYS_OF` is what a day or a
    range is of, `DAYS_ARE` the word for it where it is not when a row was made. `GROWS` says that the whole table is
    listed and no row of it is ever deleted: then it is not counted.
    """

    TABLE: type[Table]
    SORTS: Sequence[tuple[str, str]] = ()
    ORDERS: dict[str, tuple[str, ...]] = {}
    DAYS_OF = ""
    DAYS_ARE = ""
    GROWS = False

    def __init__(self, data: Any = None, queryset: "QuerySet[Any] | None" = None, **kwargs: Any) -> None:
        super().__init__(_of_one_day(data) if self.DAYS_OF else data, queryset=queryset, **kwargs)
        if self.DAYS_OF:
            self.filters["since"] = _Day(f"{self.DAYS_ARE} from".strip().capitalize(), of=self.DAYS_OF, is_last=False)
            self.filters["until"] = _Day("To", of=self.DAYS_OF, is_last=True)
        if self.SORTS:
            # The heads of the table's columns are not there on a small screen.
            self.filters["sort"] = _Sort(choices=self.sorts, label="Order", empty_label=None, widget=SELECT)

    @property
    def sorts(self) -> list[tuple[str, str]]:
        """The orders that are offered."""
        return list(self.SORTS)

    def get_form_class(self) -> type[forms.Form]:
        """Give the form of the filters."""
        return type("ListForm", (ListForm,), {name: one.field for name, one in self.filters.items()})

    @property
    def is_used(self) -> bool:
        """Whether the list is searched or filtered."""
        values = self.form.cleaned_data if self.is_valid() else self.form.data
        return any(values.get(name) not in (None, "") for name in self.filters if name != "sort")

    @property
    def sort(self) -> str:
        """The order that is asked for, or the first."""
        asked = self.data.get("sort", "")
        return asked if asked in dict(self.sorts) else self.sorts[0][0]

    @cached_property
    def keys(self) -> Keys:
        """What the rows are ordered by."""
        return keys_of(self.queryset, self._paths(self.sort))

    def _paths(self, sort: str) -> Sequence[str]:
        if sort in self.ORDERS:
            return self.ORDERS[sort]
        order = self.TABLE([], order_by=()).columns[sort.removeprefix("-")].order_by
        paths = list(order.opposite if sort.startswith("-") else order)
        is_whole = any(path.lstrip("-") == "pk" for path in paths)
        return paths if is_whole else [*paths, "-pk" if sort.startswith("-") else "pk"]

    @cached_property
    def jump_form(self) -> JumpForm:
        """Where in the order somebody wants to look."""
        field = field_of(self.queryset, self.keys[0].path)
        return JumpForm(self.data if "jump" in self.data else None, field=field)

    @cached_property
    def page(self) -> Page:
        """The page that the address asks for."""
        return page_of(self.qs, self.queryset, self.keys, Position.of(self.data, self.jump_form.place))

    @cached_property
    def total(self) -> Total:
        """How many rows there are."""
        return total_of(self.qs, may_be_estimated=self.GROWS and not self.is_used)

    def table(self, request: HttpRequest, **options: Any) -> Table:
        """Give the table of the page."""
        table = self.TABLE(_Rows(self.page.rows), order_by=self.sort, **options)
        table.request = request
        return table

    def in_order(self, codes: Sequence[object] = ()) -> "QuerySet[Any]":
        """Give all rows of the list in its order, for a file; or of these only, by their codes."""
        rows = self.qs.filter(code__in=codes) if codes else self.qs
        return in_order(rows, self.keys)


def _of_one_day(data: Any) -> Any:
    """Let `day` be a range of one day: addresses of before there were ranges have it."""
    if not data or not data.get("day") or data.get("since") or data.get("until"):
        return data
    ranged = data.copy()
    ranged["since"] = ranged["until"] = data["day"]
    return ranged
