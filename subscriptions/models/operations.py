"""The ledger: one row per intended call that changes something at the CA, and its fate.

`subscriptions/ledger/moves.py` holds every move between states; nothing else writes `state`.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import AppendOnly, User
from subscriptions.models.orders import Order, QuoteLine
from subscriptions.models.subscriptions import EabBinding, Subscription


class Operation(models.Model):
    """One intended call to the CA. The row is committed before the call; the outcome lands on the same row."""

    class Kind(models.TextChoices):
        """What the call does."""

        PREREGISTER = "preregister", "Create ACME account"
        ADD_DOMAIN = "add_domain", "Add domain"

    class State(models.TextChoices):
        """Where it is between a person's confirmation and a final outcome."""

        QUEUED = "queued", "Queued"
        SENDING = "sending", "At the CA"
        SUCCEEDED = "succeeded", "Done"
        REFUSED = "refused", "Refused"
        UNKNOWN = "unknown", "Being checked"
        ATTENTION = "attention", "Needs attention"
        CANCELED = "canceled", "Canceled"

    CHARGING = (Kind.ADD_DOMAIN,)
    UNSETTLED = (State.QUEUED, State.SENDING, State.UNKNOWN, State.ATTENTION)

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, db_index=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="operations")
    binding = models.ForeignKey(EabBinding, null=True, on_delete=models.PROTECT, related_name="operations")
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="operations")
    quote_line = models.OneToOneField(QuoteLine, null=True, on_delete=models.PROTECT, related_name="operation")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(null=True)

    domain_name = models.CharField(max_length=255, blank=True)
    registrable_domain = models.CharField(max_length=255, blank=True)
    names = models.JSONField(default=list, help_text="The confirmed set of names.")
    add_companion = models.BooleanField(default=False)
    ov_anchor_order_number = models.CharField(max_length=128, blank=True)
    price = models.DecimalField("confirmed price", max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    quoted_at = models.DateTimeField(null=True)

    claim_token = models.UUIDField(null=True)
    worker = models.CharField(max_length=120, blank=True)
    claimed_at = models.DateTimeField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    connection_ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    dispatched_at = models.DateTimeField(null=True, help_text="When a message for it was last sent to the workers.")
    was_unknown = models.BooleanField(default=False)

    baseline = models.JSONField(null=True, help_text="What the CA showed before the call.")
    readings = models.JSONField(default=list, help_text="What was read at the CA to settle an unknown outcome.")
    next_reading_at = models.DateTimeField(null=True)
    reply = models.JSONField(null=True, help_text="The CA's answer, keys redacted.")
    error_type = models.CharField(max_length=120, blank=True)
    error_reason = models.CharField(max_length=30, blank=True, help_text="What kind of refusal it is.")
    error_detail = models.TextField(blank=True)
    ca_order_number = models.BigIntegerField("order number at the CA", null=True, unique=True)
    charged = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    charged_currency = models.CharField(max_length=3, blank=True)
    is_charge_confirmed = models.BooleanField(null=True, help_text="Whether the CA named the amount.")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["binding", "domain_name"],
                condition=Q(kind="add_domain", state__in=["queued", "sending", "unknown", "attention"]),
                name="one_unsettled_add_per_name",
            ),
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(kind="preregister"),
                name="one_preregister_per_subscription",
            ),
        ]
        indexes = [models.Index(fields=["binding", "state"], name="operation_lane")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.domain_name}".strip()

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will happen to it by itself or by a decision."""
        return self.state not in self.UNSETTLED

    @property
    def is_overcharged(self) -> bool:
        """Whether the CA charged more, or in another currency, than a person confirmed."""
        if self.state != self.State.SUCCEEDED or self.charged is None or self.price is None:
            return False
        return self.charged > self.price or (self.charged > 0 and self.charged_currency != self.currency)


class OperationEvent(AppendOnly):
    """One step of an operation: from where to where, when, by whom and why. Written once, never changed."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    from_state = models.CharField(max_length=10, choices=Operation.State, blank=True)
    to_state = models.CharField(max_length=10, choices=Operation.State)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    worker = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.from_state or '–'} → {self.to_state}: {self.reason}"
