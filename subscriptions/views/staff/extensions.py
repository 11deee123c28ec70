"""Extending a subscription: from a number of years to a quote."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.access import subscription_for_staff
from subscriptions.forms.extensions import ExtensionForm
from subscriptions.models import CustomerRequest
from subscriptions.selectors.terms import extension_under_way, term_of, why_not_extendable
from subscriptions.services.extensions import request_extension
from subscriptions.views.staff.asking import request_in


@staff_only(Permission.BUY)
@require_http_methods(["GET", "POST"])
def subscription_extend(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take by how many years a subscription is extended and have the CA asked; nothing is charged here."""
    user = signed_in_user(request)
    subscription = subscription_for_staff(user, code)
    asked = request_in(request, subscription, CustomerRequest.Kind.EXTENSION)
    start = {"term_years": asked.years} if asked is not None else None
    form = ExtensionForm(request.POST or None, subscription=subscription, initial=start)
    if request.method == "POST" and form.is_valid():
        years, token = form.cleaned_data["term_years"], form.token
        try:
            quote = request_extension(
                actor=user, subscription=subscription, years=years, form_token=token, asked_for=asked
            )
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            return redirect("subscriptions:quote-detail", quote.code)
    context = {
        "subscription": subscription,
        "form": form,
        "asked": asked,
        "term": term_of(subscription),
        "why_not": why_not_extendable(subscription, timezone.now()),
        "under_way": extension_under_way(subscription),
    }
    return render(request, "subscriptions/subscription_extend.html", context)
