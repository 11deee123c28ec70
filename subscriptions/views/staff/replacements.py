"""Replacing a misspelt name: the new one is quoted and added first, the old one goes once it is there."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.access import name_for_staff, replacement_for_staff
from subscriptions.forms.domains import PrefillForm
from subscriptions.forms.replacements import ReplaceForm
from subscriptions.models import Domain, Quote
from subscriptions.selectors.removals import removal_of
from subscriptions.selectors.replacements import typed_before, why_not_replaceable
from subscriptions.services.quotes import request_quote
from subscriptions.services.replacements import call_off


@staff_only(Permission.BUY)
@require_http_methods(["GET", "POST"])
def name_replace(request: HttpRequest, code: UUID, name_code: UUID) -> HttpResponse:
    """Take the new name and have the CA asked for its price; nothing is charged and nothing removed here."""
    old = name_for_staff(signed_in_user(request), code, name_code)
    subscription = old.subscription
    form = ReplaceForm(request.POST or None, old=old, initial=_start(request, old))
    if request.method == "POST" and form.is_valid():
        try:
            quote = _request(request, old, form)
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            return redirect("subscriptions:quote-detail", quote.code)
    now = timezone.now()
    context = {"subscription": subscription, "old": old, "form": form, "why_not": why_not_replaceable(old, now)}
    return render(
        request, "subscriptions/name_replace.html", context | {"removal": removal_of(subscription, [old.code], now)}
    )


def _start(request: HttpRequest, old: Domain) -> dict[str, str]:
    typed = typed_before(old, PrefillForm.codes(request.GET).get("quote"))
    return {"names": typed} if typed else {}


def _request(request: HttpRequest, old: Domain, form: ReplaceForm) -> Quote:
    data = form.cleaned_data
    return request_quote(
        actor=signed_in_user(request),
        subscription=old.subscription,
        names=data["names"],
        add_companions=data["add_companions"],
        prevalidation=data.get("prevalidation"),
        organization_reason=data.get("organization_reason", ""),
        form_token=form.token,
        typed_text=str(form.data.get("names", "")),
        replaces=old,
    )


@staff_only(Permission.BUY)
@require_POST
def replacement_call_off(request: HttpRequest, code: UUID) -> HttpResponse:
    """Keep the old name."""
    user = signed_in_user(request)
    replacement = replacement_for_staff(user, code)
    try:
        call_off(actor=user, replacement=replacement)
    except ServiceError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Called off: the old name stays. What became of the new one stays as it is.")
    return redirect("subscriptions:name-list", replacement.old.subscription.code)
