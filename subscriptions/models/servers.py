"""The ACME servers the CA has set up for the reseller."""

import uuid

from django.db import models


class AcmeServer(models.Model):
    """An ACME server of the CA, as LISTSERVERS shows it. The list of certificate types is open."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    directory_url = models.URLField("ACME server URL", max_length=255, unique=True)
    product_id = models.BigIntegerField(null=True, blank=True)
    description = models.CharField(max_length=200, blank=True)
    validation_type = models.CharField(max_length=40, blank=True)
    is_offered = models.BooleanField(
        default=True, help_text="Offered when a new ACME account is made, while the CA lists it."
    )
    listed_at = models.DateTimeField(null=True, blank=True, help_text="Since when the CA's last answer lists it.")

    charges_closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    charges_closed_reason = models.CharField(
        max_length=500, blank=True, editable=False, help_text="Why nothing that costs money is sent for it."
    )

    class Meta:
        ordering = ["validation_type", "directory_url"]
        verbose_name = "ACME server"

    def __str__(self) -> str:
        return self.description or self.directory_url

    @property
    def needs_prevalidation(self) -> bool:
        """Whether names are added under an organization pre-validation (every type but DV)."""
        return self.validation_type.upper() != "DV"
