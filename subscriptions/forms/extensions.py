"""The form that extends a subscription."""

from uuid import UUID

from django import forms

from subscriptions.forms.subscriptions import TERMS
from subscriptions.forms.tokens import FormTokenField, token_of
from subscriptions.models import Subscription


class ExtensionForm(forms.Form):
    """By how many years."""

    term_years = forms.TypedChoiceField(
        coerce=int, choices=TERMS, initial=1, label="Extend by", widget=forms.RadioSelect, empty_value=None
    )
    form_token = FormTokenField()

    def __init__(self, *args: object, subscription: Subscription, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.subscription = subscription

    @property
    def token(self) -> UUID:
        """The token of what was sent."""
        data = self.cleaned_data
        return token_of(data["form_token"], self.subscription.code, data["term_years"])
