"""What runs by itself: the request half."""

from django.db import transaction
from django.utils import timezone

from accounts import planned
from accounts.audit import record_event
from accounts.models import PlannedRun, User
from portal.task_plan import planned_named
from subscriptions.happenings import Happening


@transaction.atomic
def ask_for_run(*, actor: User, name: str) -> None:
    """Have a planned task run now; while one is under way, once that is over. Raises KeyError for none of this name."""
    plan, now = planned_named(name), timezone.now()
    row = planned.row_of(plan, now)
    PlannedRun.objects.filter(pk=row.pk).update(asked_at=now)
    record_event(Happening.RUN_ASKED_FOR, actor=actor, target=row, label=plan.label)
    transaction.on_commit(lambda: planned.send(plan), robust=True)
