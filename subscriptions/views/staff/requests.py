"""What customers ask for: their list, one of them, and answers that need no order."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.access import request_for_staff
from subscriptions.explain.requests import next_for_staff
from subscriptions.forms.requests import AnswerForm
from subscriptions.lists import tables
from subscriptions.lists.request_filters import RequestFilter, RequestTable
from subscriptions.models import CustomerRequest
from subscriptions.selectors import requests as selectors
from subscriptions.services import requests as services
from subscriptions.views.staff.asking import doing_url
from subscriptions.views.staff.downloads import csv_download

REMOVALS_SHOWN = 20


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """List requests, those that wait for an answer first."""
    selection = RequestFilter(request.GET, queryset=selectors.requests())
    table = tables.show(RequestTable(selection.qs), request)
    return render(request, "subscriptions/request_list.html", {"filter": selection, "table": table})


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def request_export(request: HttpRequest) -> StreamingHttpResponse:
    """Give the requests of the list, as it is searched and filtered, as a CSV file."""
    selection = RequestFilter(request.GET, queryset=selectors.requests())
    return csv_download("requests.csv", selectors.CSV_HEADING, selectors.request_cells(selection.qs))


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def request_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show what a customer asks for, what was done about it, and the ways to answer."""
    return _show(request, request_for_staff(signed_in_user(request), code), AnswerForm())


def _show(request: HttpRequest, asked: CustomerRequest, form: AnswerForm) -> HttpResponse:
    quote = selectors.newest_quote(asked)
    context = {
        "asked": asked,
        "next": next_for_staff(asked),
        "form": form,
        "may_answer": asked.is_unanswered and signed_in_user(request).may(Permission.BUY),
        "turn_url": doing_url(asked),
        "quote": quote,
        "order": getattr(quote, "order", None),
        "removals": asked.operations.filter(order=None).order_by("pk")[:REMOVALS_SHOWN],
        "steps": selectors.steps_of_request(asked),
    }
    return render(request, "subscriptions/request_detail.html", context)


@staff_only(Permission.BUY)
@require_POST
def request_answer(request: HttpRequest, code: UUID) -> HttpResponse:
    """Decline a request, or say that it was done another way: with words that the customer reads."""
    user = signed_in_user(request)
    asked = request_for_staff(user, code)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _show(request, asked, form)
    answer = services.mark_done if request.POST.get("answer") == "done" else services.decline
    try:
        answer(actor=user, asked=asked, reason=form.cleaned_data["reason"])
    except ServiceError as error:
        messages.error(request, error.message)  # the form is gone with its errors where there is nothing to answer
    else:
        messages.success(request, f"{asked.get_state_display()}. The customer is told by mail.")
    return redirect("subscriptions:request-detail", asked.code)
