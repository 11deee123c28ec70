"""Reads about ACME clients that have registered with a key."""

from django.db.models import Q

from accounts.models import AuditEvent
from subscriptions.explain.happenings import REGISTERED_CLIENTS


def has_earlier_client(event: AuditEvent) -> bool:
    """Whether another client had registered for the subscription before the one that an event tells of."""
    before = Q(at__lt=event.at) | Q(at=event.at, pk__lt=event.pk)
    told = AuditEvent.objects.filter(before, action__in=REGISTERED_CLIENTS, target_code=event.target_code)
    return told.exists()
