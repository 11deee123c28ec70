"""Looks at a name from outside, asked for by a person or for a quote, and what they saw."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from subscriptions.models.orders import Quote
from subscriptions.models.subscriptions import Domain
from subscriptions.rules.written_names import written


class NameCheckQuerySet(models.QuerySet["NameCheck"]):
    """Checks of names."""

    def due(self, now: datetime) -> Self:
        """Keep those that a worker is to take: none has, or the one that did is gone."""
        left_behind = Q(state=NameCheck.State.RUNNING, lease_expires_at__lt=now)
        return self.filter(Q(state=NameCheck.State.WAITING) | left_behind)

    def on_the_way(self, now: datetime) -> Self:
        """Keep those that a worker has, or that were sent to one within the lease."""
        return self.filter(state__in=NameCheck.WORKING, lease_expires_at__gte=now)

    def to_send(self, now: datetime) -> Self:
        """Keep those that were not sent, or whose message or worker is gone."""
        return self.due(now).filter(Q(lease_expires_at=None) | Q(lease_expires_at__lt=now))


class NameCheck(models.Model):
    """One check of a name, of a subscription or of a quote: its looks come one after another.

    What is kept is public: answers of the DNS and of web servers.
    """

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Looking"
        DONE = "done", "Looked at"
        GIVEN_UP = "given_up", "Not finished"

    WORKING = (State.WAITING, State.RUNNING)
    LEASE = timedelta(seconds=60)  # for a message to arrive, then for the look: that is over within half of it

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    domain = models.ForeignKey(Domain, null=True, on_delete=models.CASCADE, related_name="name_checks")
    quote = models.ForeignKey(Quote, null=True, on_delete=models.CASCADE, related_name="name_checks")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    looks = models.JSONField(default=list, help_text="What was seen, in the order in which it came.")
    tries = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    claim_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)  # while it waits: until when its message may arrive

    objects = NameCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(domain__isnull=True, quote__isnull=False) | Q(domain__isnull=False, quote__isnull=True),
                name="name_check_of_one",
            ),
            models.UniqueConstraint(
                fields=["domain"], condition=Q(state__in=["waiting", "running"]), name="name_check_once_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["quote", "name"], condition=Q(quote__isnull=False), name="name_check_of_quote_once"
            ),
        ]
        indexes = [
            models.Index(fields=["domain", "-asked_at"], name="name_check_newest"),
            models.Index(fields=["asked_at"], condition=Q(state__in=["waiting", "running"]), name="name_check_working"),
        ]

    def __str__(self) -> str:
        return f"Check of {written(self.name)}"

    @property
    def is_working(self) -> bool:
        """Whether more will be seen by itself."""
        return self.state in self.WORKING

    @property
    def is_wildcard(self) -> bool:
        """Whether it is of a wildcard name, which needs DNS-01."""
        return self.name.startswith("*.")
