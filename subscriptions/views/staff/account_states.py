"""Suspending, reinstating and deactivating an ACME account with its key, or one of its clients."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.access import client_for_staff, subscription_for_staff
from subscriptions.forms.account_states import LEAKED, DeactivateForm, ReasonForm
from subscriptions.models import AcmeAccount, Operation, Subscription
from subscriptions.selectors import account_states as selectors
from subscriptions.selectors.rows import subscription_status
from subscriptions.services import account_states as services

# Whether it can be done at all, what does it, and what is said then.
Change = tuple[
    Callable[[Subscription, AcmeAccount | None], bool],
    Callable[..., Operation],
    str,
]
SUSPENDING: Change = (
    selectors.may_suspend,
    services.suspend,
    "The suspension is on its way, before all that is queued.",
)
REINSTATING: Change = (selectors.may_reinstate, services.reinstate, "The reinstatement is on its way.")
DEACTIVATING: Change = (selectors.may_deactivate, services.deactivate, "The deactivation is on its way.")


@staff_only(Permission.BUY)
@require_http_methods(["GET", "POST"])
def subscription_suspend(request: HttpRequest, code: UUID) -> HttpResponse:
    """Suspend the whole ACME account with its key, after saying what that does; `leaked=` when it cannot wait."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    form = ReasonForm(_posted(request), initial={"reason": LEAKED if "leaked" in request.GET else ""})
    return _answer(request, subscription, None, SUSPENDING, form, "subscription_suspend")


@staff_only(Permission.BUY)
@require_http_methods(["GET", "POST"])
def subscription_reinstate(request: HttpRequest, code: UUID) -> HttpResponse:
    """Reinstate the whole ACME account with its key."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    form = ReasonForm(_posted(request))
    return _answer(request, subscription, None, REINSTATING, form, "subscription_reinstate")


@staff_only(Permission.SETTLE)
@require_http_methods(["GET", "POST"])
def subscription_deactivate(request: HttpRequest, code: UUID) -> HttpResponse:
    """Deactivate the whole ACME account with its key for good."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    form = DeactivateForm(_posted(request), expected=subscription.title)
    return _answer(request, subscription, None, DEACTIVATING, form, "subscription_deactivate")


@staff_only(Permission.BUY)
@require_http_methods(["GET", "POST"])
def client_suspend(request: HttpRequest, code: UUID, client_code: UUID) -> HttpResponse:
    """Suspend one client."""
    client = client_for_staff(signed_in_user(request), code, client_code)
    form = ReasonForm(_posted(request))
    return _answer(request, client.binding.subscription, client, SUSPENDING, form, "client_suspend")


@staff_only(Permission.BUY)
@require_http_methods(["GET", "POST"])
def client_reinstate(request: HttpRequest, code: UUID, client_code: UUID) -> HttpResponse:
    """Reinstate one client."""
    client = client_for_staff(signed_in_user(request), code, client_code)
    form = ReasonForm(_posted(request))
    return _answer(request, client.binding.subscription, client, REINSTATING, form, "client_reinstate")


@staff_only(Permission.SETTLE)
@require_http_methods(["GET", "POST"])
def client_deactivate(request: HttpRequest, code: UUID, client_code: UUID) -> HttpResponse:
    """Deactivate one client for good."""
    client = client_for_staff(signed_in_user(request), code, client_code)
    subscription = client.binding.subscription
    form = DeactivateForm(_posted(request), expected=subscription.title)
    return _answer(request, subscription, client, DEACTIVATING, form, "client_deactivate")


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _answer(
    request: HttpRequest,
    subscription: Subscription,
    client: AcmeAccount | None,
    change: Change,
    form: ReasonForm,
    template: str,
) -> HttpResponse:
    """Have a valid form's change confirmed and go to the subscription; else show the page with what it would do."""
    can_be_done, confirm, said = change
    if form.is_valid():
        try:
            confirm(
                actor=signed_in_user(request),
                subscription=subscription,
                account=client,
                reason=form.cleaned_data["reason"],
            )
        except ServiceError as error:
            form.add_error(None, error.message)
            subscription.refresh_from_db()
        else:
            messages.success(request, said)
            return redirect("subscriptions:subscription-detail", subscription.code)
    context = {
        "subscription": subscription,
        "client": client,
        "form": form,
        "can_be_done": can_be_done(subscription, client),
        "is_leaked": "leaked" in request.GET,
        "effects": selectors.effects_of(subscription, client),
        "status": subscription_status(subscription),
    }
    return render(request, f"subscriptions/{template}.html", context)
