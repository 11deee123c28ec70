"""The ACME servers the CA has set up for the reseller."""

import uuid
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Self

from django.db import models
from django.db.models import Q

from subscriptions.rules import certificate_types


class AcmeServerQuerySet(models.QuerySet["AcmeServer"]):
    """ACME servers, with the questions asked often."""

    def listed(self) -> Self:
        """Those that staff have not hidden and that the CA lists."""
        return self.filter(is_offered=True, listed_at__isnull=False)

    def offered(self) -> Self:
        """Those that can be chosen for a new ACME account."""
        return self.listed().filter(_of_type(certificate_types.sold_types()))

    def not_sold(self) -> Self:
        """Those that could be chosen if names of their type could be sold (`AcmeServer.why_not_sold`)."""
        return self.listed().exclude(_of_type(certificate_types.sold_types()))


def _of_type(names: Iterable[str]) -> Q:
    return reduce(or_, (Q(validation_type__iexact=name) for name in names))


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

    objects = AcmeServerQuerySet.as_manager()

    class Meta:
        ordering = ["validation_type", "directory_url"]
        verbose_name = "ACME server"

    def __str__(self) -> str:
        return self.description or self.directory_url

    @property
    def needs_prevalidation(self) -> bool:
        """Whether names are added under an organization pre-validation."""
        return certificate_types.needs_prevalidation(self.validation_type)

    @property
    def why_not_sold(self) -> str:
        """Why no name of its type can be sold; an empty text where it can."""
        return certificate_types.why_not_sold(self.validation_type)
