"""Search and filters of a customer's organizations."""

import django_filters as filters
from django.db.models import Q, QuerySet

from subscriptions.lists.base import FilterSet
from subscriptions.lists.own_tables import OwnOrganizationTable
from subscriptions.models import Prevalidation


class OwnOrganizationFilter(FilterSet):
    """Organizations by their name or customer, and by when their validation ends."""

    TABLE = OwnOrganizationTable
    SORTS = (
        ("organization", "Organization, A to Z"),
        ("-organization", "Organization, Z to A"),
        ("valid_until", "Last day, first to end"),
        ("-valid_until", "Last day, last to end"),
    )
    DAYS_OF = "valid_until"
    DAYS_ARE = "Ends"

    q = filters.CharFilter(method="search", label="Search organization")

    class Meta:
        model = Prevalidation
        fields: list[str] = []

    def search(self, rows: QuerySet[Prevalidation], _name: str, value: str) -> QuerySet[Prevalidation]:
        """Keep the organizations that `value` is a part of."""
        return rows.filter(Q(organization_name__icontains=value) | Q(customer__name__icontains=value))
