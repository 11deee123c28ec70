"""What customers ask for: names, an extension, a removal."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from subscriptions.models.operations import Operation
from subscriptions.models.subscriptions import Subscription
from subscriptions.rules.terms import years_text


class CustomerRequest(models.Model):
    """What a customer's person asks staff to do about a subscription. It reserves nothing and charges nothing.

    `services/requests.py` holds the moves that people make, `worker/requests.py` those that follow from an order's
    fate; each checks the old state.
    """

    class Kind(models.TextChoices):
        """What is asked for."""

        NAMES = "names", "Names to add"
        EXTENSION = "extension", "Extension"
        REMOVAL = "removal", "Names to remove"

    class State(models.TextChoices):
        """Where it is between being asked and its answer."""

        OPEN = "open", "Open"
        QUOTED = "quoted", "Being quoted"
        ORDERED = "ordered", "Ordered"
        DONE = "done", "Done"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    UNANSWERED = (State.OPEN, State.QUOTED)  # it can be withdrawn and declined
    UNDER_WAY = (*UNANSWERED, State.ORDERED)

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=10, choices=Kind)
    typed_text = models.TextField(blank=True, help_text="The names as typed.")
    names = models.JSONField(default=list, help_text="The names asked for, each in its one form.")
    years = models.PositiveSmallIntegerField(
        null=True, validators=[MinValueValidator(1), MaxValueValidator(3)], help_text="Of an extension."
    )
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it is in its state; the customer reads it.")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    operations = models.ManyToManyField(
        Operation, related_name="requests", help_text="What was confirmed for it, the last time that was."
    )
    form_token = models.UUIDField(default=uuid.uuid4, unique=True, help_text="One submitted form makes one request.")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(kind="extension", state__in=["open", "quoted", "ordered"]),
                name="one_extension_asked_for",
            )
        ]
        indexes = [
            models.Index(fields=["state", "created_at"], name="request_state_age"),
            models.Index(fields=["-created_at", "-id"], name="request_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subscription}"

    @property
    def title(self) -> str:
        """What is asked for: "Add 3 names", "Extend by 1 year", "Remove 1 name"."""
        if self.kind == self.Kind.EXTENSION:
            return f"Extend by {years_text(self.years or 1)}"
        names = "1 name" if len(self.names) == 1 else f"{len(self.names)} names"
        return f"Add {names}" if self.kind == self.Kind.NAMES else f"Remove {names}"

    @property
    def is_unanswered(self) -> bool:
        """Whether nothing was ordered for it and nobody has answered: it can be withdrawn and declined."""
        return self.state in self.UNANSWERED
