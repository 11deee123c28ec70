"""What happened to a customer and its people, for its owners."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import customer_for_owner, signed_in_user
from portal.csv_files import csv_download
from subscriptions import access
from subscriptions.lists.activity import OwnActivityForm
from subscriptions.selectors import activity
from subscriptions.selectors.activity_subjects import with_own_subjects
from subscriptions.views.listing import activity_page, with_address

HEADING = ("When ({zone})", "What happened", "Person", "IP address")


@login_required
@require_safe
def my_activity(request: HttpRequest, code: UUID) -> HttpResponse:
    """List what happened, newest first; where from is told of the customer's own people only."""
    customer = customer_for_owner(signed_in_user(request), code)
    form = OwnActivityForm(request.GET, customer=customer)
    page, jump_form = activity_page(request, form)
    own_people = activity.own_people_among(customer, page.events) if page else set()
    if page:
        with_own_subjects(page.events, access.subscriptions_of(signed_in_user(request)))
    context = {"form": form, "page": page, "jump_form": jump_form, "customer": customer, "own_people": own_people}
    return with_address(request, render(request, "subscriptions/my_activity.html", context))


@login_required
@require_safe
def my_activity_export(request: HttpRequest, code: UUID) -> StreamingHttpResponse | HttpResponse:
    """Give what is looked for as a CSV file, newest first, as the page shows it."""
    customer = customer_for_owner(signed_in_user(request), code)
    form = OwnActivityForm(request.GET, customer=customer)
    if not form.is_valid():  # the list says at which field
        return redirect(reverse("subscriptions:my-activity", args=[code], query=request.GET))
    return csv_download("activity.csv", HEADING, activity.rows_for_customer(customer, form.wanted))
