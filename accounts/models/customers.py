"""The organizations that buy, and the people who belong to them."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.fields import AddressField
from accounts.models.users import User
from accounts.plain_names import PlainNameField, plain_name
from accounts.roles import CustomerRole, ResellerRole
from accounts.validators import validate_no_web_address, validate_single_line


class Customer(models.Model):
    """An organization that buys from the reseller."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=150, unique=True, validators=[validate_single_line, validate_no_web_address])
    plain_name = PlainNameField()
    is_look_alike = models.BooleanField(
        default=False, editable=False, help_text="Named like an older one before that was refused."
    )
    reference = models.CharField(
        "your reference",
        max_length=60,
        blank=True,
        help_text="Your own number for this customer, if there is one.",
    )
    contact_email = AddressField(
        "address for notices",
        blank=True,
        help_text=(
            "A role address, such as certificates@…: it gets the customer’s notices besides its people. "
            "Their links ask for a sign-in."
        ),
    )
    notes = models.TextField(blank=True)
    archived_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when it is put away: nothing new is bought for it."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    people = models.ManyToManyField(User, through="Membership", related_name="customers")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["plain_name"], condition=Q(is_look_alike=False), name="customer_names_tell_apart"
            )
        ]
        indexes = [models.Index(fields=["plain_name"], name="customer_plain_name")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a name that people could not tell from another customer's."""
        if self.other_of_this_name() is not None:
            raise ValidationError({"name": "There is a customer with this name already, or with one that looks alike."})

    def other_of_this_name(self) -> "Customer | None":
        """Give another customer whose name people could not tell from this one's; None for one kept as it was."""
        plain = plain_name(self.name)
        if self.pk and self.plain_name == plain:
            return None  # nothing of it changes: it may be one of those that were there before
        return Customer.objects.filter(plain_name=plain).exclude(pk=self.pk).first()


_OWNER_SEES_ALL = Q(is_limited=False) | ~Q(role=CustomerRole.OWNER)


class Membership(models.Model):
    """A person's place in a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=CustomerRole, default=CustomerRole.MEMBER)
    is_limited = models.BooleanField(
        default=False, editable=False, help_text="Sees some subscriptions of the customer only."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["user__email"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "user"], name="membership_once"),
            models.CheckConstraint(condition=_OWNER_SEES_ALL, name="membership_owner_sees_all"),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.customer}"

    @property
    def is_last_owner(self) -> bool:
        """Whether the person owns the customer and nobody else who can sign in does."""
        owners = Membership.objects.filter(customer=self.customer_id, role=CustomerRole.OWNER, user__is_active=True)
        return self.role == CustomerRole.OWNER and not owners.exclude(pk=self.pk).exists()


def end_open_ones(collector: Any, field: Any, invitations: Any, using: str) -> None:
    """Let a deleted person's invitations stay on record; the open ones end. An `on_delete`, as `SET_NULL` is one."""
    open_ones = list(invitations.filter(accepted_at=None, revoked_at=None))
    meta = field.model._meta
    if open_ones:
        collector.add_field_update(meta.get_field("revoked_at"), timezone.now(), open_ones)
        collector.add_field_update(meta.get_field("token_digest"), "", open_ones)
    models.SET_NULL(collector, field, invitations, using)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations."""

    def waiting(self) -> Self:
        """Give those that were neither used up nor withdrawn; some of them may have expired."""
        return self.filter(accepted_at=None, revoked_at=None)

    def usable(self, now: datetime) -> Self:
        """Give those whose link works."""
        return self.waiting().filter(expires_at__gt=now)


class Invitation(models.Model):
    """A link by mail that lets one person set a password and join a customer, or the reseller's staff where there is a
    `reseller_role`: it expires and works once.

    Only a digest of the link's token is stored; the token itself is made by the task that writes the mail.
    """

    class State(models.TextChoices):
        """Whether its link works, and why not."""

        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        EXPIRED = "expired", "Expired"
        REVOKED = "revoked", "Withdrawn"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations")
    email = AddressField("e-mail address")
    role = models.CharField(max_length=10, choices=CustomerRole, default=CustomerRole.OWNER)
    reseller_role = models.CharField(max_length=20, choices=ResellerRole, blank=True)
    is_limited = models.BooleanField(
        default=False, editable=False, help_text="For some subscriptions of the customer only."
    )
    token_digest = models.CharField(max_length=64, blank=True, editable=False)
    invited_by = models.ForeignKey(User, null=True, on_delete=end_open_ones, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["token_digest"], condition=~Q(token_digest=""), name="invitation_token_once"
            ),
            models.CheckConstraint(
                condition=Q(customer=None) ^ Q(reseller_role=""), name="invitation_to_a_customer_or_the_staff"
            ),
            models.CheckConstraint(condition=_OWNER_SEES_ALL, name="invitation_owner_sees_all"),
        ]

    def __str__(self) -> str:
        return f"{self.email} – {self.place}"

    @property
    def place(self) -> str:
        """Where the person is to belong, in words: the customer's name, or the reseller's staff."""
        return str(self.customer or "the reseller’s staff")

    @property
    def role_word(self) -> str:
        """The role the person is to have there."""
        return self.get_reseller_role_display() if self.reseller_role else self.get_role_display()

    @property
    def state(self) -> State:
        """The state shown everywhere, now."""
        if self.accepted_at:
            return self.State.ACCEPTED
        if self.revoked_at:
            return self.State.REVOKED
        return self.State.EXPIRED if self.expires_at <= timezone.now() else self.State.OPEN
