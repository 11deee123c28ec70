"""Forms of organization pre-validations."""

from django import forms

from accounts.forms import ModelForm
from subscriptions.forms.customers import CustomerField
from subscriptions.models import Prevalidation

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PrevalidationAddForm(ModelForm[Prevalidation]):
    """A pre-validation as the CA confirmed it."""

    customer = CustomerField()

    class Meta:
        model = Prevalidation
        fields = ["customer", "organization_name", "ov_anchor_order_number", "valid_until"]
        widgets = {"valid_until": DATE}
        help_texts = {"valid_until": "Its last valid day, in UTC."}
        error_messages = {
            "ov_anchor_order_number": {"unique": "A pre-validation with this order number is recorded already."}
        }


class PrevalidationEditForm(ModelForm[Prevalidation]):
    """What may change of a pre-validation: names were added under its order number, so that stays."""

    class Meta:
        model = Prevalidation
        fields = ["organization_name", "valid_until"]
        widgets = {"valid_until": DATE}
        help_texts = {"valid_until": "Its last valid day, in UTC."}
