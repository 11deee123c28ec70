"""ACME accounts at the CA that belong to no subscription: reseller admins say whose they are."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.access import account_for_staff
from subscriptions.forms.accounts import AssignForm, NotOursForm
from subscriptions.lists import exports
from subscriptions.lists.filters import AccountFilter
from subscriptions.models import Subscription, UnassignedAccount
from subscriptions.selectors import accounts as selectors
from subscriptions.selectors import rows
from subscriptions.services.accounts import MAY_BE_ASSIGNED, assign_account, mark_not_ours
from subscriptions.views.listing import list_file, list_page


@staff_only(Permission.SETTLE)
@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    """List the ACME accounts at the CA that belong to no subscription; those that were judged by filter."""
    return list_page(request, "subscriptions/account_list.html", _listed(request))


def _listed(request: HttpRequest) -> AccountFilter:
    return AccountFilter(request.GET, queryset=selectors.unassigned_accounts())


@staff_only(Permission.SETTLE)
@require_http_methods(["GET", "HEAD", "POST"])
def account_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the ACME accounts of the list, as it is searched, filtered and ordered, as a CSV file."""
    return list_file(request, _listed(request), exports.ACCOUNTS, list_url=reverse("subscriptions:account-list"))


@staff_only(Permission.SETTLE)
@require_safe
def account_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show what was read of an ACME account, and what can be said of it."""
    account = account_for_staff(signed_in_user(request), code)
    context = {
        "account": account,
        "same_names": selectors.subscriptions_with_its_names(account),
        "terms": selectors.terms_of(account),
        "may_be_assigned": account.state in MAY_BE_ASSIGNED,
    }
    return render(request, "subscriptions/account_detail.html", context)


@staff_only(Permission.SETTLE)
@require_http_methods(["GET", "POST"])
def account_assign(request: HttpRequest, code: UUID) -> HttpResponse:
    """Assign an ACME account to a customer, and go to its subscription."""
    account = account_for_staff(signed_in_user(request), code)
    suggested = selectors.suggested_server(account)
    form = AssignForm(request.POST or None, account=account, terms=selectors.terms_of(account), suggested=suggested)
    if request.method == "POST" and form.is_valid():
        try:
            subscription = _assign(request, account, form)
        except ServiceError as error:
            form.add_error(None, error.message)
            account.refresh_from_db()
        else:
            return redirect("subscriptions:subscription-detail", subscription.code)
    context = {
        "account": account,
        "form": form,
        "suggested": suggested,
        "may_be_assigned": account.state in MAY_BE_ASSIGNED,
        "same_names": selectors.subscriptions_with_its_names(account),
        "customer_names": rows.customer_names(""),
    }
    return render(request, "subscriptions/account_assign.html", context)


def _assign(request: HttpRequest, account: UnassignedAccount, form: AssignForm) -> Subscription:
    data: dict[str, Any] = form.cleaned_data
    return assign_account(
        actor=signed_in_user(request),
        account=account,
        customer=data["customer"],
        server=data["server"],
        term_years=data["term_years"],
        prevalidation=data["prevalidation"],
        form_token=form.token,
        label=data["label"],
    )


@staff_only(Permission.SETTLE)
@require_http_methods(["GET", "POST"])
def account_not_ours(request: HttpRequest, code: UUID) -> HttpResponse:
    """Mark an ACME account as not ours, with a reason."""
    account = account_for_staff(signed_in_user(request), code)
    form = NotOursForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            mark_not_ours(actor=signed_in_user(request), account=account, reason=form.cleaned_data["reason"])
        except ServiceError as error:
            form.add_error(None, error.message)
            account.refresh_from_db()
        else:
            messages.success(request, "Noted: it is not ours, and is not asked about again.")
            return redirect("subscriptions:account-list")
    is_open = account.state == UnassignedAccount.State.UNASSIGNED
    context = {"account": account, "form": form, "is_open": is_open}
    return render(request, "subscriptions/account_not_ours.html", context)
