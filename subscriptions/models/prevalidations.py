"""Organization pre-validations, entered by staff: the CA has no call that lists them."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Customer, User
from accounts.validators import validate_single_line
from subscriptions.rules.certificate_types import prevalidation_types
from subscriptions.rules.prevalidations import PrevalidationStatus

MAX_ADDRESS_LINES = 3


def validate_address(text: str) -> None:
    """Raise ValidationError for more lines than a certificate request has room for."""
    lines = text.splitlines()
    if len(lines) > MAX_ADDRESS_LINES:
        raise ValidationError(f"At most {MAX_ADDRESS_LINES} lines.")
    for line in lines:
        validate_single_line(line)


def _text(label: str, length: int, **more: object) -> "models.CharField[str, str]":
    return models.CharField(label, max_length=length, blank=True, validators=[validate_single_line], **more)  # type: ignore[arg-type]  # passed on


class Prevalidation(models.Model):
    """An organization the CA validates, known to the CA by its order number (text of at most 128 characters)."""

    class Recorded(models.TextChoices):
        """What is recorded of how far it is (`rules.prevalidations.RECORDED`); the days tell the rest."""

        REQUESTED = "requested", "Requested"
        IN_VALIDATION = "in_validation", "In validation"
        VALID = "valid", "Valid"
        REPLACED = "replaced", "Replaced"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="prevalidations")
    type = models.CharField("certificate type", max_length=40, default=prevalidation_types()[0])
    ov_anchor_order_number = models.CharField(
        "order number",
        max_length=128,
        unique=True,
        validators=[validate_single_line],
        help_text="The CA’s order number of the organization pre-validation.",
    )
    recorded_status = models.CharField("status", max_length=15, choices=Recorded, default=Recorded.VALID)
    valid_from = models.DateField(null=True, blank=True, help_text="Its first valid day, in UTC.")
    valid_until = models.DateField(null=True, blank=True, help_text="Its last valid day, in UTC.")
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="replaces"
    )

    organization_name = models.CharField("organization", max_length=200, validators=[validate_single_line])
    organizational_unit = _text("unit", 100)
    address = models.TextField(
        max_length=300, blank=True, validators=[validate_address], help_text="Street and number, up to three lines."
    )
    locality = _text("locality", 100)
    state = _text("state or province", 100)
    postal_code = _text("postal code", 20)
    country = models.CharField(
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", "Two letters, such as DE or US.")],
        help_text="Two letters, as certificates show it: DE, US.",
    )

    contact_title = _text("title", 100)
    contact_first_name = _text("first name", 100)
    contact_last_name = _text("last name", 100)
    contact_email = models.EmailField("e-mail address", blank=True)
    contact_phone = _text("phone", 50)
    notes = models.TextField(blank=True, max_length=4000, help_text="For your staff only.")

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["organization_name", "-valid_until"]
        verbose_name = "pre-validation"
        constraints = [
            models.CheckConstraint(
                condition=~Q(recorded_status=PrevalidationStatus.VALID.value) | Q(valid_until__isnull=False),
                name="valid_prevalidation_has_last_day",
                violation_error_message="A valid one has a last day.",
            )
        ]
        indexes = [models.Index(fields=["recorded_status", "valid_until"], name="prevalidation_ends")]

    def __str__(self) -> str:
        return f"{self.organization_name} ({self.ov_anchor_order_number})"

    def clean(self) -> None:
        """Refuse days that cannot be true together."""
        if self.recorded_status == PrevalidationStatus.VALID and self.valid_until is None:
            raise ValidationError({"valid_until": "A valid one has a last day."})
        if self.valid_from and self.valid_until and self.valid_from > self.valid_until:
            raise ValidationError({"valid_until": "Its last day comes before its first."})

    @property
    def has_address(self) -> bool:
        """Whether anything of its address is recorded."""
        return any((self.address, self.postal_code, self.locality, self.state, self.country))

    @property
    def contact_name(self) -> str:
        """The contact as people write it; empty where nobody is recorded."""
        return " ".join(filter(None, (self.contact_first_name, self.contact_last_name)))
