"""Adding names: from a typed list to a quote."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.models import User
from accounts.roles import Permission
from subscriptions.access import order_for_staff, quote_for_staff, subscription_for_staff
from subscriptions.forms.domains import DomainAddForm, PrefillForm, names_check
from subscriptions.forms.name_files import NamesFileForm
from subscriptions.models import CustomerRequest, Quote, Subscription
from subscriptions.selectors import buying
from subscriptions.selectors.requests import names_left
from subscriptions.selectors.terms import starts_new_term, why_no_name_can_be_added
from subscriptions.services.quotes import request_quote
from subscriptions.views.staff.asking import request_in


@staff_only(Permission.BUY)
@require_http_methods(["GET", "POST"])
def domain_add(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take a list of names and have the CA asked for their prices; nothing is charged here.

    `quote=` or `order=` starts with the names of that quote, or with those of that order the CA refused; `request=`
    with those that a customer asks for and that are not there yet. A file that is sent along is only read: its names
    are shown in the list, and the CA is asked once that is sent again.
    """
    subscription = subscription_for_staff(signed_in_user(request), code)
    if request.FILES or "read_file" in request.POST:
        return _read_file(request, subscription)
    form = _form(request, subscription)
    if request.method == "POST" and form.is_valid():
        try:
            quote = _request(request, subscription, form)
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            return redirect("subscriptions:quote-detail", quote.code)
    return _show(request, subscription, form, NamesFileForm())


def _read_file(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    file_form = NamesFileForm(request.POST, request.FILES)
    start = {
        "names": file_form.joined,
        "add_companions": "add_companions" in request.POST,
        "prevalidation": request.POST.get("prevalidation", ""),
        "organization_reason": request.POST.get("organization_reason", ""),
    }
    return _show(request, subscription, DomainAddForm(subscription=subscription, initial=start), file_form)


def _show(
    request: HttpRequest, subscription: Subscription, form: DomainAddForm, file_form: NamesFileForm
) -> HttpResponse:
    now = timezone.now()
    context = {
        "subscription": subscription,
        "form": form,
        "asked": request_in(request, subscription, CustomerRequest.Kind.NAMES),
        "file_form": file_form,
        "check": names_check(str(form["names"].value() or ""), subscription),
        "why_not": why_no_name_can_be_added(subscription, now) if request.method == "GET" else "",
        "starts_new_term": starts_new_term(subscription, now),
    }
    return render(request, "subscriptions/domain_add.html", context)


def _form(request: HttpRequest, subscription: Subscription) -> DomainAddForm:
    return DomainAddForm(request.POST or None, subscription=subscription, initial=_start(request, subscription))


def _start(request: HttpRequest, subscription: Subscription) -> dict[str, Any]:
    codes, user = PrefillForm.codes(request.GET), signed_in_user(request)
    if "quote" in codes:
        return _start_of(_quote(user, codes["quote"], subscription), subscription)
    if "order" in codes:
        order = order_for_staff(user, codes["order"])
        start = _start_of(_quote(user, order.quote.code, subscription), subscription)
        return start | {"names": "\n".join(buying.refused_names(order, subscription))}
    if (asked := request_in(request, subscription, CustomerRequest.Kind.NAMES)) is not None:
        return {"names": "\n".join(names_left(asked))}
    return {}


def _quote(user: User, code: UUID, subscription: Subscription) -> Quote:
    quote = quote_for_staff(user, code)
    if not quote.lines.filter(subscription=subscription).exists():
        raise Http404
    return quote


def _start_of(quote: Quote, subscription: Subscription) -> dict[str, Any]:
    start: dict[str, Any] = {"names": quote.typed_text, "add_companions": quote.add_companions}
    start["organization_reason"] = quote.organization_reason
    line = quote.lines.filter(subscription=subscription).exclude(prevalidation=None).first()
    if line is not None and line.prevalidation is not None:
        start["prevalidation"] = line.prevalidation.code
    return start


def _request(request: HttpRequest, subscription: Subscription, form: DomainAddForm) -> Quote:
    data = form.cleaned_data
    return request_quote(
        actor=signed_in_user(request),
        subscription=subscription,
        names=data["names"],
        add_companions=data["add_companions"],
        prevalidation=data.get("prevalidation"),
        form_token=form.token,
        typed_text=str(form.data.get("names", "")),
        organization_reason=data.get("organization_reason", ""),
        asked_for=request_in(request, subscription, CustomerRequest.Kind.NAMES),
    )


@staff_only(Permission.BUY)
@require_POST
def domain_check(request: HttpRequest, code: UUID) -> HttpResponse:
    """Check a list of names while it is typed; nothing is written."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    check = names_check(request.POST.get("names", ""), subscription)
    return render(request, "subscriptions/_domain_check.html", {"check": check})
