"""EAB bindings, the registrations of ACME clients under them, and the ACME accounts no binding holds."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Customer, User
from portal.fields import EncryptedTextField
from portal.user_agents import product_of
from subscriptions.models.subscriptions import Subscription


class EabBinding(models.Model):
    """The EAB key ID and EAB HMAC key the CA made for a subscription, with the ACME account that stands for it."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.OneToOneField(Subscription, on_delete=models.PROTECT, related_name="binding")
    directory_url = models.URLField("ACME server URL", max_length=255)
    eab_key_id = models.CharField("EAB key ID", max_length=128, unique=True)
    eab_hmac_key = EncryptedTextField("EAB HMAC key")
    acme_account_id = models.CharField(
        "ACME account ID", max_length=64, unique=True, help_text="The one of its ACME accounts that calls name."
    )
    is_said_by_staff = models.BooleanField(
        "said by staff",
        default=False,
        help_text="Assigned by a person: type and term are that person's word until the CA's first expiry.",
    )
    assigned_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Charges the CA lists from before are history."
    )
    accounts_read_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the CA last listed its ACME accounts."
    )
    anchors_left = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Pre-validations from which names were moved to another, and when the CA last showed that.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    claims = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "EAB binding"

    def __str__(self) -> str:
        return self.eab_key_id

    def __repr__(self) -> str:
        return f"<EabBinding {self.eab_key_id}>"


class AcmeAccountQuerySet(models.QuerySet["AcmeAccount"]):
    """ACME accounts of bindings."""

    def of_clients(self) -> Self:
        """Keep those that a client has registered: the one made with the key is nobody's until then."""
        is_in_use = Q(status__iexact="valid") | Q(status__iexact="active")
        return self.filter(Q(registered_at__isnull=False) | ~Q(user_agent="") | ~Q(ip_address="") | is_in_use)


class AcmeAccount(models.Model):
    """A client's registration under a binding, as LISTACCOUNTS shows it. Unknown states are kept as they are."""

    USABLE = frozenset({"pending", "valid", "active"})  # every other word of the CA's, known or not, means "not usable"
    ENDED = "deactivated"  # of the others the one from which there is no way back

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    binding = models.ForeignKey(EabBinding, on_delete=models.CASCADE, related_name="acme_accounts")
    acme_account_id = models.CharField("ACME account ID", max_length=64, unique=True)
    status = models.CharField(max_length=40)
    user_agent = models.CharField(max_length=400, blank=True)
    ip_address = models.CharField("IP address", max_length=64, blank=True)
    last_activity_at = models.DateTimeField(null=True, blank=True)
    contacts = models.JSONField(null=True, blank=True, help_text="E-mail addresses; none until they are read.")
    contacts_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="When they were last asked for; empty where they may have changed."
    )
    known_user_agents = models.JSONField(default=list, blank=True, help_text="Those that were told of.")
    known_addresses = models.JSONField(default=list, blank=True, help_text="Those that were told of.")
    first_seen_at = models.DateTimeField(default=timezone.now)
    registered_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was first seen that a client has registered it."
    )
    stopped_alone_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was stopped here by itself: its state says nothing of its key."
    )
    changed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its state was last changed here: a list may be from before that."
    )
    not_listed_since = models.DateTimeField(null=True, blank=True, help_text="Since when complete lists lack it.")
    refused_at = models.DateTimeField(
        null=True, blank=True, help_text="When the CA last refused a call because it names this account."
    )

    objects = AcmeAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-last_activity_at", "pk"]
        verbose_name = "ACME account"

    def __str__(self) -> str:
        return self.acme_account_id

    @property
    def is_registered(self) -> bool:
        """Whether a client has completed newAccount (RFC 8555 7.3): the CA calls it `valid`."""
        return self.status.lower() == "valid"

    @property
    def client_name(self) -> str:
        """The client that registered it, with its version; empty where it has not named itself."""
        return product_of(self.user_agent)

    @property
    def client_since(self) -> datetime:
        """When its client was first seen."""
        return self.registered_at or self.first_seen_at

    @property
    def is_usable(self) -> bool:
        """Whether the CA takes anything from it, by the CA's word for its state."""
        return self.status.lower() in self.USABLE

    @property
    def is_ended(self) -> bool:
        """Whether it is over for good, by the CA's word for its state."""
        return self.status.lower() == self.ENDED

    @property
    def is_suspended(self) -> bool:
        """Whether it can be reinstated: neither usable nor over for good. The CA's word for that is not public."""
        return not self.is_usable and not self.is_ended

    def is_like(self, other: "AcmeAccount") -> bool:
        """Whether another one is usable, suspended or over for good as this is, whatever the words for it are."""
        return (self.is_usable, self.is_ended) == (other.is_usable, other.is_ended)


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
    not_listed_since = models.DateTimeField(
        null=True, help_text="Since when complete lists lack it; one list is not enough to call it gone."
    )
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
