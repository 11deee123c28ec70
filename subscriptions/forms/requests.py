"""The forms by which customers ask, and the one by which staff answer."""

from typing import Any
from uuid import UUID

from django import forms

from subscriptions.forms.domains import MAX_TEXT, NamesCheck, check_text
from subscriptions.forms.subscriptions import TERMS
from subscriptions.forms.tokens import FormTokenField, token_of
from subscriptions.models import Subscription
from subscriptions.rules.names import MAX_NAMES_PER_QUOTE
from subscriptions.selectors.requests import names_there_for_customers


class AskForm(forms.Form):
    """What every request has: a note, and the token by which a form sent twice makes one request."""

    note = forms.CharField(
        max_length=500,
        required=False,
        label="Note",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What your provider should know about it.",
    )
    form_token = FormTokenField()

    def __init__(self, *args: Any, subscription: Subscription, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subscription = subscription

    def token(self, *content: object) -> UUID:
        """Give the token of what was sent."""
        return token_of(self.cleaned_data["form_token"], self.subscription.code, *content, self.cleaned_data["note"])


class AskNamesForm(AskForm):
    """Names that are to be added, one per line; read as staff's own form reads them."""

    names = forms.CharField(
        max_length=MAX_TEXT,
        label="Names",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}),
        help_text="One per line, or as you have them: commas, quotes and whole addresses are read as names too.",
        error_messages={
            "required": "Type at least one name.",
            "max_length": f"A request takes {MAX_NAMES_PER_QUOTE} names at most. Split the list.",
        },
    )
    field_order = ("names", "note")

    def clean_names(self) -> list[str]:
        """Give each name once, in its one form; every line must be one that can be asked for."""
        read = check_text(self.cleaned_data["names"], names_there_for_customers(self.subscription))
        if read.is_cut:
            raise forms.ValidationError(
                f"These are {read.number} names; a request takes {MAX_NAMES_PER_QUOTE} at most. Split the list."
            )
        if not read.lines:
            raise forms.ValidationError("Type at least one name.")
        if wrong := len(read.problems):
            number = "One name needs" if wrong == 1 else f"{wrong} names need"
            raise forms.ValidationError(f"{number} a correction; see below. Nothing was sent.")
        return [one.checked.name for one in read.lines]

    @property
    def check(self) -> NamesCheck | None:
        """What was typed reads as; whether somebody else has one of the names is not looked up."""
        text = str(self["names"].value() or "")
        if not text.strip():
            return None
        read = check_text(text[:MAX_TEXT], names_there_for_customers(self.subscription))
        return NamesCheck(read.lines, {}, read.is_cut or len(text) > MAX_TEXT, read.repeated)


class AskExtensionForm(AskForm):
    """By how many years a subscription is to be extended."""

    term_years = forms.TypedChoiceField(
        coerce=int, choices=TERMS, initial=1, label="Extend by", widget=forms.RadioSelect, empty_value=None
    )
    field_order = ("term_years", "note")


class AskRemovalForm(AskForm):
    """Names that are to be taken out: which, the boxes of their list say (`RemovalForm`)."""


class AnswerForm(forms.Form):
    """Why a request is declined, or what was done about it: its customer reads it."""

    reason = forms.CharField(
        max_length=500,
        label="What the customer reads",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, or what was done: the customer reads it."},
    )
