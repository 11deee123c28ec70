"""The audit trail, for reseller admins and auditors."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import signed_in_user, staff_only
from accounts.roles import Permission
from portal.csv_files import csv_download
from subscriptions.lists.activity import ActivityForm
from subscriptions.selectors import activity
from subscriptions.selectors.activity_subjects import with_subjects
from subscriptions.views.listing import activity_page, with_address

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
    "Amount",
)


@staff_only(Permission.READ_ACTIVITY)
@require_safe
def activity_list(request: HttpRequest) -> HttpResponse:
    """List who did what, newest first, with the pages and the amounts that it is about."""
    form = ActivityForm(request.GET)
    page, jump_form = activity_page(request, form)
    if page:
        with_subjects(page.events)
    context = {"form": form, "page": page, "jump_form": jump_form, "is_staff_page": True}
    context["shows_amounts"] = signed_in_user(request).may(Permission.READ_COSTS)
    return with_address(request, render(request, "subscriptions/activity_list.html", context))


@staff_only(Permission.READ_ACTIVITY)
@require_safe
def activity_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the events that are looked for as a CSV file, newest first."""
    form = ActivityForm(request.GET)
    if not form.is_valid():  # the list says at which field
        return redirect(reverse("subscriptions:activity-list", query=request.GET))
    return csv_download("activity.csv", HEADING, activity.rows_for_file(form.wanted))
