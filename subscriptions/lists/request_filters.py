"""Search and filters of the list of customers' requests, and its columns."""

from datetime import date

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from subscriptions.lists.filters import CUSTOMER_INPUT, DAY_INPUT, DAYS, SELECT, FilterSet, OfCustomer, day_range
from subscriptions.lists.tables import LEAD, SHRINK, SIDE, Cell, Table
from subscriptions.lists.task_filter import task_filter
from subscriptions.models import CustomerRequest
from subscriptions.selectors.requests import request_holds


class RequestFilter(FilterSet):
    """Requests by customer, label, name or person, by state and kind, and by day."""

    q = filters.CharFilter(method="search", label="Search customer, label, name or person")
    state = filters.ChoiceFilter(
        choices=CustomerRequest.State.choices, label="State", empty_label="Any state", widget=SELECT
    )
    kind = filters.ChoiceFilter(
        choices=CustomerRequest.Kind.choices, label="Kind", empty_label="Any kind", widget=SELECT
    )
    customer = OfCustomer(field_name="subscription__customer", label="Customer", widget=CUSTOMER_INPUT)
    task = task_filter("request")
    day = filters.DateFilter(method="on_day", label="Day", widget=DAY_INPUT, validators=DAYS)
    subscription = filters.UUIDFilter(field_name="subscription__code", widget=forms.HiddenInput)

    class Meta:
        model = CustomerRequest
        fields: list[str] = []

    def search(self, rows: QuerySet[CustomerRequest], _name: str, value: str) -> QuerySet[CustomerRequest]:
        """Keep the requests that `value` is a part of."""
        return rows.filter(request_holds(value))

    def on_day(self, rows: QuerySet[CustomerRequest], _name: str, value: date) -> QuerySet[CustomerRequest]:
        """Keep the requests made on a day."""
        return rows.filter(**day_range("created_at", value))


class RequestTable(Table):
    """What customers ask for."""

    request_of = Cell("request", verbose_name="Request", attrs=LEAD, orderable=False)
    state = Cell("request_state", verbose_name="State", order_by=("state", "-pk"))
    subscription = Cell(
        "request_subscription", verbose_name="Subscription", attrs=SIDE, order_by=("subscription__customer__name", "pk")
    )
    created_at = Cell("created_at_instant", verbose_name="Asked", attrs=SHRINK, order_by=("created_at", "pk"))

    class Meta:
        empty_text = "No request matches."
