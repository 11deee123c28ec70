"""Replacements of misspelt names: what can be replaced, and how far those that were ordered are."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from subscriptions.models import Domain, Operation, QuoteLine, Replacement, Subscription
from subscriptions.selectors.removals import why_not_removable
from subscriptions.selectors.terms import why_no_name_can_be_added

SHOWN = 10  # of one subscription, newest first


def replacements_of(subscription: Subscription) -> "QuerySet[Replacement]":
    """Give the open replacements of a subscription's names, newest first: what it is said to be between."""
    rows = Replacement.objects.open().filter(old__subscription=subscription)
    return rows.select_related("old", "addition", "removal", "created_by")[:SHOWN]


def replacements_by_name(domains: Iterable[Domain]) -> dict[int, Replacement]:
    """Give the open replacement of each of these names that has one, by the name's primary key."""
    rows = Replacement.objects.open().filter(old__in=list(domains)).select_related("old", "addition", "removal")
    return {replacement.old_id: replacement for replacement in rows}


def typed_before(old: Domain, quote_code: UUID | None) -> str:
    """Give what was typed as the new name for a quote that one comes back from; empty where it was for another name."""
    if quote_code is None:
        return ""
    lines = QuoteLine.objects.filter(replaces=old, quote__code=quote_code)
    return lines.values_list("quote__typed_text", flat=True).first() or ""


def why_not_replaceable(domain: Domain, now: datetime) -> str:
    """Say why a name cannot be replaced at `now`; an empty text where it can.

    One whose new name was not added can be replaced anew: nothing became of that.
    """
    if domain.removed_at is not None:
        return "The name was removed already."
    subscription = domain.subscription
    if reason := why_not_removable(subscription, now) or why_no_name_can_be_added(subscription, now):
        return reason
    earlier = replacements_by_name([domain]).get(domain.pk)
    if earlier is not None and earlier.state != Replacement.State.NOT_ADDED:
        return "The name is being replaced already."
    about_it = Operation.objects.filter(subscription=domain.subscription_id, state__in=Operation.UNSETTLED)
    if about_it.filter(domain_name=domain.name).exists():
        return "Something is under way about the name already."
    return ""
