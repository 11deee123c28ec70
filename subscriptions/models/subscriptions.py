"""Subscriptions, their EAB bindings, the registrations of ACME clients, and the names."""

import uuid
from datetime import datetime
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Customer, User
from accounts.validators import validate_single_line
from portal.fields import EncryptedTextField
from subscriptions.models.prevalidations import Prevalidation
from subscriptions.models.servers import AcmeServer


class Subscription(models.Model):
    """What a customer has bought: an ACME account at the CA and the names under it, for a term of years."""

    class Creation(models.TextChoices):
        """How far the making of the ACME account is."""

        CREATING = "creating", "Being created"
        CREATED = "created", "Created"
        FAILED = "failed", "Not created"

    class State(models.TextChoices):
        """The one vocabulary of states, on lists, pages and mails."""

        CREATING = "creating", "Being created"
        FAILED = "failed", "Not created"
        READY = "ready", "Ready"
        RUNNING = "running", "Running"
        LAPSED = "lapsed", "Lapsed"

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
    expires_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    handed_over_at = models.DateTimeField(null=True, blank=True, editable=False)
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

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.label or f"{self.server} – {self.customer}"

    @property
    def state(self) -> State:
        """The state shown everywhere, from the creation and the expiry."""
        if self.creation != self.Creation.CREATED:
            return self.State(self.creation)
        if self.expires_at is None:
            return self.State.READY
        return self.State.RUNNING if self.is_running(timezone.now()) else self.State.LAPSED

    def is_running(self, now: datetime) -> bool:
        """Whether certificates can be ordered at `now`: names were added and the expiry lies ahead."""
        return self.expires_at is not None and self.expires_at > now


class EabBinding(models.Model):
    """The EAB key ID and EAB HMAC key the CA made for a subscription, with its pre-registered ACME account."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.OneToOneField(Subscription, on_delete=models.PROTECT, related_name="binding")
    directory_url = models.URLField("ACME server URL", max_length=255)
    eab_key_id = models.CharField("EAB key ID", max_length=128, unique=True)
    eab_hmac_key = EncryptedTextField("EAB HMAC key")
    acme_account_id = models.CharField("ACME account ID", max_length=64, unique=True)
    is_adopted = models.BooleanField(
        default=False,
        help_text="Found by reading after the CA's answer was lost; type and term are not yet confirmed.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    claims = models.PositiveBigIntegerField(default=0, editable=False)
    sequence = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "EAB binding"

    def __str__(self) -> str:
        return self.eab_key_id

    def __repr__(self) -> str:
        return f"<EabBinding {self.eab_key_id}>"


class OrphanBinding(models.Model):
    """A key ID found at the CA that belongs to no subscription: the answer that named it was lost."""

    eab_key_id = models.CharField("EAB key ID", max_length=128, unique=True)
    found_at = models.DateTimeField(default=timezone.now, editable=False)
    operation = models.ForeignKey(
        "subscriptions.Operation",
        null=True,
        on_delete=models.SET_NULL,
        related_name="orphans",
        editable=False,
    )

    class Meta:
        ordering = ["-found_at"]

    def __str__(self) -> str:
        return self.eab_key_id


class AcmeAccount(models.Model):
    """A client's registration under a binding, as LISTACCOUNTS shows it. Unknown states are kept as they are."""

    binding = models.ForeignKey(EabBinding, on_delete=models.CASCADE, related_name="acme_accounts")
    acme_account_id = models.CharField("ACME account ID", max_length=64, unique=True)
    status = models.CharField(max_length=40)
    user_agent = models.CharField(max_length=400, blank=True)
    ip_address = models.CharField("IP address", max_length=64, blank=True)
    last_activity_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-last_activity_at", "pk"]
        verbose_name = "ACME account"

    def __str__(self) -> str:
        return self.acme_account_id

    @property
    def is_registered(self) -> bool:
        """Whether a client has completed newAccount (RFC 8555 7.3): the CA calls it `valid`."""
        return self.status.lower() == "valid"


class DomainQuerySet(models.QuerySet["Domain"]):
    """Names of subscriptions."""

    def present(self) -> Self:
        """Keep the names that were not removed."""
        return self.filter(removed_at=None)


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
    added_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)
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

    def __str__(self) -> str:
        return self.name

    @property
    def is_wildcard(self) -> bool:
        """Whether it is a wildcard name, which needs DNS-01."""
        return self.name.startswith("*.")
