"""Search and filters of the list of quotes."""

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone

from subscriptions.explain.states import QuoteAge, mark_of
from subscriptions.lists.base import SELECT, FilterSet
from subscriptions.lists.tables import QuoteTable
from subscriptions.lists.task_filter import task_filter
from subscriptions.models import Quote
from subscriptions.selectors.quotes import quote_cited, with_state
from subscriptions.selectors.search import quote_lines_called


class QuoteFilter(FilterSet):
    """Quotes by number, customer, label or name, by state, and by day.

    They come by time only, which has an index: there can be many.
    """

    TABLE = QuoteTable
    SORTS = (("-created_at", "Newest"), ("created_at", "Oldest"))
    DAYS_OF = "created_at"
    GROWS = True

    STATES = [
        ("asking", mark_of("quote", Quote.State.PRICING).word),
        *((age.value, mark_of("quote_age", age).word) for age in QuoteAge),
        (Quote.State.REFUSED.value, mark_of("quote", Quote.State.REFUSED).word),
    ]

    q = filters.CharFilter(method="search", label="Search number, customer, label or name")
    state = filters.ChoiceFilter(
        choices=STATES, method="in_state", label="State", empty_label="Any state", widget=SELECT
    )
    task = task_filter("quote")

    class Meta:
        model = Quote
        fields: list[str] = []

    def search(self, rows: QuerySet[Quote], _name: str, value: str) -> QuerySet[Quote]:
        """Keep the quote of this number, or those that `value` is a part of."""
        if (key := quote_cited(value)) is not None:
            return rows.filter(pk=key)
        return rows.filter(pk__in=quote_lines_called(value).values("quote"))

    def in_state(self, rows: QuerySet[Quote], _name: str, value: str) -> QuerySet[Quote]:
        """Keep the quotes in a state."""
        return with_state(rows, value, timezone.now())
