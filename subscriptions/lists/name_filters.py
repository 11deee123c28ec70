"""Search and filters of the names of one subscription: those that are there, and those that were removed."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone

from subscriptions.explain.states import mark_of
from subscriptions.lists.base import SELECT, FilterSet
from subscriptions.lists.own_tables import OwnNameTable
from subscriptions.lists.tables import NameTable, RemovedNameTable
from subscriptions.models import Domain, Subscription
from subscriptions.selectors.certificates import STATES
from subscriptions.selectors.name_rows import names_listed, of_certificate, of_price
from subscriptions.selectors.names import holds

TYPES = [("fqdn", "FQDNs"), ("wildcard", "Wildcards")]


def _certificates() -> list[tuple[str, str]]:
    return [(str(state), f"Certificate: {mark_of('certificate', state).word}") for state in STATES]


class _Names(FilterSet):
    """What both lists are searched by. One subscription has some thousand names at most: they have all orders."""

    DAYS_OF = "added_at"

    q = filters.CharFilter(method="search", label="Search names")
    type = filters.ChoiceFilter(choices=TYPES, method="of_type", label="Type", empty_label="Any type", widget=SELECT)

    def search(self, rows: QuerySet[Domain], _name: str, value: str) -> QuerySet[Domain]:
        """Keep the names that `value` is a part of, as people write it or in A-labels."""
        return rows.filter(holds(value))

    def of_type(self, rows: QuerySet[Domain], _name: str, value: str) -> QuerySet[Domain]:
        """Keep the wildcards, or the others."""
        is_wildcard = {"name__startswith": "*."}
        return rows.filter(**is_wildcard) if value == "wildcard" else rows.exclude(**is_wildcard)


class _PresentNames(_Names):
    """What names that are there are searched by: their certificate too."""

    certificate = filters.ChoiceFilter(
        choices=_certificates,
        method="with_certificate",
        label="Certificate",
        empty_label="Any certificate",
        widget=SELECT,
    )

    def with_certificate(self, rows: QuerySet[Domain], _name: str, value: str) -> QuerySet[Domain]:
        """Keep the names with a certificate in a state."""
        return of_certificate(rows, value, timezone.now())


class OwnNameFilter(_PresentNames):
    """The names of a subscription as its customer sees them: nothing of what they cost."""

    TABLE = OwnNameTable
    SORTS = (
        ("name", "Name, A to Z"),
        ("-name", "Name, Z to A"),
        ("certificate", "Certificate, first to end"),
        ("-certificate", "Certificate, last to end"),
        ("-added_at", "Newest"),
        ("added_at", "Oldest"),
    )

    class Meta:
        model = Domain
        fields: list[str] = []


class NameFilter(_PresentNames):
    """The names of a subscription by what they are and cost, and by their certificate."""

    TABLE = NameTable
    PRICES = [("paid", "Paid"), ("free", "Free"), ("refundable", "Refundable")]
    SORTS = (
        ("name", "Name, A to Z"),
        ("-name", "Name, Z to A"),
        ("-price", "Dearest"),
        ("price", "Cheapest"),
        ("-added_at", "Newest"),
        ("added_at", "Oldest"),
        ("refundable", "Refundable, first to end"),
        ("-refundable", "Refundable, last to end"),
        ("certificate", "Certificate, first to end"),
        ("-certificate", "Certificate, last to end"),
        ("prevalidation", "Organization, A to Z"),
        ("-prevalidation", "Organization, Z to A"),
    )

    price = filters.ChoiceFilter(
        choices=PRICES, method="that_cost", label="Price", empty_label="Paid or free", widget=SELECT
    )

    class Meta:
        model = Domain
        fields: list[str] = []

    def __init__(self, data: Any = None, *, subscription: Subscription) -> None:
        self.needs_prevalidation = subscription.server.needs_prevalidation
        super().__init__(data, queryset=names_listed(subscription))

    @property
    def sorts(self) -> list[tuple[str, str]]:
        """The orders that are offered: without pre-validations the table has no such column either."""
        orders = super().sorts
        return [one for one in orders if self.needs_prevalidation or one[0].removeprefix("-") != "prevalidation"]

    def that_cost(self, rows: QuerySet[Domain], _name: str, value: str) -> QuerySet[Domain]:
        """Keep the names that cost something or nothing, or that are still refundable."""
        return of_price(rows, value, timezone.now())


class RemovedNameFilter(_Names):
    """The names that a subscription had."""

    TABLE = RemovedNameTable
    SORTS = (
        ("-removed_at", "Last removed"),
        ("removed_at", "First removed"),
        ("name", "Name, A to Z"),
        ("-name", "Name, Z to A"),
        ("-price", "Dearest"),
        ("price", "Cheapest"),
        ("-added_at", "Newest"),
        ("added_at", "Oldest"),
    )

    class Meta:
        model = Domain
        fields: list[str] = []
