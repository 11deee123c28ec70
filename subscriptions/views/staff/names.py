"""The names of a subscription: their list, those removed, and taking some out."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from accounts.session_limits import poll
from subscriptions.access import subscription_for_staff
from subscriptions.forms.removals import RemovalForm
from subscriptions.lists import exports
from subscriptions.lists.name_filters import NameFilter, RemovedNameFilter
from subscriptions.models import CustomerRequest, Subscription
from subscriptions.selectors import name_rows, removals
from subscriptions.selectors.replacements import replacements_of
from subscriptions.selectors.terms import why_no_name_can_be_added
from subscriptions.services.names import remove_names
from subscriptions.services.subscriptions import watch_subscription
from subscriptions.views.listing import list_file, list_page
from subscriptions.views.staff.asking import request_in
from subscriptions.views.staff.polling import reload_when_changed


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def name_list(request: HttpRequest, code: UUID) -> HttpResponse:
    """List the names of a subscription; while its page is open the CA is read for it once a minute."""
    user = signed_in_user(request)
    subscription = subscription_for_staff(user, code)
    watch_subscription(subscription)
    now, may_buy = timezone.now(), user.may(Permission.BUY)
    why_not = removals.why_not_removable(subscription, now)
    may_remove = may_buy and not why_not
    selection = NameFilter(request.GET, subscription=subscription)
    name_rows.with_work(selection.page.rows)
    context = {
        "subscription": subscription,
        "work": name_rows.name_work(subscription),
        "may_remove": may_remove,
        "why_not": why_not,
        "may_buy": may_buy,
        "may_add": may_buy and not why_no_name_can_be_added(subscription, now),
        "replacements": replacements_of(subscription),
    }
    left_out = _left_out(subscription, may_remove=may_remove)
    return list_page(request, "subscriptions/name_list.html", selection, exclude=left_out, **context)


@poll
@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def name_status(request: HttpRequest, code: UUID) -> HttpResponse:
    """Have the list of names load itself again once something under way has changed."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    work = name_rows.name_work(subscription)
    return reload_when_changed(request, version=work.version)


def _left_out(subscription: Subscription, *, may_remove: bool) -> tuple[str, ...]:
    left_out = () if subscription.server.needs_prevalidation else ("prevalidation",)
    return left_out if may_remove else (*left_out, "actions")


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def name_export(request: HttpRequest, code: UUID) -> StreamingHttpResponse | HttpResponse:
    """Give the names of the list, as it is searched, filtered and ordered, as a CSV file."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    selection = NameFilter(request.GET, subscription=subscription)
    list_url = reverse("subscriptions:name-list", args=[code])
    return list_file(request, selection, exports.NAMES, list_url=list_url, chosen="name")


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def name_history(request: HttpRequest, code: UUID) -> HttpResponse:
    """List the names that a subscription had."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    selection = RemovedNameFilter(request.GET, queryset=name_rows.names_removed(subscription))
    return list_page(request, "subscriptions/name_history.html", selection, subscription=subscription)


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def name_history_export(request: HttpRequest, code: UUID) -> StreamingHttpResponse | HttpResponse:
    """Give the removed names of the list, as it is searched, filtered and ordered, as a CSV file."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    selection = RemovedNameFilter(request.GET, queryset=name_rows.names_removed(subscription))
    list_url = reverse("subscriptions:name-history", args=[code])
    return list_file(request, selection, exports.REMOVED_NAMES, list_url=list_url)


@staff_only(Permission.BUY)
@require_http_methods(["GET", "POST"])
def name_remove(request: HttpRequest, code: UUID) -> HttpResponse:
    """Tell what taking out the chosen names does, and do it: what is confirmed is what the page told."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    asked = request_in(request, subscription, CustomerRequest.Kind.REMOVAL)
    form = RemovalForm(request.POST if request.method == "POST" else request.GET)
    codes = form.codes
    if asked is not None and request.method == "GET":
        codes = list(subscription.domains.present().filter(name__in=asked.names).values_list("code", flat=True))
    removal = removals.removal_of(subscription, codes, timezone.now())
    if request.method == "POST":
        try:
            form.check_seen(removal.version)
            domains = [one.domain for one in removal.leaving]
            remove_names(actor=signed_in_user(request), domains=domains, asked_for=asked)
        except ServiceError as error:
            form.problem = error.message
        else:
            messages.success(request, _told(removal))
            return redirect("subscriptions:name-list", subscription.code)
    context: dict[str, Any] = {"subscription": subscription, "removal": removal, "form": form, "asked": asked}
    return render(request, "subscriptions/name_remove.html", context)


def _told(removal: removals.Removal) -> str:
    names = "The name is" if removal.names == 1 else f"{removal.names} names are"
    back = " What it gives back is shown once it lists that." if removal.may_bring_back else ""
    return f"{names} being removed at the CA.{back}"
