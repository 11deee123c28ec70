"""Quotes from the CA, and the orders that confirmed them."""

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import models
from django.utils import timezone

from accounts.models import User
from portal.lookups import ByteOrder
from subscriptions.models.operation_kinds import OperationKind
from subscriptions.models.prevalidations import Prevalidation
from subscriptions.models.subscriptions import Domain, Subscription
from subscriptions.rules.numbers import number_of
from subscriptions.rules.prices import Totals, read_totals


class Quote(models.Model):
    """Prices asked of the CA before anything is charged; each line knows for which subscription, and what for."""

    class State(models.TextChoices):
        """How far the asking is."""

        QUEUED = "queued", "Waiting"
        PRICING = "pricing", "Asking the CA"
        READY = "ready", "Ready"
        REFUSED = "refused", "No price"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    add_companions = models.BooleanField(default=False)
    typed_text = models.TextField(blank=True, help_text="The names as typed, to go back and correct them.")
    organization_reason = models.CharField(
        max_length=300, blank=True, help_text="Why names go under another organization than those that are there."
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    problem = models.CharField(max_length=500, blank=True)
    totals = models.JSONField(default=dict, help_text="What its priced lines come to, by currency.")
    priced_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    form_token = models.UUIDField(default=uuid.uuid4, unique=True, help_text="One submitted form makes one quote.")
    revision = models.PositiveIntegerField(default=0, help_text="How often lines were left out or put back.")
    asked_for = models.ForeignKey(
        "subscriptions.CustomerRequest",
        null=True,
        on_delete=models.PROTECT,
        related_name="quotes",
        help_text="The customer's request that it is for.",
    )
    claim_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="quote_newest")]

    def __str__(self) -> str:
        return f"Quote {self.number}"

    @property
    def number(self) -> str:
        """The number that people cite: "Q-1024"."""
        return number_of("Q", self.pk)

    @property
    def amounts(self) -> Totals:
        """What its priced lines come to, by currency."""
        return read_totals(self.totals)

    def is_valid(self, now: datetime) -> bool:
        """Whether the prices may still be confirmed at `now`."""
        return self.state == self.State.READY and self.valid_until is not None and now < self.valid_until


class QuoteLine(models.Model):
    """One thing that costs, asked for: what it is, for which subscription, and what the CA said about it."""

    class State(models.TextChoices):
        """What the CA said."""

        PENDING = "pending", "Waiting"
        PRICED = "priced", "Priced"
        COVERED = "covered", "Comes with another name"
        REFUSED = "refused", "Refused"
        LEFT_OUT = "left_out", "Left out"

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="quote_lines")
    kind = models.CharField(max_length=20, choices=OperationKind)
    name = models.CharField(max_length=255, blank=True, help_text="Empty for what is about a whole subscription.")
    prevalidation = models.ForeignKey(Prevalidation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    arguments = models.JSONField(default=dict, help_text="What else its kind asks with.")
    replaces = models.ForeignKey(
        Domain,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The name that is to go once this one is there.",
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    names = models.JSONField(default=list, help_text="The names the CA adds for this price, the asked one first.")
    add_companion = models.BooleanField(default=False, help_text="Asked with the name that comes free with it.")
    covered_by = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="covers")
    cost = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, blank=True)
    quoted_at = models.DateTimeField(null=True)
    term_ends_at = models.DateTimeField(null=True, help_text="The end of the term that ran when it was priced.")
    error_type = models.CharField(max_length=120, blank=True)
    error_reason = models.CharField(max_length=30, blank=True, help_text="What kind of refusal it is.")
    error_detail = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["quote", "subscription", "kind", "name"], name="quote_line_once"),
            models.UniqueConstraint(fields=["quote", "position"], name="quote_line_position"),
        ]
        indexes = [models.Index(ByteOrder("name"), name="quote_line_by_name")]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()

    @property
    def is_free(self) -> bool:
        """Whether the CA asks nothing for it."""
        return self.cost == Decimal(0)


class Order(models.Model):
    """A confirmed quote. A quote is confirmed once at most, whoever clicks, however often."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="order")
    totals = models.JSONField("confirmed totals", default=dict, help_text="What was confirmed, by currency.")
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    confirmed_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-confirmed_at", "-pk"]
        indexes = [models.Index(fields=["-confirmed_at", "-id"], name="order_newest")]

    def __str__(self) -> str:
        return f"Order {self.number}"

    @property
    def number(self) -> str:
        """The number that people cite: "O-1024"."""
        return number_of("O", self.pk)

    @property
    def amounts(self) -> Totals:
        """What was confirmed, by currency."""
        return read_totals(self.totals)
