"""Subscriptions: their list, a new ACME account, and the page that follows one from its making to its names."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import customer_for_staff, signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.models import Customer
from accounts.roles import Permission
from accounts.session_limits import poll
from subscriptions.access import subscription_for_staff
from subscriptions.explain.first_steps import steps_of_a_new_account
from subscriptions.forms.domains import PrefillForm
from subscriptions.forms.subscriptions import NewAccountForm, SubscriptionForm, chosen_in
from subscriptions.lists import exports, tables
from subscriptions.lists.filters import SubscriptionFilter
from subscriptions.models import Subscription
from subscriptions.selectors import account_states, name_rows, rows
from subscriptions.selectors.anchor_moves import moving_of
from subscriptions.selectors.findings import open_findings_of, why_charges_unread
from subscriptions.selectors.hand_over import hand_overs
from subscriptions.selectors.prevalidation_warnings import ending_of_subscription
from subscriptions.selectors.removals import why_not_removable
from subscriptions.selectors.replacements import replacements_of
from subscriptions.selectors.requests import requests_under_way
from subscriptions.selectors.subscription_activity import activity_of_subscription
from subscriptions.selectors.visibility import visibility
from subscriptions.selectors.workflow import workflow_of
from subscriptions.services.subscriptions import create_subscription, create_with_customer, watch_subscription
from subscriptions.views.listing import list_file, list_page
from subscriptions.views.staff.polling import fragment

REQUESTS_SHOWN = 5  # of those under way about one subscription


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def subscription_list(request: HttpRequest) -> HttpResponse:
    """List subscriptions."""
    return list_page(request, "subscriptions/subscription_list.html", _listed(request), visibility=visibility())


def _listed(request: HttpRequest) -> SubscriptionFilter:
    return SubscriptionFilter(request.GET, queryset=rows.subscriptions())


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def subscription_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the subscriptions of the list, as it is searched, filtered and ordered, as a CSV file."""
    return list_file(
        request, _listed(request), exports.SUBSCRIPTIONS, list_url=reverse("subscriptions:subscription-list")
    )


@staff_only(Permission.BUY)
@require_http_methods(["GET", "POST"])
def subscription_add(request: HttpRequest) -> HttpResponse:
    """Create an ACME account at the CA, which costs nothing, and go to its subscription; a new customer comes with it.

    What was chosen can stand in the address.
    """
    form = NewAccountForm(request.POST or None, customer=_asked_customer(request), initial=chosen_in(request.GET))
    if request.method == "POST" and form.is_valid():
        try:
            subscription = _create(request, form)
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            return redirect("subscriptions:subscription-detail", subscription.code)
    context = {
        "form": form,
        "customer_names": rows.customer_names(""),
        "steps": steps_of_a_new_account(needs_prevalidation=False),
        "steps_with_prevalidation": steps_of_a_new_account(needs_prevalidation=True),
    }
    return render(request, "subscriptions/subscription_add.html", context)


def _asked_customer(request: HttpRequest) -> Customer | None:
    code = PrefillForm.codes(request.GET).get("customer")
    if code is None or request.method == "POST":
        return None
    return customer_for_staff(signed_in_user(request), code)


def _create(request: HttpRequest, form: NewAccountForm) -> Subscription:
    data, actor = form.cleaned_data, signed_in_user(request)
    account = {name: data[name] for name in ("server", "term_years", "prevalidation", "label")}
    if form.is_for_new:
        new = {"name": data["customer"], "contact_email": data["contact_email"]}
        return create_with_customer(actor=actor, form_token=form.token, **new, **account)
    return create_subscription(actor=actor, customer=data["customer"], form_token=form.token, **account)


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
        "names": _names(request, subscription),
        "clients": tables.show(tables.AcmeAccountTable(account_states.clients_of(subscription)), request),
        "last_change": account_states.last_change_of(subscription),
        "orders": rows.latest_orders_of(subscription),
        "requests": requests_under_way(subscription)[:REQUESTS_SHOWN],
        "replacements": replacements_of(subscription),
        "activity": activity_of_subscription(subscription),
        "findings": list(open_findings_of(subscription)),
        "charges_unread": why_charges_unread(subscription),
        "steps": workflow_of(subscription, user),
        "plan": hand_overs([subscription])[0] if subscription.hand_over_pending_since else None,
        "moving": moving_of(subscription),
        "endings": ending_of_subscription(subscription, timezone.now()),
        "may_assign": user.may(Permission.SETTLE),
        "may_buy": user.may(Permission.BUY),
        "may_write": user.may(Permission.WRITE_CUSTOMERS),
        "may_reveal": user.may(Permission.REVEAL_KEY),
    }


def _names(request: HttpRequest, subscription: Subscription) -> tables.DomainTable:
    may_act = signed_in_user(request).may(Permission.BUY) and not why_not_removable(subscription, timezone.now())
    left_out = [] if subscription.server.needs_prevalidation else ["prevalidation"]
    left_out += [] if may_act else ["actions"]
    table = tables.DomainTable(name_rows.names_listed(subscription), exclude=left_out)
    tables.show(table, request)
    name_rows.with_work(row.record for row in table.paginated_rows)
    return table


@poll
@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def subscription_status(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give what a subscription's page shows, as long as it waits for the CA."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    watch_subscription(subscription)
    context = _context(request, subscription)
    return fragment(request, "subscriptions/_subscription_status.html", context, version=context["status"].version)
