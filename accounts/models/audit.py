"""The audit trail: who did what, to what, when. Rows are written once and never changed."""

import uuid

from django.db import models
from django.utils import timezone

from accounts.models.customers import Customer
from accounts.models.users import User


class AuditEvent(models.Model):
    """One thing a person (or, without an actor, the portal itself) did."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    action = models.CharField(max_length=50, editable=False, db_index=True)
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.SET_NULL, related_name="audit_events", editable=False
    )
    target_kind = models.CharField(max_length=30, blank=True, editable=False)
    target_code = models.UUIDField(null=True, editable=False, db_index=True)
    detail = models.JSONField(default=dict, editable=False)
    ip_address = models.GenericIPAddressField(null=True, editable=False)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor or 'the portal'}"
