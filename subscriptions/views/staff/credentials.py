"""A subscription's ACME credentials: revealing the EAB HMAC key."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import signed_in_user, staff_only
from accounts.recent import recent_sign_in_required
from accounts.roles import Permission
from subscriptions.access import subscription_for_staff
from subscriptions.models import Subscription
from subscriptions.services.subscriptions import reveal_hmac_key


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
