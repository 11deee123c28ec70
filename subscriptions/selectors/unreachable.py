"""Reads about customers whom no mail reaches: as a worker has found them last, for the dashboard."""

from django.db.models import QuerySet

from accounts.models import Customer, Matter

CUSTOMER_UNREACHABLE = "customer_unreachable"  # the notice whose matters are counted


def customers_unreachable() -> "QuerySet[Customer]":
    """Give the customers whom no mail reached at the last look."""
    open_ones = Matter.objects.filter(notice=CUSTOMER_UNREACHABLE, is_event=False, closed_at=None, solved_at=None)
    return Customer.objects.filter(pk__in=open_ones.values("customer"), archived_at=None)
