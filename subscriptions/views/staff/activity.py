"""The audit trail, for reseller admins and auditors."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import staff_only
from accounts.roles import Permission
from portal.csv_files import csv_download
from subscriptions.lists.activity import ActivityForm
from subscriptions.selectors import activity

HEADING = (
    "When ({zone})",
    "What happened",
    "Changes",
    "Person",
    "E-mail address",
    "Customer",
    "About",
    "IP address",
    "User agent",
)


@staff_only(Permission.READ_ACTIVITY)
@require_safe
def activity_list(request: HttpRequest) -> HttpResponse:
    """List who did what, newest first; `before` is the code of the event behind which the page begins."""
    form = ActivityForm(request.GET)
    page = activity.page_of(form.wanted, before=request.GET.get("before", "")) if form.is_valid() else None
    return render(request, "subscriptions/activity_list.html", {"form": form, "page": page, "is_staff_page": True})


@staff_only(Permission.READ_ACTIVITY)
@require_safe
def activity_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the events that are looked for as a CSV file, newest first."""
    form = ActivityForm(request.GET)
    if not form.is_valid():  # the list says at which field
        return redirect(reverse("subscriptions:activity-list", query=request.GET))
    return csv_download("activity.csv", HEADING, activity.rows_for_file(form.wanted))
