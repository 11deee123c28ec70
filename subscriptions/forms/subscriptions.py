"""The form of a new ACME account."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.functional import cached_property

from accounts.fields import AddressFormField
from accounts.meanwhile import EditMixin
from accounts.models import AuditEvent, Customer
from accounts.validators import validate_single_line
from subscriptions.forms.customers import CustomerField, CustomerForm
from subscriptions.forms.tokens import FormTokenField, token_of
from subscriptions.models import AcmeServer, Prevalidation, Subscription
from subscriptions.rules.visibility import Visibility
from subscriptions.selectors.prevalidations import Offer, OfferFor, offers_of
from subscriptions.selectors.visibility import visibility_events

LONGEST_CHOICE = 100  # characters of one that goes along in an address
TERMS = [(1, "1 year"), (2, "2 years"), (3, "3 years")]


def chosen_in(data: Mapping[str, Any]) -> dict[str, str]:
    """Give what is chosen of an ACME account but for its customer, as it goes along in an address."""
    chosen = {name: str(data.get(name) or "")[:LONGEST_CHOICE] for name in ("server", "term_years", "label")}
    return {name: text for name, text in chosen.items() if text}


class VisibilityForm(EditMixin, forms.Form):
    """From when on a customer's people see a subscription."""

    visibility = forms.TypedChoiceField(
        choices=[(one.value, one.value.capitalize()) for one in Visibility],
        coerce=Visibility,
        label="Customers see a subscription",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose from when on it is seen."},
    )

    def trail(self) -> "QuerySet[AuditEvent]":
        """Give when it was set."""
        return visibility_events()


class SubscriptionForm(forms.Form):
    """A customer, a certificate type, a term, and a pre-validation where the type needs one."""

    customer = CustomerField()
    server = forms.ModelChoiceField(
        AcmeServer.objects.none(),
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

    offered_for = OfferFor.NEW_ACCOUNT

    def __init__(self, *args: Any, customer: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._servers.queryset = AcmeServer.objects.offered()
        self.chosen_customer = customer or self._typed_customer()
        self.offers: list[Offer] = []
        if self.chosen_customer is not None:
            self.offers = offers_of(self.chosen_customer, self.offered_for)
            self._prevalidations.queryset = Prevalidation.objects.filter(customer=self.chosen_customer)
        if customer is not None and not self.is_bound:
            self.initial["customer"] = customer.name

    @cached_property
    def not_sold(self) -> "QuerySet[AcmeServer]":
        """The types that are shown with the reason why they cannot be chosen."""
        return AcmeServer.objects.not_sold()

    @property
    def _servers(self) -> "forms.ModelChoiceField[AcmeServer]":
        return cast("forms.ModelChoiceField[AcmeServer]", self.fields["server"])

    @property
    def _prevalidations(self) -> "forms.ModelChoiceField[Prevalidation]":
        return cast("forms.ModelChoiceField[Prevalidation]", self.fields["prevalidation"])

    def _typed_customer(self) -> Customer | None:
        try:
            return CustomerField(required=False).clean(self.data.get("customer", "")) if self.is_bound else None
        except forms.ValidationError:
            return None

    def clean_prevalidation(self) -> Prevalidation | None:
        """Refuse one that cannot be chosen now, with the reason."""
        chosen: Prevalidation | None = self.cleaned_data["prevalidation"]
        reason = next((offer.why_not for offer in self.offers if offer.prevalidation == chosen), "")
        if reason and self._needs_one():
            raise forms.ValidationError(reason)
        return chosen

    def _needs_one(self) -> bool:
        server = self.cleaned_data.get("server")
        return isinstance(server, AcmeServer) and server.needs_prevalidation

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
        customer = data["customer"]
        who = customer.pk if isinstance(customer, Customer) else f"new: {customer}"
        parts = (who, data["server"].pk, data["term_years"], data["prevalidation"], data["label"])
        return token_of(data["form_token"], *parts)


class NewAccountForm(SubscriptionForm):
    """An ACME account, of a customer that is there or of a new one, which is added together with it.

    Of a new one `customer` is the name.
    """

    is_new = forms.BooleanField(required=False, label="A new customer of this name")
    contact_email = AddressFormField(
        required=False,
        label="Address for notices",
        help_text="A role address, such as certificates@…. Suggested too when you invite the first person.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_for_new = self.is_bound and bool(self.data.get("is_new"))
        if self.is_for_new:
            self.chosen_customer, self.offers = None, []
            widget = self.fields["customer"].widget
            self.fields["customer"] = forms.CharField(max_length=150, label="Customer", widget=widget)

    def clean(self) -> dict[str, Any]:
        """Hold a new customer against what every customer's form asks; a form sent twice has added it already."""
        data = super().clean()
        if not self.is_for_new:
            return data
        if self.errors.pop("prevalidation", None):
            wanted = f"{data['server']} needs the pre-validation of the organization. "
            self.add_error("server", wanted + "Add the customer first, and record it there.")
        if "customer" in data and not self._was_sent():
            theirs = CustomerForm({"name": data["customer"], "contact_email": data.get("contact_email", "")})
            for field, errors in theirs.errors.items():
                self.add_error("customer" if field == "name" else "contact_email", errors)
        return data

    def _was_sent(self) -> bool:
        needed = {"server", "term_years", "label", "form_token"}
        return needed <= self.cleaned_data.keys() and Subscription.objects.filter(form_token=self.token).exists()
