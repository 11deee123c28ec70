"""The background tasks: which queue each goes to, and which run by themselves.

`now`: a person waits, or everything does; `mail`; `later`: readings, checks, reports. A worker of its own takes
`later`, so that ten thousand readings never stand before one confirmed order. A task without a queue fails a test.
"""

from dataclasses import dataclass
from typing import Any

MINUTE = 60
HOUR = 3600
MINUTES_LATE = 5  # at least, before a run counts as missed


@dataclass(frozen=True, slots=True)
class Planned:
    """A task that beat sends every so many seconds; `label` and `does` are its words for staff.

    A message that no worker took within `expires` seconds is dropped: a weekend without one would leave ten thousands.
    """

    name: str
    task: str
    every: int
    expires: int
    label: str
    does: str

    @property
    def bound(self) -> int:
        """After so many seconds without a run that ended well it counts as missed."""
        return self.every + max(MINUTES_LATE * MINUTE, self.every // 2)

    @property
    def queue(self) -> str:
        """Which queue it goes to, and so which worker takes it."""
        return next(queue for queue, tasks in QUEUES.items() if self.task in tasks)


QUEUES: dict[str, tuple[str, ...]] = {
    "now": (
        "subscriptions.tasks.compare_with_ca",  # the gate waits for it
        "subscriptions.tasks.execute_operation",
        "subscriptions.tasks.price_quote",
        "subscriptions.tasks.probe_ca",
        "subscriptions.tasks.read_assigned_account",
        "subscriptions.tasks.sweep",
    ),
    # What people are to be told does not stand behind readings either: that nothing is read is one of these things.
    "mail": ("accounts.tasks.send_mails", "subscriptions.tasks.watch"),
    "later": (
        "accounts.tasks.clear_expired",
        "subscriptions.tasks.look_at_served",
        "subscriptions.tasks.look_at_served_name",
        "subscriptions.tasks.check_name",
        "subscriptions.tasks.look_for_unassigned",
        "subscriptions.tasks.settle_binding",
        "subscriptions.tasks.sync_due_subscriptions",
        "subscriptions.tasks.sync_subscription",
    ),
}

PLANNED: tuple[Planned, ...] = (
    Planned(
        "sweep",
        "subscriptions.tasks.sweep",
        every=10,
        expires=120,
        label="Pick up work",
        does="Sends confirmed operations to the CA and picks up what was lost on the way.",
    ),
    Planned(
        "sync-due-subscriptions",
        "subscriptions.tasks.sync_due_subscriptions",
        every=60,
        expires=120,
        label="Read subscriptions",
        does="Has those subscriptions read at the CA whose last reading is too old.",
    ),
    Planned(
        "look-for-unassigned",
        "subscriptions.tasks.look_for_unassigned",
        every=600,
        expires=600,
        label="Look for unassigned accounts",
        does="Looks for ACME accounts at the CA that belong to no subscription.",
    ),
    Planned(
        "look-at-served",
        "subscriptions.tasks.look_at_served",
        every=MINUTE,
        expires=MINUTE,
        label="Look at served certificates",
        does="Looks once a day at the certificate that the website of each name serves.",
    ),
    Planned(
        "send-mails",
        "accounts.tasks.send_mails",
        every=30,
        expires=60,
        label="Send mails",
        does="Sends the mails that are due.",
    ),
    Planned(
        "watch",
        "subscriptions.tasks.watch",
        every=300,
        expires=300,
        label="Notice and tell",
        does="Notices what has changed and writes the mails about it.",
    ),
    Planned(
        "clear-expired",
        "accounts.tasks.clear_expired",
        every=HOUR,
        expires=HOUR,
        label="Clear what has expired",
        does="Deletes sessions that are over, and tries and browsers of long ago.",
    ),
    Planned(
        "list-servers",
        "subscriptions.tasks.probe_ca",
        every=6 * HOUR,
        expires=HOUR,
        label="List ACME servers",
        does="Asks the CA for its ACME servers.",
    ),
)


def planned_named(name: str) -> Planned:
    """Give an entry of the plan; raise KeyError where there is none of this name."""
    return {planned.name: planned for planned in PLANNED}[name]


def planned_of(task: str) -> Planned:
    """Give the entry of the plan of a task; raise KeyError where it is not planned."""
    return {planned.task: planned for planned in PLANNED}[task]


def routes() -> dict[str, dict[str, str]]:
    """Give the queue of each task as Celery's `task_routes` wants it."""
    return {task: {"queue": queue} for queue, tasks in QUEUES.items() for task in tasks}


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Give what runs by itself as Celery's `beat_schedule` wants it."""
    return {
        planned.name: {"task": planned.task, "schedule": planned.every, "options": {"expires": planned.expires}}
        for planned in PLANNED
    }
