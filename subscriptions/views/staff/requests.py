"""What customers ask for: their list, one of them, and answers that need no order."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.access import request_for_staff
from subscriptions.explain.requests import next_for_staff
from subscriptions.forms.requests import AnswerForm
from subscriptions.lists import exports
from subscriptions.lists.request_filters import RequestFilter
from subscriptions.models import CustomerRequest
from subscriptions.selectors import requests as selectors
from subscriptions.services import requests as services
from subscriptions.views.listing import list_file, list_page
from subscriptions.views.staff.asking import doing_url

REMOVALS_SHOWN = 20


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """List requests, those that wait for an answer first."""
    return list_page(request, "subscriptions/request_list.html", _listed(request))


def _listed(request: HttpRequest) -> RequestFilter:
    return RequestFilter(request.GET, queryset=selectors.requests())


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def request_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the requests of the list, as it is searched, filtered and ordered, as a CSV file."""
    return list_file(request, _listed(request), exports.REQUESTS, list_url=reverse("subscriptions:request-list"))


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
