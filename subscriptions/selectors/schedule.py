"""Reads about what runs by itself: each entry of the plan with its last run, and what was missed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import PlannedRun
from portal.task_plan import PLANNED, Planned
from subscriptions.explain.schedule import every, took


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """An entry of the plan and its row, a bare one where no worker has noted it yet, as they are at `now`."""

    plan: Planned
    row: PlannedRun
    now: datetime

    @property
    def state(self) -> PlannedRun.State:
        """How its last run is."""
        return self.row.state_at(self.now)

    @property
    def is_missed(self) -> bool:
        """Whether none has ended well for longer than its bound."""
        return self.row.pk is not None and self.row.is_missed(self.now)

    @property
    def every(self) -> str:
        """How often it runs, in words."""
        return every(self.plan.every)

    @property
    def took(self) -> str:
        """How long the last run that ended took, in words."""
        return took(self.row.seconds)


def planned_tasks(now: datetime) -> list[PlannedTask]:
    """Give everything that runs by itself, in the plan's order."""
    rows = {row.name: row for row in PlannedRun.objects.of_plan()}
    return [PlannedTask(plan, rows.get(plan.name, PlannedRun(name=plan.name)), now) for plan in PLANNED]


def missed_runs(now: datetime) -> "QuerySet[PlannedRun]":
    """Give the planned tasks of which none has ended well for longer than their bound, the longest first."""
    return PlannedRun.objects.missed(now)
