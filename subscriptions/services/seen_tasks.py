"""Tasks of the dashboard that a person marks as seen: for that person only, until something new is so of one."""

from django.db import transaction
from django.utils import timezone

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions.happenings import Happening
from subscriptions.models import SeenTask
from subscriptions.selectors.person_tasks import task_named


@transaction.atomic
def mark_seen(*, actor: User, name: str, version: str) -> None:
    """Mark a task as seen as it was shown (`Task.version`).

    Raises ServiceError where there is no such task any more, and where it counts something else by now.
    """
    task = task_named(name, actor, timezone.now())
    if task is None:
        raise ServiceError("This is done meanwhile: there is nothing left to mark as seen.")
    if task.version != version:
        raise ServiceError("Something about this changed since the page was opened. It was not marked as seen.")
    values = {"facts": task.facts, "seen_at": timezone.now()}
    SeenTask.objects.update_or_create(user=actor, task=name, defaults=values)
    record_event(Happening.TASK_SEEN, actor=actor, title=task.title, task=name)


@transaction.atomic
def show_again(*, actor: User, name: str) -> None:
    """Take back that a person has seen a task; nothing changes where that was taken back before."""
    deleted, _ = SeenTask.objects.filter(user=actor, task=name).delete()
    if deleted:
        task = task_named(name, actor, timezone.now())
        record_event(Happening.TASK_SHOWN_AGAIN, actor=actor, title=task.title if task else "", task=name)
