"""Deleting what is over."""

from typing import Any

from django.db.models import QuerySet

AT_ONCE = 1000  # rows of one statement: none holds many rows for long


def clear(rows: "QuerySet[Any]") -> int:
    """Delete rows part by part, but those that are no longer among them by then; give how many."""
    cleared = 0
    while keys := list(rows.order_by().values_list("pk", flat=True)[:AT_ONCE]):
        cleared += rows.filter(pk__in=keys).delete()[0]
    return cleared
