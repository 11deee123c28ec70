"""Search and filters of the list of quotes."""

from datetime import date

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from subscriptions.explain.states import QuoteAge, mark_of
from subscriptions.lists.filters import DAY_INPUT, DAYS, SELECT, FilterSet, day_range
from subscriptions.lists.task_filter import task_filter
from subscriptions.models import Quote, QuoteLine
from subscriptions.selectors.names import holds
from subscriptions.selectors.quotes import quote_cited, with_state


class QuoteFilter(FilterSet):
    """Quotes by number, customer, label or name, by state, and by day."""

    STATES = [
        ("asking", mark_of("quote", Quote.State.PRICING).word),
        *((age.value, mark_of("quote_age", age).word) for age in QuoteAge),
        (Quote.State.REFUSED.value, mark_of("quote", Quote.State.REFUSED).word),
    ]

    q = filters.CharFilter(method="search", label="Search number, customer, label or name")
    state = filters.ChoiceFilter(
        choices=STATES, method="in_state", label="State", empty_label="Any state", widget=SELECT
    )
    day = filters.DateFilter(method="on_day", label="Day", widget=DAY_INPUT, validators=DAYS)
    task = task_filter("quote")

    class Meta:
        model = Quote
        fields: list[str] = []

    def search(self, rows: QuerySet[Quote], _name: str, value: str) -> QuerySet[Quote]:
        """Keep the quote of this number, or those that `value` is a part of."""
        if (key := quote_cited(value)) is not None:
            return rows.filter(pk=key)
        own = Q(subscription__customer__name__icontains=value) | Q(subscription__label__icontains=value)
        return rows.filter(Exists(QuoteLine.objects.filter(own | holds(value), quote=OuterRef("pk"))))

    def in_state(self, rows: QuerySet[Quote], _name: str, value: str) -> QuerySet[Quote]:
        """Keep the quotes in a state."""
        return with_state(rows, value, timezone.now())

    def on_day(self, rows: QuerySet[Quote], _name: str, value: date) -> QuerySet[Quote]:
        """Keep the quotes asked for on a day."""
        return rows.filter(**day_range("created_at", value))
