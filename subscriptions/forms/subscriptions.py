"""The form of a new ACME account."""

from typing import Any, cast
from uuid import UUID

from django import forms

from accounts.models import Customer
from accounts.validators import validate_single_line
from subscriptions.forms.customers import CustomerField
from subscriptions.forms.tokens import FormTokenField, token_of
from subscriptions.models import AcmeServer, Prevalidation

TERMS = [(1, "1 year"), (2, "2 years"), (3, "3 years")]


class SubscriptionForm(forms.Form):
    """A customer, a certificate type, a term, and a pre-validation where the type needs one."""

    customer = CustomerField()
    server = forms.ModelChoiceField(
        AcmeServer.objects.filter(is_offered=True, listed_at__isnull=False),
        to_field_name="code",
        label="Certificate type",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose a certificate type.", "invalid_choice": "This type is no longer offered."},
    )
    term_years = forms.TypedChoiceField(
        coerce=int, choices=TERMS, initial=1, label="Term", widget=forms.RadioSelect, empty_value=None
    )
    prevalidation = forms.ModelChoiceField(
        Prevalidation.objects.none(),
        to_field_name="code",
        required=False,
        label="Pre-validation",
        empty_label="Choose a pre-validation",
        error_messages={"invalid_choice": "This pre-validation does not belong to the customer."},
    )
    label = forms.CharField(
        max_length=100,
        required=False,
        validators=[validate_single_line],
        help_text="A name to tell several ACME accounts of one customer apart.",
    )
    form_token = FormTokenField()

    def __init__(self, *args: Any, customer: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen_customer = customer or self._typed_customer()
        if self.chosen_customer is not None:
            self._prevalidations.queryset = Prevalidation.objects.filter(customer=self.chosen_customer)
        if customer is not None and not self.is_bound:
            self.initial["customer"] = customer.name

    @property
    def _prevalidations(self) -> "forms.ModelChoiceField[Prevalidation]":
        return cast("forms.ModelChoiceField[Prevalidation]", self.fields["prevalidation"])

    def _typed_customer(self) -> Customer | None:
        try:
            return CustomerField(required=False).clean(self.data.get("customer", "")) if self.is_bound else None
        except forms.ValidationError:
            return None

    def clean(self) -> dict[str, Any]:
        """Ask for a pre-validation where the type needs one, and forget it where the type takes none."""
        data = self.cleaned_data
        server = data.get("server")
        if server is None:
            return data
        if not server.needs_prevalidation:
            data["prevalidation"] = None
        elif not data.get("prevalidation") and "prevalidation" not in self.errors:
            self.add_error("prevalidation", f"{server} needs the pre-validation of the organization. Choose one.")
        return data

    @property
    def token(self) -> UUID:
        """The token of what was sent."""
        data = self.cleaned_data
        parts = (data["customer"].pk, data["server"].pk, data["term_years"], data["prevalidation"], data["label"])
        return token_of(data["form_token"], *parts)
