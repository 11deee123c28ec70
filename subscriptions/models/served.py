"""The certificate that a name's website serves, as it was last seen from outside."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

from subscriptions.models.subscriptions import Domain


class ServedCertificateQuerySet(models.QuerySet["ServedCertificate"]):
    """Certificates served."""

    def due(self, now: datetime) -> Self:
        """Keep those that are to be looked at, and that no worker has taken."""
        return self.filter(due_at__lte=now)

    def awaited(self, now: datetime) -> Self:
        """Keep those of which a person asked for a look that is still to come at `now`."""
        is_to_come = Q(looked_at=None) | Q(looked_at__lt=F("asked_at"))
        return self.filter(is_to_come, asked_at__gt=now - ServedCertificate.LOST_AFTER)


class ServedCertificate(models.Model):
    """What port 443 of a name served when a worker last looked; a row without a look waits for its first.

    What is kept is public: what the server shows to everybody.
    """

    LOST_AFTER = timedelta(minutes=5)  # a look that was asked for does not come any more

    domain = models.OneToOneField(Domain, on_delete=models.CASCADE, related_name="served")
    due_at = models.DateTimeField(null=True, help_text="When it is looked at next; empty: never by itself.")
    looked_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True, help_text="When a person last wanted it looked at.")
    outcome = models.CharField(max_length=10, blank=True, help_text="How the look ended: preflight/results.py.")
    code = models.CharField(max_length=30, blank=True, help_text="What it saw: preflight/results.py.")
    problem = models.CharField(max_length=40, blank=True, help_text="Why nothing was read.")
    serial_number = models.CharField(max_length=100, blank=True, help_text="In hex, lower case.")
    issuer = models.CharField(max_length=200, blank=True)
    issuer_organization = models.CharField(max_length=200, blank=True)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    names_count = models.PositiveIntegerField(null=True)
    covers_name = models.BooleanField(null=True)
    differs = models.BooleanField(default=False, help_text="Whether its addresses serve different certificates.")
    renewal_id = models.CharField(max_length=200, blank=True, help_text="By which the CA is asked about it: RFC 9773.")
    renewal_due_at = models.DateTimeField(null=True, help_text="When the CA is asked next when to renew it.")

    objects = ServedCertificateQuerySet.as_manager()

    class Meta:
        ordering = ["domain__name"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="served_due"),
            models.Index(
                fields=["renewal_due_at"], condition=Q(renewal_due_at__isnull=False), name="served_renewal_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.domain}: {self.code or 'not looked at'}"

    def is_awaited(self, now: datetime) -> bool:
        """Whether a person asked for a look that is still to come at `now`."""
        if self.asked_at is None or self.asked_at <= now - self.LOST_AFTER:
            return False
        return self.looked_at is None or self.looked_at < self.asked_at
