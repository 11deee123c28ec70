"""What the CA says it charged or refunded, and what explains it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from subscriptions.models.bindings import EabBinding
from subscriptions.models.operations import Operation


class Transaction(models.Model):
    """One line of LISTTRANSACTIONS: an addDomain, an extendDomains or a refundDomain."""

    class Explained(models.TextChoices):
        """What explains it."""

        NOT_YET = "", "Not explained"
        OPERATION = "operation", "By an operation"
        HISTORY = "history", "Earlier history"
        PERSON = "person", "By a person"

    ADDITION, EXTENSION, REFUND = "adddomain", "extenddomains", "refunddomain"

    binding = models.ForeignKey(EabBinding, on_delete=models.PROTECT, related_name="transactions")
    kind = models.CharField(max_length=40, help_text="The CA's word, in lower case.")
    executed_at = models.DateTimeField(null=True)
    executed_until = models.DateTimeField(null=True, help_text="The latest instant a date without time can mean.")
    ca_order_number = models.BigIntegerField("order number at the CA", null=True)
    cost = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, blank=True)
    cost_text = models.CharField(max_length=40, blank=True, help_text="The amount as the CA wrote it.")
    names = models.JSONField(default=list)
    first_seen_at = models.DateTimeField(default=timezone.now)
    listed_at = models.DateTimeField(null=True, help_text="The last reading that lists it.")
    explained = models.CharField(max_length=10, choices=Explained, blank=True, default=Explained.NOT_YET)
    operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="transactions", help_text="What explains it."
    )
    explained_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-executed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["binding", "kind", "ca_order_number"], name="transaction_once")]
        indexes = [
            models.Index(fields=["binding"], condition=Q(explained=""), name="transaction_unexplained"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ca_order_number}"
