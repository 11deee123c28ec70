"""Forms about customers and their people, and the field by which other forms name a customer."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.forms import ModelForm
from accounts.meanwhile import EditMixin
from accounts.models import AuditEvent, Customer
from accounts.plain_names import plain_name

MATCHES_SHOWN = 5


class CustomerField(forms.CharField):
    """A customer, found by name or reference; a part of the name will do where only one customer has it.

    It is a text with suggestions, so that thousands of customers make no long list, with or without JavaScript.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"label": "Customer", "help_text": "A part of the name will do."} | kwargs
        super().__init__(max_length=150, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Have the suggestions follow what is typed."""
        return super().widget_attrs(widget) | {
            "list": "customer-options",
            "autocomplete": "off",
            "hx-get": reverse_lazy("subscriptions:customer-options"),
            "hx-trigger": "input changed delay:200ms",
            "hx-target": "#customer-options",
        }

    def clean(self, value: Any) -> Customer | None:
        """Give the customer that is meant."""
        text = super().clean(value)
        return find_customer(text) if text else None


def find_customer(text: str) -> Customer:
    """Give the one customer meant by a name, a reference or a part of a name; raise ValidationError otherwise.

    One that is archived is meant by its whole name only.
    """
    if the_one := Customer.objects.filter(name=text).first():
        return the_one  # another may look alike
    exact = Customer.objects.filter(Q(plain_name=plain_name(text)) | Q(reference__iexact=text))[:2]
    if len(exact) == 1:
        return exact[0]
    matches = list(
        Customer.objects.filter(archived_at=None, plain_name__contains=plain_name(text))[: MATCHES_SHOWN + 1]
    )
    if not matches:
        raise forms.ValidationError(f"No customer is called “{text}”.")
    if len(matches) > 1:
        names = ", ".join(customer.name for customer in matches[:MATCHES_SHOWN])
        more = " and others" if len(matches) > MATCHES_SHOWN else ""
        raise forms.ValidationError(f"Several customers match: {names}{more}. Type the whole name.")
    return matches[0]


def taken(other: Customer) -> SafeString:
    """Say that a customer's name is taken, with a link to who has it."""
    url = reverse("subscriptions:customer-detail", args=[other.code])
    return format_html('There is a customer with this name already: <a href="{}">{}</a>.', url, other.name)


class ArchiveForm(forms.Form):
    """What becomes of the people of a customer that is archived."""

    people = forms.ChoiceField(
        label="Its people",
        choices=[
            ("keep", "They go on seeing what there was, and can reveal its keys"),
            ("remove", "They are removed, and would be invited anew"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what becomes of its people."},
    )


class CustomerForm(EditMixin, ModelForm[Customer]):
    """A customer's own data."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.is_edit = kwargs.get("instance") is not None
        super().__init__(*args, **kwargs)

    def trail(self) -> "QuerySet[AuditEvent]":
        """Give what happened to the customer."""
        return AuditEvent.objects.filter(target_code=self.instance.code)

    class Meta:
        model = Customer
        fields = ["name", "reference", "contact_email", "notes"]
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}

    def clean_name(self) -> str:
        """Refuse a name that people could not tell from another customer's, and lead to that customer."""
        name = str(self.cleaned_data["name"])
        plain = plain_name(name)
        other = Customer.objects.filter(plain_name=plain).exclude(pk=self.instance.pk).first()
        if other is not None and (not self.is_edit or self.instance.plain_name != plain):
            raise forms.ValidationError(taken(other))
        return name
