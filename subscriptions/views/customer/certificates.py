"""Certificates as a customer's people see them: all of theirs, and the page of one name."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in_user
from accounts.roles import Permission
from subscriptions import access
from subscriptions.lists import exports
from subscriptions.lists.certificate_filters import OwnCertificateFilter
from subscriptions.selectors import certificates as selectors
from subscriptions.selectors.served import served_row
from subscriptions.services.subscriptions import watch_subscription
from subscriptions.views.listing import list_file, list_page


@login_required
@require_safe
def my_certificate_list(request: HttpRequest) -> HttpResponse:
    """List the certificates of the subscriptions that the person sees, those that end first in front."""
    selection = _listed(request)
    selectors.with_states(selection.page.rows, timezone.now())
    shows_customer = access.customers_of(signed_in_user(request)).count() > 1
    return list_page(request, "subscriptions/my_certificate_list.html", selection, shows_customer=shows_customer)


def _listed(request: HttpRequest) -> OwnCertificateFilter:
    seen = access.subscriptions_of(signed_in_user(request))
    return OwnCertificateFilter(request.GET, queryset=selectors.certificates_of(seen))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_certificate_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the certificates of the list, as it is searched, filtered and ordered, as a CSV file."""
    list_url = reverse("subscriptions:my-certificate-list")
    return list_file(request, _listed(request), exports.CERTIFICATES, list_url=list_url)


@login_required
@require_safe
def my_name(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show one name: its certificate, its last order, and what was issued before; whoever looks has the CA read."""
    domain, view = access.domain_for_customer(signed_in_user(request), code)
    watch_subscription(view.subscription)
    now = timezone.now()
    context = {
        "domain": domain,
        "subscription": view.subscription,
        "shown": selectors.certificate_of(domain, now),
        "served_row": served_row(domain, now),
        "may_look": view.may(Permission.ASK),
    }
    return render(request, "subscriptions/my_name.html", context)
