"""The setting from when on a customer's people see a subscription; which ones a person sees is a rule of the rows."""

from django.db.models import QuerySet

from accounts.kept_settings import setting
from accounts.models import AuditEvent
from subscriptions.explain.happenings import SET_THE_VISIBILITY
from subscriptions.rules.visibility import Visibility

VISIBILITY = "subscription_visibility"  # the name of the setting


def visibility() -> Visibility:
    """Give from when on subscriptions are seen: from their hand-over, unless a reseller admin has said otherwise."""
    return Visibility.AT_ONCE if setting(VISIBILITY) == Visibility.AT_ONCE else Visibility.HANDED_OVER


def visibility_events() -> "QuerySet[AuditEvent]":
    """Give when it was set and by whom, newest first."""
    return AuditEvent.objects.filter(action__in=SET_THE_VISIBILITY)
