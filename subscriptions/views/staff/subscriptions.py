"""Subscriptions: their list, a new ACME account, and the page that follows one from its making to its names."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import customer_for_staff, signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.models import Customer
from accounts.roles import Permission
from subscriptions.access import subscription_for_staff
from subscriptions.forms.domains import PrefillForm
from subscriptions.forms.subscriptions import SubscriptionForm
from subscriptions.lists import tables
from subscriptions.lists.filters import SubscriptionFilter
from subscriptions.models import Subscription
from subscriptions.selectors import rows
from subscriptions.selectors.findings import open_findings_of, why_charges_unread
from subscriptions.services.subscriptions import create_subscription, watch_subscription
from subscriptions.views.staff.polling import fragment, part_of_a_page


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def subscription_list(request: HttpRequest) -> HttpResponse:
    """List subscriptions."""
    selection = SubscriptionFilter(request.GET, queryset=rows.subscriptions())
    table = tables.show(tables.SubscriptionTable(selection.qs), request)
    return render(request, "subscriptions/subscription_list.html", {"filter": selection, "table": table})


@staff_only(Permission.BUY)
@require_http_methods(["GET", "POST"])
def subscription_add(request: HttpRequest) -> HttpResponse:
    """Create an ACME account at the CA, which costs nothing, and go to its subscription."""
    form = SubscriptionForm(request.POST or None, customer=_asked_customer(request))
    if request.method == "POST" and form.is_valid():
        try:
            subscription = _create(request, form)
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            return redirect("subscriptions:subscription-detail", subscription.code)
    context = {"form": form, "customer_names": rows.customer_names("")}
    return render(request, "subscriptions/subscription_add.html", context)


def _asked_customer(request: HttpRequest) -> Customer | None:
    code = PrefillForm.codes(request.GET).get("customer")
    if code is None or request.method == "POST":
        return None
    return customer_for_staff(signed_in_user(request), code)


def _create(request: HttpRequest, form: SubscriptionForm) -> Subscription:
    data = form.cleaned_data
    return create_subscription(
        actor=signed_in_user(request),
        customer=data["customer"],
        server=data["server"],
        term_years=data["term_years"],
        prevalidation=data["prevalidation"],
        form_token=form.token,
        label=data["label"],
    )


@part_of_a_page
@staff_only(Permission.BUY)
@require_safe
def prevalidation_options(request: HttpRequest) -> HttpResponse:
    """Offer the pre-validations of the customer that is typed, as the field of the form."""
    form = SubscriptionForm(request.GET)
    return render(request, "subscriptions/_prevalidation_options.html", {"form": form, "is_fragment": True})


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def subscription_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show a subscription; while its page is open the CA is read for it once a minute."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    watch_subscription(subscription)
    return render(request, "subscriptions/subscription_detail.html", _context(request, subscription))


def _context(request: HttpRequest, subscription: Subscription) -> dict[str, Any]:
    user = signed_in_user(request)
    return {
        "subscription": subscription,
        "status": rows.subscription_status(subscription),
        "names": tables.show(_names(subscription), request),
        "clients": tables.show(tables.AcmeAccountTable(rows.acme_accounts_of(subscription)), request),
        "orders": rows.latest_orders_of(subscription),
        "activity": rows.subscription_activity(subscription),
        "findings": list(open_findings_of(subscription)),
        "charges_unread": why_charges_unread(subscription),
        "may_assign": user.may(Permission.SETTLE),
        "may_buy": user.may(Permission.BUY),
        "may_reveal": user.may(Permission.REVEAL_KEY),
    }


def _names(subscription: Subscription) -> tables.DomainTable:
    left_out = [] if subscription.server.needs_prevalidation else ["prevalidation"]
    return tables.DomainTable(rows.domains_of(subscription), exclude=left_out)


@part_of_a_page
@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def subscription_status(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give what a subscription's page shows, as long as it waits for the CA."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    watch_subscription(subscription)
    context = _context(request, subscription)
    return fragment(request, "subscriptions/_subscription_status.html", context, version=context["status"].version)
