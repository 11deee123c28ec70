"""Reads about refunds that the CA owes."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, QuerySet

from subscriptions.kinds import REMOVING
from subscriptions.models import Domain, Operation, Transaction
from subscriptions.rules.terms import OPEN_FOR_LONG, REFUND_DAYS


def refunds_not_seen(now: datetime) -> "QuerySet[Operation]":
    """Give the removals of the last weeks, done for a day, of names that were paid lately, without a refund."""
    ended = {"finished_at__gte": now - timedelta(days=REFUND_DAYS), "finished_at__lte": now - OPEN_FOR_LONG}
    removals = Operation.objects.filter(kind=REMOVING.name, state=Operation.State.SUCCEEDED, **ended)
    paid = Domain.objects.filter(
        removal=OuterRef("pk"),
        operation__domain_name=F("name"),  # what came with it at no cost gives nothing back
        operation__charged__gt=0,
        operation__finished_at__gte=OuterRef("finished_at") - timedelta(days=REFUND_DAYS),
    )
    listed = Transaction.objects.filter(operation=OuterRef("pk"), kind=Transaction.REFUND)
    return removals.filter(Exists(paid), ~Exists(listed)).select_related("subscription")
