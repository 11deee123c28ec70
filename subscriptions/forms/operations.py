"""Forms of decisions about the ledger."""

from django import forms
from django.http import QueryDict

from subscriptions.models import Operation
from subscriptions.selectors.operations import AskedPrice

REASON = "It stands in the ledger, where others will read it."


class CancelForm(forms.Form):
    """Why a queued operation is not wanted any more."""

    reason = forms.CharField(max_length=300, required=False, label="Reason", help_text=REASON)


class SettleForm(forms.Form):
    """What a reseller admin decides about an operation that needs attention."""

    DONE, SEND, ACCEPT, CANCEL = "done", "send", "accept", "cancel"
    DECISIONS = [
        (DONE, "It happened at the CA: record it as done"),
        (SEND, "It did not happen: send it"),
        (CANCEL, "It did not happen: cancel it"),
    ]

    seen_event = forms.IntegerField(widget=forms.HiddenInput, required=False)

    decision = forms.ChoiceField(
        choices=DECISIONS, widget=forms.RadioSelect, error_messages={"required": "Choose one of the ways out."}
    )
    charged = forms.DecimalField(
        max_digits=12,
        decimal_places=2,
        min_value=0,
        required=False,
        label="Charged by the CA",
        help_text="For “It happened”: the amount in the CA’s list of transactions. Empty where it is not known.",
    )
    ca_order_number = forms.IntegerField(
        min_value=1,
        max_value=2**63 - 1,
        required=False,
        label="Order number at the CA",
        help_text="As the CA’s list of transactions has it.",
    )
    reason = forms.CharField(
        max_length=300, label="Reason", help_text=REASON, error_messages={"required": "Say why: others will read it."}
    )

    def __init__(
        self, data: QueryDict | None, *, operation: Operation, seen_event: int | None, asked: AskedPrice | None
    ) -> None:
        super().__init__(data, initial={"seen_event": seen_event})
        decisions = list(self.DECISIONS)
        if operation.kind == Operation.Kind.PREREGISTER:
            # An ACME account has its keys from the CA's answer only, so it cannot be declared made.
            decisions = [choice for choice in decisions if choice[0] != self.DONE]
            del self.fields["charged"], self.fields["ca_order_number"]
        if asked is not None:
            decisions.insert(-1, (self.ACCEPT, f"It did not happen: send it at what the CA asks now, {asked}"))
        self.fields["decision"].choices = decisions  # type: ignore[attr-defined]

    def look_again(self, seen_event: int | None) -> None:
        """Have the form, shown once more, speak of the newest step."""
        self.data = dict(self.data.items()) | {"seen_event": seen_event}
