"""Addresses that mails do not reach, as the mail provider reports them."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.fields import AddressField
from accounts.models.users import User


class UndeliverableAddressQuerySet(models.QuerySet["UndeliverableAddress"]):
    """Addresses that were marked once."""

    def marked(self) -> "UndeliverableAddressQuerySet":
        """Give those that get no notices now."""
        return self.filter(cleared_at=None)


class UndeliverableAddress(models.Model):
    """An address that a mail of the portal came back from, or whose reader called one unwanted.

    It gets no notices until a mail reaches it or somebody clears it; what a person sends by hand still goes there. The
    row stays, so that a report that comes late does not mark it anew.
    """

    WORDS_LENGTH = 300

    class Reason(models.TextChoices):
        """What the mail provider reports."""

        BOUNCED = "bounced", "Mails come back"
        COMPLAINED = "complained", "Called unwanted by its reader"
        REJECTED = "rejected", "Refused by the mail provider"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    address = AddressField("e-mail address", unique=True)
    reason = models.CharField(max_length=10, choices=Reason)
    words = models.CharField("the mail provider’s words", max_length=WORDS_LENGTH, blank=True)
    marked_at = models.DateTimeField(default=timezone.now)
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = UndeliverableAddressQuerySet.as_manager()

    class Meta:
        ordering = ["-marked_at"]
        verbose_name_plural = "undeliverable addresses"
        indexes = [models.Index(fields=["-marked_at"], condition=Q(cleared_at=None), name="undeliverable_now")]

    def __str__(self) -> str:
        return str(self.address)
