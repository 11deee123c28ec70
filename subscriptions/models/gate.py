"""The gate before the CA, shared by all workers, and the workers' signs of life."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone


class Gate(models.Model):
    """The one row that says which calls may go to the CA, and spaces them out."""

    class Closed(models.TextChoices):
        """What the gate keeps back."""

        NOTHING = "", "Open"
        CHARGES = "charges", "Charging calls are held"
        CHANGES = "changes", "Every call that changes something is held"
        ALL = "all", "Every call is held"

    closed_for = models.CharField(max_length=10, choices=Closed, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    needs_probe = models.BooleanField(default=True, help_text="One LISTSERVERS goes first, alone.")
    probe_token = models.UUIDField(null=True, blank=True)
    probe_lease_expires_at = models.DateTimeField(null=True, blank=True)
    next_call_at = models.DateTimeField(default=timezone.now)
    reached_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True, help_text="Why the CA could not be reached, if so.")
    problem_at = models.DateTimeField(null=True, blank=True)

    needs_comparison = models.BooleanField(
        default=False, help_text="Restored from a backup: stays closed until a person has seen the comparison."
    )
    comparison = models.JSONField(null=True, blank=True, help_text="How the CA and the database differed.")
    compared_at = models.DateTimeField(null=True, blank=True)
    comparing_until = models.DateTimeField(null=True, blank=True)

    place = models.CharField(max_length=200, blank=True, help_text="Which database this is: another means a restore.")
    charges_in_a_row = models.PositiveIntegerField(
        default=0, help_text="Turns given to work that a person waits for since one was given to a reading."
    )

    SINGLETON = 1

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="gate_is_one_row")]

    def __str__(self) -> str:
        return self.get_closed_for_display()


class HeldKind(models.Model):
    """A kind of operation of which answers were lost in a row: it is held a while, as it may leave things behind."""

    kind = models.CharField(max_length=20, unique=True)
    lost_in_a_row = models.PositiveIntegerField(default=0)
    held_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.kind


class CallSlot(models.Model):
    """One of CAAS_MAX_CONCURRENCY calls that may be under way at once, across all workers."""

    number = models.PositiveSmallIntegerField(unique=True)
    token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Slot {self.number}"


class WorkerHeartbeatQuerySet(models.QuerySet["WorkerHeartbeat"]):
    """Signs of life."""

    def fresh(self, now: datetime) -> Self:
        """Keep the workers that live at `now`: the last sign of each is at most MAX_AGE old."""
        return self.filter(beat_at__gte=now - WorkerHeartbeat.MAX_AGE)


class WorkerHeartbeat(models.Model):
    """A worker's sign of life."""

    MAX_AGE = timedelta(seconds=60)

    name = models.CharField(max_length=200, unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now, db_index=True)
    ca_reached_at = models.DateTimeField(null=True)
    ca_problem = models.CharField(max_length=500, blank=True)

    objects = WorkerHeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
