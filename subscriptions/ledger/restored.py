"""Holding what changes something at the CA after the database went back."""

from django.db import transaction

from accounts.audit import record_event
from subscriptions.happenings import Happening
from subscriptions.ledger import clock
from subscriptions.models import Baseline, Gate, Operation

RESTORED = "The database was restored from a backup: look at the comparison with the CA first."


@transaction.atomic
def hold_after_restore() -> None:
    """Hold every call that changes something at the CA until a comparison with it has been looked at."""
    held = {
        "needs_probe": True,
        "needs_comparison": True,
        "comparison": None,
        "compared_at": None,
        "comparing_until": None,
    }
    Gate.objects.update_or_create(pk=Gate.SINGLETON, defaults=held)
    # Never closed for less than it was: a refused login is not tried again by a machine.
    Gate.objects.filter(pk=Gate.SINGLETON).exclude(closed_for=Gate.Closed.ALL).update(
        closed_for=Gate.Closed.CHANGES, reason=RESTORED, closed_at=clock.now()
    )
    _forget_baselines()
    record_event(Happening.GATE_CLOSED, actor=None, closed_for=Gate.Closed.CHANGES, reason=RESTORED)


def _forget_baselines() -> None:
    """Have the CA read again before what the backup has as not yet sent: it may have been done after the backup."""
    states = (Operation.State.QUEUED, Operation.State.SENDING, Operation.State.ATTENTION)
    Operation.objects.filter(state__in=states, sent_at=None).update(baseline=None)
    Baseline.objects.exclude(order=None).update(order=None)
