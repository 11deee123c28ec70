"""The table, the search and the filters of the CA's ACME servers."""

import django_filters as filters
from django.db.models import Q, QuerySet

from subscriptions.explain.states import ServerState, mark_of
from subscriptions.lists.base import SELECT, FilterSet
from subscriptions.lists.tables import LEAD, SHRINK, Cell, Table, choose_column
from subscriptions.models import AcmeServer
from subscriptions.selectors.connection import in_state


class ServerTable(Table):
    """ACME servers."""

    choose = choose_column()
    server = Cell("acme_server", verbose_name="Server", attrs=LEAD, order_by=("directory_url", "pk"))
    type = Cell("acme_server_type", verbose_name="Type", order_by=("validation_type", "directory_url", "pk"))
    state = Cell("acme_server_state", verbose_name="State", orderable=False)
    listed_at = Cell("listed_at", verbose_name="Last listed", attrs=SHRINK)

    class Meta:
        empty_text = "No server matches."


class ServerFilter(FilterSet):
    """ACME servers by name, URL or type, and by state."""

    TABLE = ServerTable
    SORTS = (
        ("type", "Type, A to Z"),
        ("-type", "Type, Z to A"),
        ("server", "URL, A to Z"),
        ("-server", "URL, Z to A"),
        ("-listed_at", "Last listed, newest"),
        ("listed_at", "Last listed, oldest"),
    )
    STATES = [(state, mark_of("server", state).word) for state in ServerState]

    q = filters.CharFilter(method="search", label="Search name, URL or type")
    state = filters.ChoiceFilter(
        choices=STATES, method="that_are", label="State", empty_label="Any state", widget=SELECT
    )

    class Meta:
        model = AcmeServer
        fields: list[str] = []

    def search(self, rows: QuerySet[AcmeServer], _name: str, value: str) -> QuerySet[AcmeServer]:
        """Keep the servers that `value` is a part of."""
        own = Q(description__icontains=value) | Q(directory_url__icontains=value)
        return rows.filter(own | Q(validation_type__icontains=value))

    def that_are(self, rows: QuerySet[AcmeServer], _name: str, value: str) -> QuerySet[AcmeServer]:
        """Keep the servers in a state."""
        return in_state(rows, ServerState(value))
