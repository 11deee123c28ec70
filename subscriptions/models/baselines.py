"""What the CA showed of a binding before something was changed there."""

from django.db import models
from django.utils import timezone

from subscriptions.models.bindings import EabBinding
from subscriptions.models.orders import Order


class Baseline(models.Model):
    """One reading of a binding, kept for the operations sent after it: a new one is a new row."""

    binding = models.ForeignKey(EabBinding, on_delete=models.PROTECT, related_name="baselines")
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="baselines")
    began_at = models.DateTimeField(default=timezone.now)
    names = models.JSONField(default=list)
    anchors = models.JSONField(default=dict)
    expires_at = models.DateTimeField(null=True)
    transactions = models.JSONField(
        null=True, help_text="Type and order number of each transaction; empty where they could not be read."
    )
    unread = models.JSONField(default=list, help_text="Which lists could not be read, and why.")

    class Meta:
        ordering = ["-began_at", "-pk"]
        indexes = [models.Index(fields=["binding", "order", "-began_at"], name="baseline_newest")]

    def __str__(self) -> str:
        return f"{self.binding} at {self.began_at:%Y-%m-%d %H:%M:%S}"
