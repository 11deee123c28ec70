"""What became of each task that runs by itself: one row for each entry of `portal/task_plan.py`."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from portal.task_plan import PLANNED, Planned, planned_named


class PlannedRunQuerySet(models.QuerySet["PlannedRun"]):
    """Rows of planned tasks, with the questions asked often."""

    def of_plan(self) -> Self:
        """Those of tasks that this version of the portal plans."""
        return self.filter(name__in=[planned.name for planned in PLANNED])

    def missed(self, now: datetime) -> Self:
        """Those that have not ended well for longer than their bound, the longest first."""
        return self.of_plan().filter(missed_at__lte=now).order_by("missed_at", "pk")


class PlannedRun(models.Model):
    """A planned task, its last run and its lease: written by `accounts/planned.py`."""

    PROBLEM_LENGTH = 500

    class State(models.TextChoices):
        """How the last run is."""

        NEVER = "never", "Not yet run"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        LOST = "lost", "Its worker ended"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=50, unique=True)  # in `portal/task_plan.py`
    outcome = models.CharField(max_length=8, choices=State, default=State.NEVER)  # of the last run that ended
    problem = models.CharField(max_length=PROBLEM_LENGTH, blank=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)  # how long the last run that ended took
    well_at = models.DateTimeField(null=True)  # when one last ended well
    next_at = models.DateTimeField()
    missed_at = models.DateTimeField()  # from then on it is missed, unless one ends well before
    token = models.UUIDField(null=True)  # of the run that is under way
    leased_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=200, blank=True)
    is_wanted = models.BooleanField(default=False)  # a message came while it ran: it runs once more
    sent_at = models.DateTimeField(null=True)  # a message beside those of beat was sent: it was due, or asked for
    asked_at = models.DateTimeField(null=True)  # a person asked for a run that has not begun yet
    noted_at = models.DateTimeField(default=timezone.now)

    objects = PlannedRunQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def planned(self) -> Planned:
        """Its entry in the plan; raises KeyError where this version plans no such task."""
        return planned_named(self.name)

    @property
    def took(self) -> timedelta | None:
        """How long the last run that ended took."""
        return None if self.seconds is None else timedelta(seconds=self.seconds)

    def state_at(self, now: datetime) -> "PlannedRun.State":
        """Give how its last run is at `now`."""
        if self.token is None or self.leased_until is None:
            return self.State(self.outcome)
        return self.State.RUNNING if self.leased_until > now else self.State.LOST

    def is_missed(self, now: datetime) -> bool:
        """Whether none has ended well for longer than its bound."""
        return self.missed_at <= now
