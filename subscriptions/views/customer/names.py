"""The names of a subscription as its customer sees them: their list, and its file."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in_user
from subscriptions import access
from subscriptions.lists import exports
from subscriptions.lists.name_filters import OwnNameFilter
from subscriptions.models import Subscription
from subscriptions.selectors import customer as selectors
from subscriptions.services.subscriptions import watch_subscription
from subscriptions.views.listing import list_file, list_page


@login_required
@require_safe
def my_names(request: HttpRequest, code: UUID) -> HttpResponse:
    """List the names of one subscription; whoever opens the list has the CA read for it, once a minute."""
    subscription = access.subscription_for_customer(signed_in_user(request), code).subscription
    watch_subscription(subscription)
    selection = _listed(request, subscription)
    selectors.with_rows(selection.page.rows, timezone.now())
    return list_page(request, "subscriptions/my_names.html", selection, subscription=subscription)


def _listed(request: HttpRequest, subscription: Subscription) -> OwnNameFilter:
    return OwnNameFilter(request.GET, queryset=selectors.names_of(subscription))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_name_export(request: HttpRequest, code: UUID) -> StreamingHttpResponse | HttpResponse:
    """Give the names of the list, as it is searched, filtered and ordered, as a CSV file."""
    subscription = access.subscription_for_customer(signed_in_user(request), code).subscription
    list_url = reverse("subscriptions:my-names", args=[code])
    return list_file(request, _listed(request, subscription), exports.OWN_NAMES, list_url=list_url)
