"""Search and filters of the list of customers' requests."""

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from subscriptions.lists import tables
from subscriptions.lists.base import CUSTOMER_INPUT, SELECT, FilterSet, OfCustomer
from subscriptions.lists.own_tables import OwnRequestTable
from subscriptions.lists.task_filter import task_filter
from subscriptions.models import CustomerRequest
from subscriptions.selectors.requests import own_request_holds, request_holds


class _Requests(FilterSet):
    """What requests are filtered and ordered by, whoever reads them."""

    ORDERS = {"open": ("is_answered", "-created_at", "-pk")}
    SORTS = (("open", "Open ones first"), ("-created_at", "Newest"), ("created_at", "Oldest"))
    DAYS_OF = "created_at"

    q = filters.CharFilter(method="search", label="Search label or name")
    state = filters.ChoiceFilter(
        choices=CustomerRequest.State.choices, label="State", empty_label="Any state", widget=SELECT
    )
    kind = filters.ChoiceFilter(
        choices=CustomerRequest.Kind.choices, label="Kind", empty_label="Any kind", widget=SELECT
    )


class OwnRequestFilter(_Requests):
    """The requests of a customer's people by label or name, by state and kind, and by day."""

    TABLE = OwnRequestTable

    class Meta:
        model = CustomerRequest
        fields: list[str] = []

    def search(self, rows: QuerySet[CustomerRequest], _name: str, value: str) -> QuerySet[CustomerRequest]:
        """Keep the requests that `value` is a part of."""
        return rows.filter(own_request_holds(value))


class RequestFilter(_Requests):
    """Requests by customer, label, name or person, by state and kind, and by day."""

    TABLE = tables.RequestTable

    q = filters.CharFilter(method="search", label="Search customer, label, name or person")
    customer = OfCustomer(field_name="subscription__customer", label="Customer", widget=CUSTOMER_INPUT)
    task = task_filter("request")
    subscription = filters.UUIDFilter(field_name="subscription__code", widget=forms.HiddenInput)

    class Meta:
        model = CustomerRequest
        fields: list[str] = []

    def search(self, rows: QuerySet[CustomerRequest], _name: str, value: str) -> QuerySet[CustomerRequest]:
        """Keep the requests that `value` is a part of."""
        return rows.filter(request_holds(value))
