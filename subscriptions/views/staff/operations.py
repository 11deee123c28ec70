"""The ledger: every call that was to change something at the CA, and the decisions people make about one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.models import User
from accounts.roles import Permission
from subscriptions.access import operation_for_staff, operations_for_staff
from subscriptions.forms.operations import CancelForm, SettleForm, TakeForm
from subscriptions.lists import exports
from subscriptions.lists.filters import OperationFilter
from subscriptions.models import Operation
from subscriptions.selectors import rows
from subscriptions.selectors.operations import (
    asked_price_of,
    baseline_of,
    decidable_from,
    facts_of,
    known_of,
    last_event_of,
    may_have_happened,
    order_of,
    readings_of,
    ways_out,
)
from subscriptions.selectors.waits import wait_of
from subscriptions.services import operations as services
from subscriptions.views.listing import CHOSEN, NOTHING_CHOSEN, chosen_codes, list_file, list_page

OF_ONE_ORDER = "Select lines of one order that need attention: those are decided together."


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def operation_list(request: HttpRequest) -> HttpResponse:
    """List operations."""
    return list_page(
        request, "subscriptions/operation_list.html", _listed(request), customer_names=rows.customer_names("")
    )


def _listed(request: HttpRequest) -> OperationFilter:
    return OperationFilter(request.GET, queryset=rows.operations())


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def operation_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the operations of the list, as it is searched, filtered and ordered, as a CSV file."""
    return list_file(request, _listed(request), exports.OPERATIONS, list_url=reverse("subscriptions:operation-list"))


@staff_only(Permission.SETTLE)
@require_POST
def operation_decide(request: HttpRequest) -> HttpResponse:
    """Lead from the operations that are selected in the list to a decision about them, as lines of one order."""
    codes = chosen_codes(request)
    order = order_of(operations_for_staff(signed_in_user(request), codes))
    if order is None:
        messages.warning(request, OF_ONE_ORDER if codes else NOTHING_CHOSEN)
        return redirect(reverse("subscriptions:operation-list", query=request.GET))
    return redirect(reverse("subscriptions:lines-decide", args=[order.code], query={CHOSEN: codes}))


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def operation_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show an operation's steps, the CA's own words, and, in attention, the evidence and the three ways out."""
    operation = operation_for_staff(signed_in_user(request), code)
    return _show(request, operation, CancelForm(), _settle_form(operation))


def _settle_form(operation: Operation, data: QueryDict | None = None) -> SettleForm:
    return SettleForm(data, operation=operation, ways=ways_out(operation))


def _show(
    request: HttpRequest, operation: Operation, cancel: CancelForm, settle: SettleForm, take: TakeForm | None = None
) -> HttpResponse:
    user = signed_in_user(request)
    decidable_at = decidable_from(operation)
    is_decidable = decidable_at is not None and decidable_at <= timezone.now()
    may_settle = user.may(Permission.SETTLE)
    context = {
        "operation": operation,
        "facts": facts_of(operation),
        "events": rows.events_of(operation),
        "known": known_of(operation),
        "readings": readings_of(operation),
        "baseline": baseline_of(operation),
        "cancel_form": cancel,
        "settle_form": settle,
        "take_form": take or TakeForm(),
        "may_cancel": operation.state == Operation.State.QUEUED and user.may(Permission.BUY),
        "may_settle": operation.state == Operation.State.ATTENTION and may_settle,
        "may_take": is_decidable and may_settle,
        "is_decidable": is_decidable,
        "wait": wait_of(operation, timezone.now()),
        "decidable_at": decidable_at,
        "may_have_happened": may_have_happened(operation),
    }
    return render(request, "subscriptions/operation_detail.html", context)


@staff_only(Permission.SETTLE)
@require_POST
def operation_take(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take an operation whose answer was lost to those that wait for a decision, without waiting for readings."""
    operation = operation_for_staff(signed_in_user(request), code)
    form = TakeForm(request.POST)
    if not form.is_valid():
        return _show(request, operation, CancelForm(), _settle_form(operation), form)
    try:
        services.take_to_attention(
            actor=signed_in_user(request), operation=operation, reason=form.cleaned_data["reason"]
        )
    except ServiceError as error:
        messages.error(request, error.message)
    return redirect("subscriptions:operation-detail", operation.code)


@staff_only(Permission.SETTLE)
@require_POST
def operation_settle(request: HttpRequest, code: UUID) -> HttpResponse:
    """Decide about an operation in attention."""
    operation = operation_for_staff(signed_in_user(request), code)
    form = _settle_form(operation, request.POST)
    if form.is_valid():
        try:
            _decide(signed_in_user(request), operation, form)
        except ServiceError as error:
            form.add_error(None, error.message)
            form.look_again(last_event_of(operation))
            if operation.state != Operation.State.ATTENTION:  # decided meanwhile: the form is gone with its errors
                messages.error(request, error.message)
        else:
            messages.success(request, "Your decision is recorded.")
            return redirect("subscriptions:operation-detail", operation.code)
    return _show(request, operation, CancelForm(), form)


def _decide(user: User, operation: Operation, form: SettleForm) -> None:
    data = form.cleaned_data
    found: dict[str, Any] = {}
    if data["decision"] == SettleForm.DONE:
        found = {"charge": form.chosen_charge()}
    elif data["decision"] == SettleForm.ACCEPT:
        found = {"asked": asked_price_of(operation)}
    ways: dict[str, Callable[..., None]] = {
        SettleForm.DONE: services.decide_done,
        SettleForm.SEND: services.decide_send,
        SettleForm.ACCEPT: services.accept_asked_price,
        SettleForm.CANCEL: services.decide_cancel,
    }
    about = {"operation": operation, "seen_event": data["seen_event"], "reason": data["reason"]}
    ways[data["decision"]](actor=user, **about, **found)


@staff_only(Permission.BUY)
@require_POST
def operation_cancel(request: HttpRequest, code: UUID) -> HttpResponse:
    """Cancel an operation that is still queued."""
    operation = operation_for_staff(signed_in_user(request), code)
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            services.cancel_operation(
                actor=signed_in_user(request), operation=operation, reason=form.cleaned_data["reason"]
            )
        except ServiceError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "Canceled: it is not sent.")
        return redirect("subscriptions:operation-detail", operation.code)
    return _show(request, operation, form, _settle_form(operation))
