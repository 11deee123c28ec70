"""The background tasks: which queue each goes to, and which run by themselves.

`now`: a person waits, or everything does; `mail`; `later`: readings, checks, reports. A worker of its own takes
`later`, so that ten thousand readings never stand before one confirmed order. A task without a queue fails a test.
"""

from dataclasses import dataclass
from typing import Any

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Planned:
    """A task that beat sends every so many seconds.

    A message that no worker took within `expires` seconds is dropped: a weekend without one would leave ten thousands.
    """

    name: str
    task: str
    every: int
    expires: int


QUEUES: dict[str, tuple[str, ...]] = {
    "now": (
        "subscriptions.tasks.compare_with_ca",  # the gate waits for it
        "subscriptions.tasks.execute_operation",
        "subscriptions.tasks.price_quote",
        "subscriptions.tasks.probe_ca",
        "subscriptions.tasks.read_assigned_account",
        "subscriptions.tasks.sweep",
    ),
    "mail": ("accounts.tasks.send_mails",),
    "later": (
        "accounts.tasks.clear_expired",
        "subscriptions.tasks.look_for_unassigned",
        "subscriptions.tasks.settle_binding",
        "subscriptions.tasks.sync_due_subscriptions",
        "subscriptions.tasks.sync_subscription",
        "subscriptions.tasks.watch",
    ),
}

PLANNED: tuple[Planned, ...] = (
    Planned("sweep", "subscriptions.tasks.sweep", every=10, expires=120),
    Planned("sync-due-subscriptions", "subscriptions.tasks.sync_due_subscriptions", every=60, expires=120),
    Planned("look-for-unassigned", "subscriptions.tasks.look_for_unassigned", every=600, expires=600),
    Planned("send-mails", "accounts.tasks.send_mails", every=30, expires=60),
    Planned("watch", "subscriptions.tasks.watch", every=300, expires=300),
    Planned("clear-expired", "accounts.tasks.clear_expired", every=HOUR, expires=HOUR),
    Planned("list-servers", "subscriptions.tasks.probe_ca", every=6 * HOUR, expires=HOUR),
)


def routes() -> dict[str, dict[str, str]]:
    """Give the queue of each task as Celery's `task_routes` wants it."""
    return {task: {"queue": queue} for queue, tasks in QUEUES.items() for task in tasks}


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Give what runs by itself as Celery's `beat_schedule` wants it."""
    return {
        planned.name: {"task": planned.task, "schedule": planned.every, "options": {"expires": planned.expires}}
        for planned in PLANNED
    }
