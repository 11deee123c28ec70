"""The forms that suspend, reinstate and deactivate."""

from typing import Any

from django import forms

LEAKED = "The key leaked."


class ReasonForm(forms.Form):
    """Why an ACME account, or a client, is suspended or reinstated."""

    reason = forms.CharField(
        max_length=300,
        required=False,
        label="Reason (optional)",
        help_text="It stands in the ledger and in the audit trail, where your colleagues read it.",
    )


class DeactivateForm(ReasonForm):
    """The same with the subscription's label typed, because there is no way back."""

    label = forms.CharField(
        max_length=300,
        label="Label",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type it: there is no way back."},
    )
    field_order = ("label", "reason")

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        self.fields["label"].label = f"Type “{expected}” to confirm"

    def clean_label(self) -> str:
        """Refuse what is not the label; case and blanks around it do not matter."""
        typed: str = self.cleaned_data["label"].strip()
        if " ".join(typed.split()).casefold() != " ".join(self.expected.split()).casefold():
            raise forms.ValidationError(f"This is not “{self.expected}”. Nothing was changed.")
        return typed
