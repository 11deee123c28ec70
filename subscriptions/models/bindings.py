"""EAB bindings, the registrations of ACME clients under them, and the ACME accounts no binding holds."""

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Customer, User
from portal.fields import EncryptedTextField
from subscriptions.models.subscriptions import Subscription


class EabBinding(models.Model):
    """The EAB key ID and EAB HMAC key the CA made for a subscription, with its pre-registered ACME account."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.OneToOneField(Subscription, on_delete=models.PROTECT, related_name="binding")
    directory_url = models.URLField("ACME server URL", max_length=255)
    eab_key_id = models.CharField("EAB key ID", max_length=128, unique=True)
    eab_hmac_key = EncryptedTextField("EAB HMAC key")
    acme_account_id = models.CharField("ACME account ID", max_length=64, unique=True)
    is_said_by_staff = models.BooleanField(
        "said by staff",
        default=False,
        help_text="Assigned by a person: type and term are that person's word until the CA's first expiry.",
    )
    assigned_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Charges the CA lists from before are history."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    claims = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "EAB binding"

    def __str__(self) -> str:
        return self.eab_key_id

    def __repr__(self) -> str:
        return f"<EabBinding {self.eab_key_id}>"


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


class UnassignedAccount(models.Model):
    """A key ID at the CA that no binding holds. No machine adopts one: staff assign it, or mark it as not ours."""

    class State(models.TextChoices):
        """What is known of it, and what a person said."""

        SEEN_ONCE = "seen_once", "Seen once"
        UNASSIGNED = "unassigned", "Unassigned"
        ASSIGNED = "assigned", "Assigned"
        NOT_OURS = "not_ours", "Not ours"
        GONE = "gone", "No longer at the CA"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    eab_key_id = models.CharField("EAB key ID", max_length=128, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.SEEN_ONCE, db_index=True)
    is_reusable = models.BooleanField(null=True)
    last_activity_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    acme_account_id = models.CharField("ACME account ID", max_length=64, blank=True)
    names = models.JSONField(null=True, help_text="The names under it, once they were read.")
    carries_anchor = models.BooleanField(null=True, help_text="Whether a name under it has a pre-validation.")
    expires_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    subscription = models.OneToOneField(
        Subscription, null=True, on_delete=models.PROTECT, related_name="assigned_account"
    )
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it is not ours.")
    problem = models.CharField(max_length=300, blank=True, help_text="Why its key could not be read.")

    class Meta:
        ordering = ["-first_seen_at", "-pk"]

    def __str__(self) -> str:
        return self.eab_key_id

    @property
    def listed_names(self) -> list[str]:
        """The names under it as far as they were read."""
        names = self.names if isinstance(self.names, list) else []
        return [name for name in names if isinstance(name, str)]
