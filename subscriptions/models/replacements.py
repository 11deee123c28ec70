"""What is to be replaced: a misspelt name, and the addition of the one that takes its place."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from subscriptions.models.operations import Operation
from subscriptions.models.subscriptions import Domain
from subscriptions.rules.written_names import written

OpState = Operation.State


class ReplacementQuerySet(models.QuerySet["Replacement"]):
    """Replacements of names."""

    def open(self) -> "ReplacementQuerySet":
        """Keep those whose old name is there and that nobody has called off."""
        return self.filter(called_off_at=None, old__removed_at=None)

    def due(self) -> "ReplacementQuerySet":
        """Keep those whose new name was added and whose old one nothing removes yet."""
        return self.open().filter(removal=None, addition__state=OpState.SUCCEEDED)


class Replacement(models.Model):
    """The intention that a name goes once another one is there, written with the order of that other one.

    It never removes anything itself: once the addition has succeeded, a worker queues the removal.
    """

    class State(models.TextChoices):
        """How far it is."""

        ADDING = "adding", "New name being added"
        HELD = "held", "New name waits for a decision"
        NOT_ADDED = "not_added", "New name not added"
        DUE = "due", "New name added"
        REMOVING = "removing", "Old name being removed"
        NOT_REMOVED = "not_removed", "Old name not removed"
        DONE = "done", "Replaced"
        CALLED_OFF = "called_off", "Called off"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    old = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="replacements")
    addition = models.OneToOneField(Operation, on_delete=models.PROTECT, related_name="replacement")
    removal = models.OneToOneField(Operation, null=True, on_delete=models.PROTECT, related_name="planned_by")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    called_off_at = models.DateTimeField(null=True)
    called_off_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ReplacementQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["old"], condition=Q(called_off_at=None), name="one_replacement_of_a_name")
        ]
        indexes = [
            models.Index(
                fields=["addition"], condition=Q(removal=None, called_off_at=None), name="replacement_without_removal"
            )
        ]

    def __str__(self) -> str:
        return f"{self.old} by {written(self.new_name)}"

    @property
    def state(self) -> State:
        """How far it is, from what became of its two operations and of the old name."""
        if self.old.removed_at is not None:
            return self.State.DONE
        if self.called_off_at is not None:
            return self.State.CALLED_OFF
        if self.removal is not None:
            return self.State.REMOVING if self.removal.state in Operation.WORKING else self.State.NOT_REMOVED
        states = {
            OpState.SUCCEEDED: self.State.DUE,
            OpState.ATTENTION: self.State.HELD,
            OpState.REFUSED: self.State.NOT_ADDED,
            OpState.CANCELED: self.State.NOT_ADDED,
        }
        return states.get(OpState(self.addition.state), self.State.ADDING)

    @property
    def new_name(self) -> str:
        """The name that takes the old one's place."""
        return self.addition.domain_name

    @property
    def is_working(self) -> bool:
        """Whether it goes on by itself."""
        return self.state in (self.State.ADDING, self.State.DUE, self.State.REMOVING)

    @property
    def can_be_called_off(self) -> bool:
        """Whether the old name can still be kept."""
        is_open = self.called_off_at is None and self.old.removed_at is None
        sent = (OpState.SENDING, OpState.UNKNOWN, OpState.ATTENTION)
        return is_open and (self.removal is None or self.removal.state not in sent)
