"""What the CA says it charged or refunded."""

from django.db import models
from django.utils import timezone

from subscriptions.models.subscriptions import EabBinding


class Transaction(models.Model):
    """One line of LISTTRANSACTIONS: an addDomain, an extendDomains or a refundDomain."""

    binding = models.ForeignKey(EabBinding, on_delete=models.PROTECT, related_name="transactions")
    kind = models.CharField(max_length=40)
    executed_at = models.DateTimeField(null=True)
    ca_order_number = models.BigIntegerField("order number at the CA", null=True)
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    names = models.JSONField(default=list)
    first_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-executed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["binding", "kind", "ca_order_number"], name="transaction_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ca_order_number}"
