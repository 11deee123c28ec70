"""The audit trail: who did what, to what, when. Rows are written once and never changed.

An event stands by itself: it holds the codes and the names of then, and refers to no row. Whoever and whatever it is
about can be renamed or deleted without touching it.
"""

import uuid

from django.db import models
from django.utils import timezone

from accounts.models.append_only import AppendOnly


class AuditEvent(AppendOnly):
    """One thing a person (or, without an actor, the portal itself) did."""

    TARGET_NAME_LENGTH = 300
    USER_AGENT_LENGTH = 200

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    action = models.CharField(max_length=50, editable=False, db_index=True)
    actor_code = models.UUIDField(null=True, editable=False)
    actor_name = models.CharField("actor", max_length=254, blank=True, editable=False)
    actor_email = models.EmailField("actor’s e-mail address", blank=True, editable=False)
    customer_code = models.UUIDField(null=True, editable=False)
    customer_name = models.CharField("customer", max_length=150, blank=True, editable=False)
    target_kind = models.CharField(max_length=30, blank=True, editable=False)
    target_code = models.UUIDField(null=True, editable=False)
    target_name = models.CharField("target", max_length=TARGET_NAME_LENGTH, blank=True, editable=False)
    detail = models.JSONField(default=dict, editable=False)
    ip_address = models.GenericIPAddressField("IP address", null=True, editable=False)
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True, editable=False)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["at", "id"], name="audit_newest"),
            models.Index(fields=["actor_code", "at", "id"], name="audit_of_actor"),
            models.Index(fields=["customer_code", "at", "id"], name="audit_of_customer"),
            models.Index(fields=["target_code", "at", "id"], name="audit_of_target"),
            models.Index(fields=["action", "at", "id"], name="audit_of_action"),
            models.Index(fields=["ip_address", "at", "id"], name="audit_of_ip_address"),
            # An address that no person has now.
            models.Index(fields=["actor_email", "at", "id"], name="audit_of_actor_email"),
            models.Index(fields=["target_name", "at", "id"], name="audit_of_target_name"),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor_name or 'the portal'}"
