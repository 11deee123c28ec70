"""The ledger: one row per intended call that changes something at the CA, and its fate.

`subscriptions/ledger/moves.py` holds every move between states; nothing else writes `state`.
"""

import uuid
from datetime import datetime
from typing import TypeAlias

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import AppendOnly, User
from portal.lookups import ByteOrder
from subscriptions.models.baselines import Baseline
from subscriptions.models.bindings import EabBinding
from subscriptions.models.operation_kinds import OperationKind
from subscriptions.models.orders import Order, QuoteLine
from subscriptions.models.subscriptions import Subscription
from subscriptions.rules.prices import is_overcharged
from subscriptions.rules.written_names import written


class Operation(models.Model):
    """One intended call to the CA. The row is committed before the call; the outcome lands on the same row."""

    Kind: TypeAlias = OperationKind

    class State(models.TextChoices):
        """Where it is between a person's confirmation and a final outcome."""

        QUEUED = "queued", "Queued"
        SENDING = "sending", "At the CA"
        SUCCEEDED = "succeeded", "Done"
        REFUSED = "refused", "Refused"
        UNKNOWN = "unknown", "Being checked"
        ATTENTION = "attention", "Needs attention"
        CANCELED = "canceled", "Canceled"

    class Lane(models.TextChoices):
        """What it must not run beside, within its binding."""

        NAME = "name", "Its registrable domain"
        BINDING = "binding", "The whole binding"
        ACCOUNT = "account", "Its own kind"
        ALONE = "alone", "Nothing"

    WORKING = (State.QUEUED, State.SENDING, State.UNKNOWN)  # it goes on by itself
    UNSETTLED = (*WORKING, State.ATTENTION)
    OPEN_CHARGE = Q(is_charge_open=True, charged=None)  # done, and in no total as if its amount were known
    # What waits for a person is not being added, whoever looks.
    BEING_ADDED = Q(lane=Lane.NAME, takes_away=False, state__in=WORKING)

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
    decided_at = models.DateTimeField(null=True, help_text="When a person last had it sent after looking at it.")

    domain_name = models.CharField(max_length=255, blank=True)
    registrable_domain = models.CharField(max_length=255, blank=True)
    names = models.JSONField(default=list, help_text="The confirmed set of names.")
    arguments = models.JSONField(default=dict, help_text="What else its kind sends.")
    lane = models.CharField(max_length=10, choices=Lane, default=Lane.NAME)
    exclusive = models.CharField(
        max_length=330, blank=True, help_text="What only one unsettled operation may be about at a time."
    )
    takes_away = models.BooleanField(default=False, help_text="Whether its names leave the subscription.")
    turn = models.PositiveIntegerField(default=0, help_text="Its place in its order: orders are taken in turn.")
    add_companion = models.BooleanField(default=False)
    ov_anchor_order_number = models.CharField(max_length=128, blank=True)
    old_ov_anchor_order_number = models.CharField(
        max_length=128, blank=True, help_text="The pre-validation that names are moved away from."
    )
    price = models.DecimalField("confirmed price", max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, blank=True)
    quoted_at = models.DateTimeField(null=True)
    quoted_term_ends_at = models.DateTimeField(null=True, help_text="The end of the term the price was asked for.")

    claim_token = models.UUIDField(null=True)
    worker = models.CharField(max_length=120, blank=True)
    claimed_at = models.DateTimeField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    connection_ended_at = models.DateTimeField(null=True)
    ended_mark = models.JSONField(default=dict, help_text="The same on the clock of the host that noted it.")
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    dispatched_at = models.DateTimeField(null=True, help_text="When a message for it was last sent to the workers.")
    was_unknown = models.BooleanField(default=False)
    lost_answers = models.PositiveIntegerField(default=0)
    times_not_done = models.PositiveIntegerField(default=0, help_text="How often reading proved that it was not.")

    baseline = models.ForeignKey(
        Baseline,
        null=True,
        on_delete=models.PROTECT,
        related_name="operations",
        help_text="What the CA showed before the call.",
    )
    readings = models.JSONField(default=list, help_text="What was read at the CA to settle an unknown outcome.")
    next_reading_at = models.DateTimeField(null=True)
    reply = models.JSONField(null=True, help_text="The CA's answer, keys redacted.")
    error_type = models.CharField(max_length=120, blank=True)
    error_reason = models.CharField(max_length=30, blank=True, help_text="What kind of refusal it is.")
    error_detail = models.TextField(blank=True)
    ca_order_number = models.BigIntegerField("order number at the CA", null=True, db_index=True)
    charged = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    charged_currency = models.CharField(max_length=3, blank=True)
    charged_text = models.CharField(max_length=40, blank=True, help_text="The amount as the CA wrote it.")
    is_charge_open = models.BooleanField(default=False, help_text="Done, but the CA has not confirmed the charge yet.")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["exclusive"],
                condition=Q(state__in=["queued", "sending", "unknown", "attention"]) & ~Q(exclusive=""),
                name="one_unsettled_of_each",
            )
        ]
        indexes = [
            models.Index(fields=["binding", "state"], name="operation_lane"),
            models.Index(fields=["turn", "id"], condition=Q(state="queued"), name="operation_in_turn"),
            models.Index(fields=["binding"], condition=Q(state="queued", lane="account"), name="operation_goes_first"),
            models.Index(
                fields=["dispatched_at"],
                condition=Q(state="queued", dispatched_at__isnull=False),
                name="operation_dispatched",
            ),
            models.Index(
                fields=["old_ov_anchor_order_number"],
                condition=~Q(old_ov_anchor_order_number=""),
                name="operation_moves_from",
            ),
            models.Index(fields=["binding", "finished_at"], name="operation_ended"),
            models.Index(fields=["-claimed_at"], condition=Q(claimed_at__isnull=False), name="operation_newest_claim"),
            models.Index(fields=["state", "created_at"], name="operation_state_age"),
            models.Index(fields=["kind", "state", "finished_at"], name="operation_kind_ended"),
            models.Index(fields=["lease_expires_at"], condition=Q(state="sending"), name="operation_leases"),
            models.Index(fields=["next_reading_at"], condition=Q(state="unknown"), name="operation_to_read"),
            models.Index(fields=["is_charge_open", "finished_at"], name="operation_open_amounts"),
            models.Index(fields=["-created_at", "-id"], name="operation_newest"),
            models.Index(ByteOrder("domain_name"), F("id"), name="operation_by_name"),
            models.Index(ByteOrder("registrable_domain"), name="operation_by_domain"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {written(self.domain_name)}".strip()

    @property
    def all_names(self) -> tuple[str, ...]:
        """Its name, and the names that the CA adds or takes out with it."""
        return tuple(name for name in (self.domain_name, *self.names) if name)

    @property
    def last_contact_at(self) -> datetime:
        """When its last call ended, or would have: what waits for a lost answer counts from here."""
        return self.connection_ended_at or self.lease_expires_at or self.created_at

    @property
    def has_open_charge(self) -> bool:
        """Whether it is done, and the CA has not confirmed its amount yet (`OPEN_CHARGE`)."""
        return self.is_charge_open and self.charged is None

    @property
    def is_overcharged(self) -> bool:
        """Whether the CA charged it, and more than a person confirmed (`rules.prices.is_overcharged`)."""
        is_done = self.state == self.State.SUCCEEDED
        return is_done and is_overcharged(self.charged, self.charged_currency, self.price, self.currency)


def names_of(operations: models.QuerySet[Operation]) -> frozenset[str]:
    """Give `all_names` of all of them, of which there may be thousands: no row is made of each."""
    pairs = operations.order_by().values_list("domain_name", "names").iterator()
    return frozenset(name for own, others in pairs for name in (own, *others) if name)


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
