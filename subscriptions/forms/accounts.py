"""Forms about ACME accounts at the CA that belong to no subscription."""

from typing import Any

from django import forms

from accounts.models import Customer
from subscriptions.forms.subscriptions import TERMS, SubscriptionForm
from subscriptions.models import AcmeServer, UnassignedAccount
from subscriptions.selectors.prevalidations import OfferFor

REASON = "It stays with the ACME account, where others will read it."


class AssignForm(SubscriptionForm):
    """Whose an ACME account is, and what no action of the CA tells of it: its type, and its term where it is open."""

    offered_for = OfferFor.ACCOUNT_AT_THE_CA

    def __init__(
        self,
        *args: Any,
        account: UnassignedAccount,
        terms: tuple[int, ...],
        suggested: AcmeServer | None,
        customer: Customer | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, customer=customer, **kwargs)
        self._account = account
        self.only_term = terms[0] if len(terms) == 1 else None
        if suggested is not None:
            self.initial["server"] = suggested.code
        if self.only_term is not None:
            del self.fields["term_years"]
            return
        field = self.fields["term_years"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared in SubscriptionForm
        field.choices = [(years, words) for years, words in TERMS if years in terms]
        field.initial = terms[0]

    def clean(self) -> dict[str, Any]:
        """Take the term that the CA's expiry leaves alone to be true."""
        data = super().clean()
        if self.only_term is not None:
            data["term_years"] = self.only_term
        return data


class NotOursForm(forms.Form):
    """Why an ACME account at the CA is not the portal's business."""

    reason = forms.CharField(
        max_length=500,
        label="Reason",
        help_text=REASON,
        error_messages={"required": "Say why it is not ours: others will read it."},
    )
