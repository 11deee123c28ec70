"""Findings: differences between the CA and the ledger that two readings have shown."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from subscriptions.models.bindings import EabBinding


class Finding(models.Model):
    """One sort of difference on one binding, with its lines; a person closes it, or the fact itself."""

    class Sort(models.TextChoices):
        """What differs."""

        UNEXPLAINED_CHARGE = "unexplained_charge", "Charge that nothing explains"
        UNEXPLAINED_REFUND = "unexplained_refund", "Refund that nothing explains"
        CHARGED_TWICE = "charged_twice", "Name charged twice"
        OTHER_AMOUNT = "other_amount", "Another amount than recorded"
        CHARGE_NOT_LISTED = "charge_not_listed", "Recorded charge not listed"
        UNKNOWN_NAME = "unknown_name", "Name that nothing explains"
        OPEN_AMOUNT = "open_amount", "Charge not confirmed for a day"
        ACCOUNT_STATE = "account_state", "ACME account changed elsewhere"
        LATE_ANSWER = "late_answer", "Late answer that contradicts"

    class State(models.TextChoices):
        """Whether somebody has to look."""

        SEEN_ONCE = "seen_once", "Seen once"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    RIPE = "is_ripe"  # of a line: two readings have shown it, so that a person is to look at it

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    binding = models.ForeignKey(EabBinding, on_delete=models.PROTECT, related_name="findings")
    sort = models.CharField(max_length=20, choices=Sort)
    state = models.CharField(max_length=10, choices=State, default=State.SEEN_ONCE, db_index=True)
    lines = models.JSONField(default=list, help_text="What differs, one entry a line; `key` tells lines apart.")
    seen_at = models.DateTimeField(default=timezone.now, help_text="The beginning of the first reading that showed it.")
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500, blank=True, help_text="Why it is closed.")

    class Meta:
        ordering = ["-seen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["binding", "sort"], condition=~Q(state="closed"), name="one_open_finding_per_sort"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_sort_display()}: {self.binding}"

    @property
    def ripe_lines(self) -> list[Any]:
        """The lines that two readings have shown, as they were kept; one that cannot be read counts as shown."""
        lines = self.lines if isinstance(self.lines, list) else [self.lines]
        return [line for line in lines if not isinstance(line, dict) or line.get(self.RIPE) is True]
