"""Forms of organization pre-validations."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.forms import ModelForm
from accounts.meanwhile import EditMixin
from accounts.models import AuditEvent
from subscriptions.forms.customers import CustomerField
from subscriptions.models import Prevalidation
from subscriptions.rules.certificate_types import prevalidation_types
from subscriptions.rules.prevalidations import Doubt, RenewalMode
from subscriptions.selectors.anchor_moves import why_reason_wanted
from subscriptions.selectors.prevalidation_uses import doubts_of, why_it_stays
from subscriptions.selectors.prevalidations import renewal_mode_events

DATE = {"type": "date"}
COUNTRY_LETTERS = 2


class PrevalidationForm(EditMixin, ModelForm[Prevalidation]):
    """A pre-validation as the CA has it. What is mostly a slip is asked about: a tick says that it is meant."""

    customer = CustomerField()
    type = forms.ChoiceField(label="Certificate type", choices=lambda: [(each, each) for each in prevalidation_types()])
    # No greatest length: a browser would cut "Germany" to the code of Georgia.
    country = forms.CharField(required=False, strip=True, help_text="Two letters, as certificates show it: DE, US.")
    confirmed = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    doubts: Sequence[Doubt] = ()
    why_it_stays = ""

    class Meta:
        model = Prevalidation
        fields = [
            "customer",
            "type",
            "ov_anchor_order_number",
            "recorded_status",
            "valid_from",
            "valid_until",
            "organization_name",
            "organizational_unit",
            "address",
            "locality",
            "state",
            "postal_code",
            "country",
            "contact_title",
            "contact_first_name",
            "contact_last_name",
            "contact_email",
            "contact_phone",
            "notes",
        ]
        widgets = {
            "valid_from": forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
            "valid_until": forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
            "address": forms.Textarea(attrs={"rows": 3}),
            "notes": forms.Textarea(attrs={"rows": 3}),
        }
        error_messages = {
            "ov_anchor_order_number": {"unique": "A pre-validation with this order number is recorded already."}
        }

    def __init__(self, *args: Any, instance: Prevalidation | None = None, **kwargs: Any) -> None:
        self.is_edit = instance is not None
        start = {} if instance is None else {"customer": instance.customer.name}
        kwargs["initial"] = start | (kwargs.get("initial") or {})
        super().__init__(*args, instance=instance, **kwargs)
        if instance is None:
            return
        self.why_it_stays = why_it_stays(self.instance)
        if self.why_it_stays:
            for name in ("customer", "type", "ov_anchor_order_number"):
                self.fields[name].disabled = True

    def trail(self) -> "QuerySet[AuditEvent]":
        """Give what happened to the pre-validation."""
        return AuditEvent.objects.filter(target_code=self.instance.code)

    def clean_country(self) -> str:
        """Give the country in capitals."""
        country = str(self.cleaned_data["country"]).upper()
        if len(country) > COUNTRY_LETTERS:
            raise forms.ValidationError("Two letters, such as DE or US.")
        return country

    def clean_confirmed(self) -> list[str]:
        """Give the keys of the doubts that were answered."""
        return [str(key) for key in self.cleaned_data["confirmed"] or ()]

    def _post_clean(self) -> None:
        """Ask about what is mostly a slip, once the rest is right."""
        super()._post_clean()  # type: ignore[misc]  # the stubs do not know it
        if self.errors:
            return
        self.doubts = doubts_of(self.instance, self.changed_data)
        if open_ones := [doubt for doubt in self.doubts if doubt.key not in self.cleaned_data["confirmed"]]:
            many = "One thing is" if len(open_ones) == 1 else f"{len(open_ones)} things are"
            self.add_error(None, f"{many} asked about below. Tick what is meant, or correct it.")

    def values(self) -> dict[str, Any]:
        """Give what is to be recorded, by field, without the customer."""
        apart = ("customer", "confirmed")
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}


class RenewalModeForm(EditMixin, forms.Form):
    """Who renews the reseller's pre-validations."""

    mode = forms.TypedChoiceField(
        choices=[(mode.value, mode.value.capitalize()) for mode in RenewalMode],
        coerce=RenewalMode,
        label="Renewal mode",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is set at the CA."},
    )

    def trail(self) -> "QuerySet[AuditEvent]":
        """Give when the mode was set."""
        return renewal_mode_events()


class MoveForm(forms.Form):
    """To which pre-validation names are moved; `seen` is what the page showed of them."""

    new = forms.ModelChoiceField(
        Prevalidation.objects.none(),
        to_field_name="code",
        label="New pre-validation",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the pre-validation that the names go to.",
            "invalid_choice": "Names cannot be moved to this one now.",
        },
    )
    reason = forms.CharField(
        max_length=300,
        required=False,
        label="Reason",
        help_text="For a pre-validation of another organization only. It stands in the ledger and the activity.",
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, old: Prevalidation, choices: Sequence[Prevalidation], seen: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.old = old
        self.initial["seen"] = seen
        field = self.fields["new"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = Prevalidation.objects.filter(pk__in=[one.pk for one in choices])
        if len(choices) == 1:
            field.initial = choices[0].code

    def clean(self) -> dict[str, Any]:
        """Ask why names go to another organization, where they do."""
        data = self.cleaned_data
        new: Prevalidation | None = data.get("new")
        if new is not None and not data.get("reason") and (why := why_reason_wanted(self.old, new)):
            self.add_error("reason", why)
        return data
