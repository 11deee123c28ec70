"""Reads about findings: differences between the CA and the ledger that a person looks at."""

from django.db.models import Case, IntegerField, QuerySet, Value, When

from subscriptions.models import Baseline, Finding, Subscription
from subscriptions.selectors.rows import version_of

UNREAD_CHARGES = "LISTTRANSACTIONS"


def findings() -> "QuerySet[Finding]":
    """Give the findings that two readings have shown, the open ones first, then the newest."""
    is_closed = Case(When(state=Finding.State.CLOSED, then=Value(1)), default=Value(0), output_field=IntegerField())
    rows = Finding.objects.exclude(opened_at=None).annotate(is_closed=is_closed)
    return rows.select_related(
        "binding__subscription__customer", "binding__subscription__server", "closed_by"
    ).order_by("is_closed", "-opened_at", "-pk")


def open_findings() -> "QuerySet[Finding]":
    """Give the findings that wait for a person."""
    return findings().filter(state=Finding.State.OPEN)


def open_findings_of(subscription: Subscription) -> "QuerySet[Finding]":
    """Give the findings about a subscription that wait for a person: at most one of each sort."""
    return open_findings().filter(binding__subscription=subscription)


def seen_version(finding: Finding) -> str:
    """Give a text by which a form tells whether the lines are still those that its page has shown."""
    lines = [line.get("key") if isinstance(line, dict) else line for line in finding.ripe_lines]
    return version_of(finding.state, *lines)


def why_charges_unread(subscription: Subscription) -> str:
    """Give why the CA's list of charges could not be read the last time, or an empty text where it was read."""
    if UNREAD_CHARGES in subscription.sync_problem:
        return subscription.sync_problem
    newest = Baseline.objects.filter(binding__subscription=subscription).order_by("-began_at", "-pk").first()
    is_newer = newest is not None and (subscription.synced_at is None or newest.began_at > subscription.synced_at)
    if newest is None or not is_newer or not isinstance(newest.unread, list):
        return ""
    return next((why for why in newest.unread if isinstance(why, str) and why.startswith(UNREAD_CHARGES)), "")
