"""What customers ask their provider for: names, an extension, a removal; and what becomes of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in_user
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions import access
from subscriptions.access import CustomerView
from subscriptions.explain.requests import CANNOT, next_for_customer
from subscriptions.forms.removals import RemovalForm
from subscriptions.forms.requests import AskExtensionForm, AskForm, AskNamesForm, AskRemovalForm
from subscriptions.lists import exports
from subscriptions.lists.request_filters import OwnRequestFilter
from subscriptions.models import CustomerRequest, Subscription
from subscriptions.selectors.requests import removable_names, requests, why_not_askable
from subscriptions.selectors.terms import term_of
from subscriptions.services import requests as services
from subscriptions.views.listing import list_file, list_page

Kind = CustomerRequest.Kind
NAMES_PER_PAGE = 100
LOOK = "page"  # the button by which another page of the names is looked at, and nothing is sent


@login_required
@require_safe
def my_requests(request: HttpRequest) -> HttpResponse:
    """List what was asked for, what waits first."""
    shows_customer = access.customers_of(signed_in_user(request)).count() > 1
    return list_page(request, "subscriptions/my_requests.html", _listed(request), shows_customer=shows_customer)


def _listed(request: HttpRequest) -> OwnRequestFilter:
    own = access.requests_of(signed_in_user(request)).order_by().values("pk")
    return OwnRequestFilter(request.GET, queryset=requests().filter(pk__in=own))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_request_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the requests of the list, as it is searched, filtered and ordered, as a CSV file."""
    return list_file(request, _listed(request), exports.REQUESTS, list_url=reverse("subscriptions:my-requests"))


@login_required
@require_safe
def my_request(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show one request: what was asked for, where it is, and what was said to it."""
    asked, view = access.request_for_customer(signed_in_user(request), code)
    context = {
        "asked": asked,
        "next": next_for_customer(asked),
        "may_withdraw": asked.is_unanswered and view.may(Permission.ASK),
    }
    return render(request, "subscriptions/my_request.html", context)


@login_required
@require_POST
def my_request_withdraw(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take a request back, where nothing was ordered for it yet."""
    user = signed_in_user(request)
    asked, view = access.request_for_customer(user, code)
    view.require(Permission.ASK)
    try:
        services.withdraw(actor=user, asked=asked)
    except ServiceError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "The request was withdrawn.")
    return redirect("subscriptions:my-request", asked.code)


# --- Asking ---------------------------------------------------------------------------------------------------------


def _asking(request: HttpRequest, code: UUID) -> CustomerView:
    view = access.subscription_for_customer(signed_in_user(request), code)
    view.require(Permission.ASK)
    return view


def _show(request: HttpRequest, view: CustomerView, kind: Kind, form: AskForm, **more: Any) -> HttpResponse:
    subscription = view.subscription
    why_not = why_not_askable(subscription, kind, timezone.now()) if request.method != "POST" else ""
    context = {"subscription": subscription, "form": form, "why_not": why_not, "cannot": CANNOT[kind], **more}
    return render(request, f"subscriptions/my_request_{kind}.html", context)


def _sent(request: HttpRequest, asked: CustomerRequest) -> HttpResponse:
    messages.success(request, "The request was sent to your provider.")
    return redirect("subscriptions:my-request", asked.code)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_request_names(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask for names to be added."""
    view = _asking(request, code)
    form = AskNamesForm(request.POST or None, subscription=view.subscription)
    if request.method == "POST" and form.is_valid():
        names = form.cleaned_data["names"]
        try:
            asked = services.ask_for_names(
                actor=signed_in_user(request),
                subscription=view.subscription,
                names=names,
                typed_text=str(form.data.get("names", "")),
                note=form.cleaned_data["note"],
                form_token=form.token(names),
            )
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            return _sent(request, asked)
    return _show(request, view, Kind.NAMES, form, check=form.check)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_request_extension(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask for an extension, some time before the CA takes it or while it does."""
    view = _asking(request, code)
    form = AskExtensionForm(request.POST or None, subscription=view.subscription)
    if request.method == "POST" and form.is_valid():
        years = form.cleaned_data["term_years"]
        try:
            asked = services.ask_for_extension(
                actor=signed_in_user(request),
                subscription=view.subscription,
                years=years,
                note=form.cleaned_data["note"],
                form_token=form.token(years),
            )
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            return _sent(request, asked)
    return _show(request, view, Kind.EXTENSION, form, term=term_of(view.subscription))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_request_removal(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask for names to be taken out, chosen among all that are there: what is chosen stays so from page to page."""
    view = _asking(request, code)
    is_sent = request.method == "POST" and LOOK not in request.POST
    initial = {name: request.POST[name] for name in ("note", "form_token") if name in request.POST}
    form = AskRemovalForm(request.POST if is_sent else None, subscription=view.subscription, initial=initial)
    chosen = RemovalForm(request.POST).codes
    if is_sent and form.is_valid():
        try:
            asked = services.ask_for_removal(
                actor=signed_in_user(request),
                subscription=view.subscription,
                codes=chosen,
                note=form.cleaned_data["note"],
                form_token=form.token(*chosen),
            )
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            return _sent(request, asked)
    return _show(request, view, Kind.REMOVAL, form, **_names_to_choose(request, view.subscription, chosen))


def _names_to_choose(request: HttpRequest, subscription: Subscription, chosen: list[UUID]) -> dict[str, Any]:
    looked = request.POST if request.method == "POST" else request.GET
    search = looked.get("q", "").strip()
    page = Paginator(removable_names(subscription, search), NAMES_PER_PAGE).get_page(looked.get(LOOK))
    elsewhere = removable_names(subscription).filter(code__in=chosen).exclude(pk__in=[one.pk for one in page])
    return {"page": page, "search": search, "chosen": chosen, "elsewhere": elsewhere}
