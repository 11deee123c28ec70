"""The last ACME order of each name, as GETLASTORDER shows it."""

from datetime import datetime

from django.db import models
from django.utils import timezone

from subscriptions.models.subscriptions import Domain

ISSUED_CODES = frozenset({6, 9})
FAILED_CODES = frozenset({3, 5, 7})
REVOKED_CODE = 8
REPLACED_CODE = 14


class Certificate(models.Model):
    """The last ACME order of a name: a certificate, or why there is none. Unknown codes are kept as they are."""

    domain = models.OneToOneField(Domain, on_delete=models.CASCADE, related_name="certificate")
    status_code = models.IntegerField(null=True)
    status_description = models.CharField(max_length=200, blank=True)
    acme_order_id = models.CharField(max_length=64, blank=True)
    acme_account_id = models.CharField(max_length=64, blank=True)
    ca_order_number = models.BigIntegerField(null=True)
    serial_number = models.CharField(max_length=100, blank=True)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["domain__name"]

    def __str__(self) -> str:
        return f"{self.domain}: {self.status_description}"

    def is_current(self, now: datetime) -> bool:
        """Whether the CA says it is issued and it has not run out at `now`."""
        return self.status_code in ISSUED_CODES and (self.valid_until is None or self.valid_until > now)
