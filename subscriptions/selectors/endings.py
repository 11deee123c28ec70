"""Reads about terms that end: which subscriptions their customers are told of."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from subscriptions.models import Subscription
from subscriptions.rules.terms import ENDING_DAYS, extendable_expiries


def ending_subscriptions(now: datetime) -> "QuerySet[Subscription]":
    """Give those that customers see whose term ends within the first of ENDING_DAYS, or can be extended after it."""
    usable = Subscription.objects.filter(
        creation=Subscription.Creation.CREATED,
        account_state=Subscription.AccountState.OPEN,
        shown_at__isnull=False,
        customer__archived_at=None,
    )
    last = now + timedelta(days=max(ENDING_DAYS) + 1)
    near = usable.filter(expires_at__lte=last, expires_at__gte=extendable_expiries(now).opens_at)
    return near.select_related("server")
