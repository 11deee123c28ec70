"""Search and filters of the lists of people."""

import django_filters as filters
from django.db.models import Q, QuerySet

from accounts.models import Membership, User
from accounts.roles import CustomerRole, ResellerRole
from subscriptions.lists.base import SELECT, FilterSet
from subscriptions.lists.people_tables import OwnPeopleTable, PeopleTable, StaffTable


class StaffFilter(FilterSet):
    """The reseller's staff by name or address, by role, and by whether there is a second factor."""

    TABLE = StaffTable
    SORTS = (
        ("person", "E-mail address, A to Z"),
        ("-person", "E-mail address, Z to A"),
        ("role", "Role"),
        ("-last_login", "Last sign-in, newest"),
        ("last_login", "Last sign-in, oldest"),
    )
    FACTORS = [("set-up", "With a second factor"), ("none", "Without a second factor")]

    q = filters.CharFilter(method="search", label="Search name or e-mail address")
    role = filters.ChoiceFilter(
        choices=ResellerRole.choices, field_name="reseller_role", label="Role", empty_label="Any role", widget=SELECT
    )
    factor = filters.ChoiceFilter(
        choices=FACTORS,
        method="that_have",
        label="Second factor",
        empty_label="With or without a second factor",
        widget=SELECT,
    )

    class Meta:
        model = User
        fields: list[str] = []

    def search(self, rows: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        """Keep the people whose name or address `value` is a part of."""
        return rows.filter(Q(name__icontains=value) | Q(email__icontains=value))

    def that_have(self, rows: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        """Keep those with a second factor, or those without."""
        return rows.filter(Q(("has_second_factor", value == "set-up")))


class PeopleFilter(FilterSet):
    """A customer's people by name or address, by role, and by since when they belong to it."""

    TABLE = PeopleTable
    SORTS = (
        ("person", "E-mail address, A to Z"),
        ("-person", "E-mail address, Z to A"),
        ("role", "Role"),
        ("-created_at", "Newest"),
        ("created_at", "Oldest"),
    )
    DAYS_OF = "created_at"
    DAYS_ARE = "Since"

    q = filters.CharFilter(method="search", label="Search name or e-mail address")
    role = filters.ChoiceFilter(choices=CustomerRole.choices, label="Role", empty_label="Any role", widget=SELECT)

    class Meta:
        model = Membership
        fields: list[str] = []

    def search(self, rows: QuerySet[Membership], _name: str, value: str) -> QuerySet[Membership]:
        """Keep the people whose name or address `value` is a part of."""
        return rows.filter(Q(user__name__icontains=value) | Q(user__email__icontains=value))


class OwnPeopleFilter(PeopleFilter):
    """The same, as a customer's owner lists them."""

    TABLE = OwnPeopleTable
