"""Subscriptions and their names."""

import uuid
from datetime import datetime
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Customer, Invitation, Membership, User
from accounts.validators import validate_single_line
from portal.lookups import AfterDots
from subscriptions.models.prevalidations import Prevalidation
from subscriptions.models.servers import AcmeServer
from subscriptions.rules.terms import extendable_expiries
from subscriptions.rules.written_names import written


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Subscriptions."""

    def seen_by(self, user: User) -> Self:
        """Keep what a person sees as one of its customer's people: the one rule of that."""
        if not user.is_active:
            return self.none()
        given = Subscription.memberships.through.objects.filter(
            membership__user=user, membership__customer=OuterRef("customer"), subscription=OuterRef("pk")
        )
        reach = Q(customer__memberships__is_limited=False) | Exists(given)
        return self.filter(reach, customer__memberships__user=user, shown_at__isnull=False)


class Subscription(models.Model):
    """What a customer has bought: an ACME account at the CA and the names under it, for a term of years."""

    class Creation(models.TextChoices):
        """How far the making of the ACME account is."""

        CREATING = "creating", "Being created"
        CREATED = "created", "Created"
        FAILED = "failed", "Not created"

    class AccountState(models.TextChoices):
        """Whether its ACME account, the key included, can be used."""

        OPEN = "open", "Open"
        SUSPENDED = "suspended", "Suspended"
        DEACTIVATED = "deactivated", "Deactivated"

    class State(models.TextChoices):
        """The one vocabulary of states, on lists, pages and mails."""

        CREATING = "creating", "Being created"
        FAILED = "failed", "Not created"
        READY = "ready", "Ready"
        RUNNING = "running", "Running"
        LAPSED = "lapsed", "Lapsed"
        SUSPENDED = "suspended", "Suspended"
        DEACTIVATED = "deactivated", "Deactivated"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="subscriptions")
    server = models.ForeignKey(AcmeServer, on_delete=models.PROTECT, related_name="subscriptions")
    label = models.CharField(
        max_length=100, blank=True, help_text="A name to tell several apart.", validators=[validate_single_line]
    )
    term_years = models.PositiveSmallIntegerField(
        "term in years", validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    prevalidation = models.ForeignKey(
        Prevalidation, null=True, blank=True, on_delete=models.PROTECT, related_name="subscriptions"
    )
    creation = models.CharField(
        max_length=10, choices=Creation, default=Creation.CREATING, editable=False, db_index=True
    )
    account_state = models.CharField(
        max_length=12,
        choices=AccountState,
        default=AccountState.OPEN,
        editable=False,
        help_text="Of the whole ACME account with its key, by what was done here and by what the CA lists since.",
    )
    account_state_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when; what the CA listed before says nothing of it."
    )
    notes = models.TextField(blank=True, help_text="For staff: no customer sees them.")
    expires_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    shown_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when its customer's people see it."
    )
    memberships = models.ManyToManyField(
        Membership, blank=True, editable=False, related_name="subscriptions", help_text="Limited ones that see it."
    )
    invitations = models.ManyToManyField(
        Invitation, blank=True, editable=False, related_name="subscriptions", help_text="Limited ones that give it."
    )
    handed_over_at = models.DateTimeField(null=True, blank=True, editable=False)
    hand_over_pending_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Decided, and done as soon as an invited person accepts."
    )
    moved_here_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when it is its customer's, after another had it."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")
    form_token = models.UUIDField(
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text="One submitted form makes one subscription.",
    )
    synced_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    sync_requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    sync_problem = models.CharField(max_length=300, blank=True, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["hand_over_pending_since"],
                condition=Q(hand_over_pending_since__isnull=False),
                name="subscription_hand_over_pending",
            )
        ]

    def __str__(self) -> str:
        return self.label or f"{self.server} – {self.customer}"

    @property
    def title(self) -> str:
        """What it is called where its customer is known: its label, or its certificate type."""
        return self.label or str(self.server)

    @property
    def state(self) -> State:
        """The state shown everywhere, from the creation, the ACME account's state and the expiry."""
        if self.creation != self.Creation.CREATED:
            return self.State(self.creation)
        if self.account_state != self.AccountState.OPEN:
            return self.State(self.account_state)
        if self.expires_at is None:
            return self.State.READY
        return self.State.RUNNING if self.is_running(timezone.now()) else self.State.LAPSED

    def is_running(self, now: datetime) -> bool:
        """Whether certificates can be ordered at `now`: names were added and the expiry lies ahead."""
        return self.expires_at is not None and self.expires_at > now

    @property
    def renewable_until(self) -> datetime | None:
        """Until when its clients can order certificates; None where they cannot, whatever its term is."""
        is_usable = self.creation == self.Creation.CREATED and self.account_state == self.AccountState.OPEN
        return self.expires_at if is_usable and self.customer.archived_at is None else None


class DomainQuerySet(models.QuerySet["Domain"]):
    """Names of subscriptions."""

    def present(self) -> Self:
        """Keep the names that were not removed."""
        return self.filter(removed_at=None)

    def in_reach(self, now: datetime) -> Self:
        """Keep those whose subscription can issue for them at `now`, or could after an extension."""
        since = extendable_expiries(now).opens_at
        return self.filter(Q(subscription__expires_at=None) | Q(subscription__expires_at__gte=since))


class Domain(models.Model):
    """A name in a subscription: a fully qualified name or a wildcard, in A-labels and lower case."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="domains")
    name = models.CharField(max_length=255, db_index=True)
    companion_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="companions"
    )
    is_free = models.BooleanField(null=True, help_text="Whether the CA added it at no cost; unknown until it said so.")
    ov_anchor_order_number = models.CharField("pre-validation", max_length=128, blank=True)
    is_taken_over = models.BooleanField(
        default=False, help_text="There before the portal: with an assigned account, or accepted by a person."
    )
    added_at = models.DateTimeField(default=timezone.now)
    not_listed_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when complete lists of the CA lack it; it counts as present."
    )
    removed_at = models.DateTimeField(null=True, blank=True)
    removal = models.ForeignKey(
        "subscriptions.Operation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="removed_domains",
        help_text="What removed it; empty where only the CA's lists say that it is gone.",
    )
    operation = models.ForeignKey(
        "subscriptions.Operation", null=True, blank=True, on_delete=models.PROTECT, related_name="domains"
    )

    objects = DomainQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "name"],
                condition=Q(removed_at=None),
                name="domain_once_per_subscription",
            )
        ]
        indexes = [
            models.Index(fields=["ov_anchor_order_number"], condition=Q(removed_at=None), name="domain_by_anchor"),
            # By these a name is found by one of its labels (selectors/search.py).
            models.Index(AfterDots("name", 1), name="domain_after_1_dot"),
            models.Index(AfterDots("name", 2), name="domain_after_2_dots"),
            models.Index(AfterDots("name", 3), name="domain_after_3_dots"),
        ]

    def __str__(self) -> str:
        return str(written(self.name))

    @property
    def is_wildcard(self) -> bool:
        """Whether it is a wildcard name, which needs DNS-01."""
        return self.name.startswith("*.")
