"""Reads for the list of quotes. How many queries a page takes does not depend on how many rows there are."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from subscriptions.models import Quote, QuoteLine, Subscription
from subscriptions.rules.numbers import key_of

REFUSED_SINCE = timedelta(days=1)


def quote_cited(typed: str) -> int | None:
    """Give the primary key of the quote whose number was typed; None for anything else than such a number."""
    return key_of("Q", typed)


def order_cited(typed: str) -> int | None:
    """Give the primary key of the order whose number was typed; None for anything else than such a number."""
    return key_of("O", typed)


def quotes() -> "QuerySet[Quote]":
    """Give all quotes, newest first; `with_lines` brings what they are for."""
    return Quote.objects.select_related("order", "created_by")


def with_lines(quotes: Iterable[Quote]) -> list[Quote]:
    """Give these quotes of one page, each now with its subscriptions and its number of lines."""
    shown = list(quotes)
    counts: dict[int, int] = {quote.pk: 0 for quote in shown}
    subscriptions: dict[int, set[int]] = {quote.pk: set() for quote in shown}
    wanted = QuoteLine.objects.filter(quote__in=counts.keys()).exclude(state=QuoteLine.State.LEFT_OUT)
    lines = wanted.order_by().values_list("quote", "subscription")
    for quote_id, subscription_id, number in lines.annotate(number=Count("pk")):
        counts[quote_id] += number
        subscriptions[quote_id].add(subscription_id)
    known = Subscription.objects.select_related("customer", "server").in_bulk(set().union(*subscriptions.values()))
    for quote in shown:
        own = [known[pk] for pk in sorted(subscriptions[quote.pk])]
        vars(quote).update(line_count=counts[quote.pk], subscriptions=own)
    return shown


def with_state(quotes: "QuerySet[Quote]", state: str, now: datetime) -> "QuerySet[Quote]":
    """Give the quotes that are in a state, as lists show it (`explain.states`), at `now`."""
    ready = Q(state=Quote.State.READY, order=None)
    conditions = {
        "asking": Q(state__in=[Quote.State.QUEUED, Quote.State.PRICING]),
        "valid": ready & Q(valid_until__gt=now),
        "expired": ready & ~Q(valid_until__gt=now),
        "confirmed": Q(order__isnull=False),
        "refused": Q(state=Quote.State.REFUSED),
    }
    return quotes.filter(conditions[state])


def lately_refused(now: datetime) -> "QuerySet[Quote]":
    """Give the quotes of people that the CA gave no price for since yesterday, where it has given none since."""
    later = QuoteLine.objects.filter(
        quote__state=Quote.State.READY, quote__created_at__gt=OuterRef("quote__created_at")
    )
    unanswered = QuoteLine.objects.filter(
        ~Exists(later.filter(subscription=OuterRef("subscription"), kind=OuterRef("kind"))), quote=OuterRef("pk")
    )
    return Quote.objects.filter(
        Exists(unanswered),
        state=Quote.State.REFUSED,
        created_at__gte=now - REFUSED_SINCE,
        created_by__isnull=False,
    )
