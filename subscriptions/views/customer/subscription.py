"""A subscription as its customer sees it: the guide, the credentials, the names."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import signed_in_user
from accounts.recent import recent_sign_in_required
from accounts.roles import Permission
from accounts.session_limits import poll
from subscriptions import access
from subscriptions.access import CustomerView
from subscriptions.explain.first_steps import announcement, guide_steps
from subscriptions.lists.tables import AcmeAccountTable, show
from subscriptions.models import CustomerRequest, Subscription
from subscriptions.selectors import customer as selectors
from subscriptions.selectors.account_states import clients_of
from subscriptions.selectors.customer_organizations import organizations_of_subscription
from subscriptions.selectors.requests import requests_under_way, why_not_askable
from subscriptions.services import subscriptions as services
from subscriptions.views.customer.account import account_callouts

NAMES_PER_PAGE = 50
REQUESTS_SHOWN = 5
KEY_HELP = "Shown now only: leave this page and it is hidden again. This reveal was recorded."
KEY_HINT = "You may be asked to sign in again. Each reveal is recorded."


@login_required
@require_safe
def my_subscription(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show one subscription; while its page is open, the CA is read for it."""
    view = access.subscription_for_customer(signed_in_user(request), code)
    services.watch_subscription(view.subscription)
    return render(request, "subscriptions/my_subscription.html", _page(request, view))


@poll
@login_required
@require_safe
def my_subscription_status(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give the part of the page that changes by itself; asked for again while there is something to wait for."""
    view = access.subscription_for_customer(signed_in_user(request), code)
    services.watch_subscription(view.subscription)
    if "creating" in request.GET and view.subscription.state != Subscription.State.CREATING:
        return HttpResponseClientRefresh()
    return render(request, "subscriptions/_my_subscription_status.html", _status(request, view))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_key_reveal(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show the page with the EAB HMAC key, in the answer to a POST; the key is never behind a redirect."""
    view = access.subscription_for_customer(signed_in_user(request), code)
    view.require(Permission.REVEAL_KEY)
    if request.method != "POST" or not hasattr(view.subscription, "binding"):
        return redirect("subscriptions:my-subscription", code=code)
    return _reveal(request, view)


@recent_sign_in_required
def _reveal(request: HttpRequest, view: CustomerView) -> HttpResponse:
    hmac_key = services.reveal_hmac_key(actor=signed_in_user(request), subscription=view.subscription)
    context = _page(request, view) | {"hmac_key": hmac_key, "key_help": KEY_HELP}
    return render(request, "subscriptions/my_subscription.html", context)


def _page(request: HttpRequest, view: CustomerView) -> dict[str, Any]:
    subscription = view.subscription
    server, customer = str(subscription.server), str(subscription.customer)
    return _status(request, view) | {
        "subtitle": customer if subscription.title == server else f"{server} · {customer}",
        "organizations": organizations_of_subscription(subscription, access.subscriptions_of(signed_in_user(request))),
        "binding": getattr(subscription, "binding", None),
        "may_reveal": view.may(Permission.REVEAL_KEY),
        "key_hint": KEY_HINT,
        "reveals": list(selectors.reveals_of(subscription)),
        "clients": _clients(request, view),
    }


def _clients(request: HttpRequest, view: CustomerView) -> Any:
    """Give the registered clients; where they come from is for those who may see the key as well."""
    left_out = ["actions"] if view.may(Permission.SEE_ADDRESSES) else ["actions", "ip_address"]
    return show(AcmeAccountTable(clients_of(view.subscription), exclude=left_out), request)


def _status(request: HttpRequest, view: CustomerView) -> dict[str, Any]:
    now, subscription = timezone.now(), view.subscription
    search = request.GET.get("q", "").strip()
    page = Paginator(selectors.names_of(subscription, search), NAMES_PER_PAGE).get_page(request.GET.get("page"))
    progress = selectors.progress_of(subscription)
    rows = selectors.name_rows(page, now)
    setup_url = reverse("subscriptions:my-setup", args=[subscription.code])
    steps = guide_steps(progress, setup_url=setup_url) if progress.is_on_the_way else []
    return {
        "subscription": subscription,
        "may_ask": view.may(Permission.ASK) and subscription.creation == Subscription.Creation.CREATED,
        "why_no_extension": why_not_askable(subscription, CustomerRequest.Kind.EXTENSION, now),
        "requests": list(requests_under_way(subscription)[:REQUESTS_SHOWN]),
        "health": selectors.health_of(subscription, now),
        **account_callouts(subscription),
        "progress": progress,
        "steps": steps,
        "announcement": announcement(steps),
        "poll_url": _poll_url(subscription, search, page.number),
        "search": search,
        "page": page,
        "rows": rows,
        "has_wildcards": any(row.domain.is_wildcard for row in rows),
    }


def _poll_url(subscription: Subscription, search: str, page: int) -> str:
    query: dict[str, str | int] = {"q": search} if search else {}
    if page > 1:
        query["page"] = page
    if subscription.state == Subscription.State.CREATING:
        query["creating"] = "yes"
    url = reverse("subscriptions:my-subscription-status", args=[subscription.code])
    return f"{url}?{urlencode(query)}" if query else url
