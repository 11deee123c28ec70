"""Organization pre-validations, entered by staff: the CA has no call that lists them."""

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from accounts.models import Customer, User


class Prevalidation(models.Model):
    """An organization the CA has validated, known to the CA by its order number (text of at most 128 characters)."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="prevalidations")
    organization_name = models.CharField("organization", max_length=200)
    ov_anchor_order_number = models.CharField(
        "order number",
        max_length=128,
        unique=True,
        validators=[RegexValidator(r"^[!-~]+$", "An order number has no blanks and only plain characters.")],
        help_text="The CA's order number of the organization pre-validation.",
    )
    valid_until = models.DateField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["organization_name", "-valid_until"]
        verbose_name = "pre-validation"

    def __str__(self) -> str:
        return f"{self.organization_name} ({self.ov_anchor_order_number})"
