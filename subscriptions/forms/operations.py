"""Forms of decisions about the ledger."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from subscriptions.models import Operation, Transaction
from subscriptions.rules.instants import day_text
from subscriptions.rules.prices import shown
from subscriptions.rules.written_names import written_list
from subscriptions.selectors.operations import LineToDecide, WaysOut

REASON = "It stands in the ledger, where others will read it."
SAY_WHAT = "Choose whether the lines are sent or canceled."
SAY_WHY = "Say why: others will read it."


class CancelForm(forms.Form):
    """Why a queued operation is not wanted any more."""

    reason = forms.CharField(max_length=300, required=False, label="Reason", help_text=REASON)


class TakeForm(forms.Form):
    """Why a person decides without waiting for more readings."""

    reason = forms.CharField(max_length=300, label="Reason", help_text=REASON, error_messages={"required": SAY_WHY})


class LinesForm(forms.Form):
    """What a reseller admin decides for all lines of an order that wait."""

    SEND, CANCEL = "send", "cancel"

    decision = forms.ChoiceField(
        choices=[(SEND, "Send"), (CANCEL, "Cancel")],
        widget=forms.HiddenInput,
        error_messages={"required": SAY_WHAT, "invalid_choice": SAY_WHAT},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    # Typed while the rest of the page follows the work at the CA.
    reason = forms.CharField(
        max_length=300,
        label="Reason",
        help_text=REASON,
        error_messages={"required": SAY_WHY},
        widget=forms.TextInput(attrs={"hx-preserve": "true"}),
    )

    def clean_seen(self) -> dict[UUID, int | None]:
        """Give the lines that the page showed, by code, each with its last step."""
        try:
            pairs = [pair.partition(":") for pair in self.cleaned_data["seen"].split()]
            return {UUID(code): int(event) if event else None for code, _, event in pairs}
        except ValueError as error:
            raise forms.ValidationError("The page was not sent whole. Nothing was changed: look again.") from error


def seen_of(lines: Iterable[LineToDecide]) -> str:
    """Give what `LinesForm.seen` says of the lines that a page shows."""
    return " ".join(f"{line.operation.code}:{line.seen_event or ''}" for line in lines)


class SettleForm(forms.Form):
    """What a reseller admin decides about an operation that needs attention."""

    DONE, SEND, ACCEPT, CANCEL, OPEN = "done", "send", "accept", "cancel", "open"

    seen_event = forms.IntegerField(widget=forms.HiddenInput, required=False)

    decision = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": "Choose one of the ways out."})
    charge = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        label="Charge at the CA",
        help_text="For “It happened”: what the CA lists that nothing here explains.",
    )
    reason = forms.CharField(max_length=300, label="Reason", help_text=REASON, error_messages={"required": SAY_WHY})

    def __init__(self, data: QueryDict | None, *, operation: Operation, ways: WaysOut) -> None:
        super().__init__(data, initial={"seen_event": ways.seen_event})
        self._ways = ways
        self._choices("decision", _decisions(operation, ways))
        if not ways.may_be_done or not ways.charges_money:
            del self.fields["charge"]
            return
        charges = [(str(charge.pk), charge_label(charge)) for charge in ways.charges]
        if ways.may_be_open:
            charges.append((self.OPEN, "None of these, or none is listed: the amount stays open until the CA lists it"))
        self._choices("charge", charges)

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Have a charge chosen where it is to be recorded as done."""
        data = super().clean() or {}
        wants_charge = data.get("decision") == self.DONE and "charge" in self.fields
        if wants_charge and not data.get("charge") and "charge" not in self.errors:
            self.add_error("charge", "Choose the charge that belongs to it.")
        return data

    def chosen_charge(self) -> Transaction | None:
        """Give the charge that was chosen; None where the amount stays open."""
        chosen = self.cleaned_data.get("charge")
        return next((charge for charge in self._ways.charges if str(charge.pk) == chosen), None)

    def look_again(self, seen_event: int | None) -> None:
        """Have the form, shown once more, speak of the newest step."""
        self.data = dict(self.data.items()) | {"seen_event": seen_event}


def _decisions(operation: Operation, ways: WaysOut) -> list[tuple[str, str]]:
    """Give the decisions that fit, each with the most that it can charge."""
    price = shown(operation.price, operation.currency)
    send = f"Send it at the confirmed price, at most {price}" if ways.charges_money else "Send it"
    decisions = [(SettleForm.SEND, send)]
    if ways.asked is not None:
        decisions.append((SettleForm.ACCEPT, f"Send it at what the CA asks now, {ways.asked}"))
    decisions.append((SettleForm.CANCEL, "Cancel it"))
    if ways.may_have_happened:
        decisions = [(name, f"It did not happen: {label[0].lower()}{label[1:]}") for name, label in decisions]
    return [(SettleForm.DONE, "It happened at the CA: record it as done"), *decisions][not ways.may_be_done :]


def charge_label(charge: Transaction) -> str:
    """Give a charge of the CA's in words: amount, names, order number and day."""
    day = f" on {day_text(charge.executed_at)}" if charge.executed_at else ""
    return (
        f"{shown(charge.cost, charge.currency)} for {written_list(charge.names)} (order {charge.ca_order_number}){day}"
    )
