"""The CA's ACME servers, and the connection to the CA."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.lists import exports
from subscriptions.lists.server_filters import ServerFilter
from subscriptions.selectors import connection as selectors
from subscriptions.services.operations import reopen_gate
from subscriptions.services.servers import request_server_list
from subscriptions.views.listing import list_file, list_page


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def server_list(request: HttpRequest) -> HttpResponse:
    """List the CA's ACME servers, and show how the connection to the CA is."""
    user = signed_in_user(request)
    return list_page(
        request,
        "subscriptions/server_list.html",
        _servers(request),
        has_closed_server=selectors.closed_servers().exists(),
        gate=selectors.gate(),
        may_refresh=user.may(Permission.BUY),
        may_reopen=user.may(Permission.SETTLE),
    )


def _servers(request: HttpRequest) -> ServerFilter:
    return ServerFilter(request.GET, queryset=selectors.servers())


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def server_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the servers of the list, as it is searched, filtered and ordered, as a CSV file."""
    return list_file(request, _servers(request), exports.SERVERS, list_url=reverse("subscriptions:server-list"))


@staff_only(Permission.BUY)
@require_POST
def server_refresh(request: HttpRequest) -> HttpResponse:
    """Have the CA asked for its ACME servers."""
    request_server_list(actor=signed_in_user(request))
    messages.success(request, "The CA is being asked for its ACME servers. Reload this page to see its answer.")
    return redirect("subscriptions:server-list")


@staff_only(Permission.SETTLE)
@require_http_methods(["GET", "POST"])
def gate_reopen(request: HttpRequest) -> HttpResponse:
    """Reopen the connection to the CA after saying what that does."""
    if request.method == "POST":
        _reopen(request)
        return redirect("subscriptions:server-list")
    context = {
        "gate": selectors.gate(),
        "closed_servers": selectors.closed_servers(),
        "held_kinds": selectors.held_kinds(timezone.now()),
    }
    return render(request, "subscriptions/gate_reopen.html", context)


def _reopen(request: HttpRequest) -> None:
    try:
        still_held = reopen_gate(actor=signed_in_user(request))
    except ServiceError as error:
        messages.error(request, error.message)
        return
    if still_held:
        messages.success(request, "Reopened for reading. The CA is compared with this database before work goes on.")
    else:
        messages.success(request, "Reopened. One harmless call goes first; queued work follows if it is answered.")
