"""Certificates of all customers: their list, the calendar of what ends, and the page of one name."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.roles import Permission
from subscriptions.access import domain_for_staff
from subscriptions.lists import exports
from subscriptions.lists.certificate_filters import CertificateFilter
from subscriptions.selectors import certificates as selectors
from subscriptions.selectors.calendar import ends_in, month_of
from subscriptions.selectors.served import served_row
from subscriptions.services.subscriptions import watch_subscription
from subscriptions.views.listing import list_file, list_page


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def certificate_list(request: HttpRequest) -> HttpResponse:
    """List the certificates of all names, those that end first in front."""
    selection = _listed(request)
    selectors.with_states(selection.page.rows, timezone.now())
    return list_page(request, "subscriptions/certificate_list.html", selection)


def _listed(request: HttpRequest) -> CertificateFilter:
    return CertificateFilter(request.GET, queryset=selectors.certificates())


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def certificate_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the certificates of the list, as it is searched, filtered and ordered, as a CSV file."""
    list_url = reverse("subscriptions:certificate-list")
    return list_file(request, _listed(request), exports.CERTIFICATES, list_url=list_url)


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def certificate_calendar(request: HttpRequest) -> HttpResponse:
    """Show what ends on each day of a month."""
    month = ends_in(month_of(request.GET.get("month", "")))
    return render(request, "subscriptions/certificate_calendar.html", {"month": month})


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def name_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show one name: its certificate, its last order, and what was issued before; whoever looks has the CA read."""
    user = signed_in_user(request)
    domain = domain_for_staff(user, code)
    watch_subscription(domain.subscription)
    now = timezone.now()
    context = {
        "domain": domain,
        "subscription": domain.subscription,
        "shown": selectors.certificate_of(domain, now),
        "served_row": served_row(domain, now),
        "may_look": user.may(Permission.BUY),
    }
    return render(request, "subscriptions/name_detail.html", context)
