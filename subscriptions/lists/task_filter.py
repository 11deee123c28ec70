"""The filter by which a list keeps what a task of the dashboard counts."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone

from subscriptions.lists.base import SELECT
from subscriptions.selectors.person_tasks import labels_of, rows_of


def task_filter(of: str) -> filters.ChoiceFilter:
    """Give the filter of the list of a sort of rows, as `order`."""
    return filters.ChoiceFilter(
        choices=labels_of(of),
        method=_keep,
        label="Task",
        empty_label="Any task or none",
        widget=SELECT,
    )


def _keep(rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
    return rows.filter(pk__in=rows_of(value, timezone.now()).order_by().values("pk"))
