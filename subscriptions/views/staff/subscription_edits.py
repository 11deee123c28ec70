"""What staff change of a subscription here, without the CA: its label and notes, and whose it is."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.access import subscription_for_staff
from subscriptions.forms.subscription_edits import MoveSubscriptionForm, SubscriptionEditForm
from subscriptions.models import Subscription
from subscriptions.selectors import rows
from subscriptions.selectors.subscription_moves import (
    clients_that_go_on,
    prevalidations_of,
    who_knows_the_key,
    why_not_moved,
)
from subscriptions.services.subscription_edits import edit_subscription, move_subscription


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def subscription_edit(request: HttpRequest, code: UUID) -> HttpResponse:
    """Change a subscription's label, which its customer sees, and its notes, which only staff see."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    form = SubscriptionEditForm(request.POST if request.method == "POST" else None, subscription=subscription)
    if form.is_valid():
        edit_subscription(actor=signed_in_user(request), subscription=subscription, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("subscriptions:subscription-detail", code)
    return render(request, "subscriptions/subscription_edit.html", {"form": form, "subscription": subscription})


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def subscription_move(request: HttpRequest, code: UUID) -> HttpResponse:
    """Move a subscription to another customer, after saying who will see it and who knows its key."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    form = MoveSubscriptionForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _move(request, subscription, form):
        return redirect("subscriptions:subscription-detail", code)
    context = {
        "subscription": subscription,
        "form": form,
        "why_not": why_not_moved(subscription),
        "prevalidations": prevalidations_of(subscription),
        "knowers": who_knows_the_key(subscription),
        "clients": clients_that_go_on(subscription),
        "customer_names": rows.customer_names(""),
    }
    return render(request, "subscriptions/subscription_move.html", context)


def _move(request: HttpRequest, subscription: Subscription, form: MoveSubscriptionForm) -> bool:
    fields = form.cleaned_data
    try:
        move_subscription(
            actor=signed_in_user(request), subscription=subscription, to=fields["customer"], reason=fields["reason"]
        )
    except ServiceError as error:
        form.add_error("customer", error.message)
        return False
    messages.success(request, f"It belongs to {fields['customer']} now.")
    return True
