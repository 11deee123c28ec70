"""What somebody looks for in the audit trail, as it is typed."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

from django import forms

from accounts.models import Customer
from subscriptions.explain.happenings import SHOWN_TO_CUSTOMERS, WORDS
from subscriptions.forms.customers import CustomerField
from subscriptions.lists.base import CUSTOMER_INPUT, DAYS, SELECT, ListForm
from subscriptions.lists.paging import DAY_INPUT
from subscriptions.selectors.activity import Person, Wanted, find_person, member_called, of_customer


def _text(placeholder: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", "placeholder": placeholder, "autocomplete": "off"})


def _kinds(among: Iterable[StrEnum] = WORDS) -> list[tuple[str, str]]:
    words = [(str(happening), WORDS[happening]) for happening in among]
    return [("", "Anything"), *sorted(words, key=lambda pair: pair[1])]


class _CustomerCodeField(CustomerField):
    """A customer as it is typed, or by its code: an event has the name of then, which another may have by now."""

    def clean(self, value: Any) -> Any:
        """Give the code of the customer that is meant, one that is gone included."""
        try:
            return UUID(value)
        except (TypeError, ValueError):
            found = super().clean(value)
            return found.code if found else None


class _ActivityForm(ListForm):
    """What everybody may look for."""

    person = forms.CharField(label="Person", max_length=254, required=False, widget=_text("E-mail address"))
    what = forms.ChoiceField(label="What happened", required=False, widget=SELECT, choices=_kinds)
    since = forms.DateField(label="From", required=False, widget=DAY_INPUT, validators=DAYS)
    until = forms.DateField(label="To", required=False, widget=DAY_INPUT, validators=DAYS)

    @property
    def is_used(self) -> bool:
        """Whether anything is looked for."""
        return any(self.cleaned_data.values())


class ActivityForm(_ActivityForm):
    """What staff look for."""

    customer = _CustomerCodeField(required=False, widget=CUSTOMER_INPUT)
    ip_address = forms.GenericIPAddressField(label="IP address", required=False, widget=_text("IP address"))
    field_order = ("person", "customer", "what", "ip_address", "since", "until")

    def clean_person(self) -> Person | None:
        """Give whom the address or the code means."""
        text = self.cleaned_data["person"].strip()
        if text and (person := find_person(text)) is None:
            raise forms.ValidationError("Type the whole e-mail address.")
        return person if text else None

    @property
    def wanted(self) -> Wanted:
        """What is looked for, where the form is valid."""
        asked = self.cleaned_data
        return Wanted(
            person=asked["person"],
            customer=asked["customer"],
            action=asked["what"],
            since=asked["since"],
            until=asked["until"],
            ip_address=asked["ip_address"],
        )


class OwnActivityForm(_ActivityForm):
    """What the owners of a customer look for: nobody but their own people, and no IP address.

    By either they could find out, one guess after the other, who works at the reseller, and from where.
    """

    what = forms.ChoiceField(
        label="What happened", required=False, widget=SELECT, choices=lambda: _kinds(SHOWN_TO_CUSTOMERS)
    )
    field_order = ("person", "what", "since", "until")

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer

    def clean_person(self) -> Person | None:
        """Give the person of the customer that is meant."""
        text = self.cleaned_data["person"].strip()
        if text and (person := member_called(self.customer, text)) is None:
            raise forms.ValidationError(f"Nobody at {self.customer} has this address.")
        return person if text else None

    @property
    def wanted(self) -> Wanted:
        """What is looked for and may be seen, where the form is valid."""
        asked = self.cleaned_data
        wanted = Wanted(asked["person"], action=asked["what"], since=asked["since"], until=asked["until"])
        return of_customer(self.customer, wanted)
