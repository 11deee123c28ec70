"""Search and filters of certificates: the staff's list over all customers, and a customer's own.

There is a row for each name. Both come by when they end or by name, which have an index.
"""

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from subscriptions.explain.states import mark_of
from subscriptions.lists.base import CUSTOMER_INPUT, SELECT, FilterSet, OfCustomer
from subscriptions.lists.certificate_tables import CertificateTable, OwnCertificateTable
from subscriptions.lists.task_filter import task_filter
from subscriptions.models import AcmeServer, Certificate
from subscriptions.models.certificates import state_condition
from subscriptions.selectors.certificates import ENDED, RENEWABLE, STATES, of_term
from subscriptions.selectors.search import domains_called


def _states() -> list[tuple[str, str]]:
    return [(str(state), mark_of("certificate", state).word) for state in STATES]


class _Certificates(FilterSet):
    """What both lists are searched by."""

    SORTS = (
        ("ends", "First to end"),
        ("-ends", "Last to end"),
        ("name", "Name, A to Z"),
        ("-name", "Name, Z to A"),
    )
    DAYS_OF = "sort_at"
    DAYS_ARE = "Ends"

    q = filters.CharFilter(method="search", label="Search names")
    state = filters.ChoiceFilter(
        choices=_states, method="in_state", label="State", empty_label="Any state", widget=SELECT
    )

    def search(self, rows: QuerySet[Certificate], _name: str, value: str) -> QuerySet[Certificate]:
        """Keep those of names that begin with `value`, or one of whose labels does."""
        return rows.filter(domain__in=domains_called(value).present().order_by().values("pk"))

    def in_state(self, rows: QuerySet[Certificate], _name: str, value: str) -> QuerySet[Certificate]:
        """Keep those in a state."""
        return rows.filter(state_condition(value, timezone.now()))

    def filter_queryset(self, queryset: QuerySet[Certificate]) -> QuerySet[Certificate]:
        """Keep what is asked for; where it is a time in which they end, none that never does."""
        wanted: QuerySet[Certificate] = super().filter_queryset(queryset)
        return wanted.filter(ends_at__isnull=False) if self.form.cleaned_data.get("since") else wanted


class CertificateFilter(_Certificates):
    """The certificates of all names, by name, state, customer and type, and by whether anything can renew them."""

    TABLE = CertificateTable
    TERMS = [(RENEWABLE, "Can be renewed"), (ENDED, "Ends: nothing can be renewed")]

    customer = OfCustomer(field_name="domain__subscription__customer", label="Customer", widget=CUSTOMER_INPUT)
    server = filters.ModelChoiceFilter(
        queryset=AcmeServer.objects.all(),
        field_name="domain__subscription__server",
        to_field_name="code",
        label="Type",
        empty_label="Any type",
        widget=SELECT,
    )
    term = filters.ChoiceFilter(
        choices=TERMS, method="with_term", label="Renewal", empty_label="Can be renewed or not", widget=SELECT
    )
    subscription = filters.UUIDFilter(field_name="domain__subscription__code", widget=forms.HiddenInput)
    task = task_filter("certificate")

    class Meta:
        model = Certificate
        fields: list[str] = []

    def with_term(self, rows: QuerySet[Certificate], _name: str, value: str) -> QuerySet[Certificate]:
        """Keep those that can be renewed, or those that end."""
        return of_term(rows, value, timezone.now())


class OwnCertificateFilter(_Certificates):
    """The certificates of a customer's names."""

    TABLE = OwnCertificateTable

    class Meta:
        model = Certificate
        fields: list[str] = []
