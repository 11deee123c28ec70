"""The forms that change a subscription here: its label and notes, and whose it is."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.meanwhile import EditMixin
from accounts.models import AuditEvent
from accounts.validators import validate_single_line
from subscriptions.forms.customers import CustomerField
from subscriptions.models import Subscription


class SubscriptionEditForm(EditMixin, forms.Form):
    """What a subscription is called, and what staff note of it."""

    label = forms.CharField(
        required=False,
        max_length=100,
        validators=[validate_single_line],
        help_text="A name to tell several apart. The customer’s people see it.",
    )
    notes = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For you and your colleagues: no customer sees them.",
    )

    def __init__(self, data: Any = None, *, subscription: Subscription) -> None:
        self._subscription = subscription
        super().__init__(data, initial={"label": subscription.label, "notes": subscription.notes})

    def trail(self) -> "QuerySet[AuditEvent]":
        """Give what happened to the subscription."""
        return AuditEvent.objects.filter(target_code=self._subscription.code)


class MoveSubscriptionForm(forms.Form):
    """To whom a subscription goes, and why."""

    customer = CustomerField(label="New customer")
    reason = forms.CharField(
        max_length=300,
        help_text="It stands in the activity of both customers, where your colleagues read it.",
        error_messages={"required": "Say why: it is asked for later."},
    )
