"""A subscription's ACME credentials: revealing the EAB HMAC key, and handing the subscription over."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.recent import recent_sign_in_required
from accounts.roles import Permission
from subscriptions.access import subscription_for_staff
from subscriptions.models import Subscription
from subscriptions.selectors import rows
from subscriptions.selectors.account_states import why_stopped
from subscriptions.services.subscriptions import hand_over, reveal_hmac_key


@staff_only(Permission.REVEAL_KEY)
@require_POST
@never_cache
@recent_sign_in_required
def subscription_reveal(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show the EAB HMAC key, in the answer to the POST, after a recent sign-in; each time is recorded."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    if subscription.creation != Subscription.Creation.CREATED:
        raise Http404
    key = reveal_hmac_key(actor=signed_in_user(request), subscription=subscription)
    context = {"subscription": subscription, "eab_hmac_key": key}
    return render(request, "subscriptions/subscription_reveal.html", context)


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def subscription_hand_over(request: HttpRequest, code: UUID) -> HttpResponse:
    """Tell the customer's people by mail that their ACME credentials are ready, after showing who gets it."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    problem = ""
    if request.method == "POST":
        try:
            number = hand_over(actor=signed_in_user(request), subscription=subscription)
        except ServiceError as error:
            problem = error.message
        else:
            messages.success(request, f"Handed over: {number} mail{'' if number == 1 else 's'} on the way.")
            return redirect("subscriptions:subscription-detail", subscription.code)
    people = rows.people_of(subscription.customer).filter(user__is_active=True)
    context = {"subscription": subscription, "people": people, "problem": problem}
    context["why_not"] = why_stopped(subscription)
    return render(request, "subscriptions/subscription_hand_over.html", context)
