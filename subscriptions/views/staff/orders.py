"""Orders: their list, and the progress of one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.models import User
from accounts.roles import Permission
from accounts.session_limits import poll
from subscriptions.access import order_for_staff
from subscriptions.forms.operations import LinesForm, seen_of
from subscriptions.lists import exports, tables
from subscriptions.lists.filters import OrderFilter
from subscriptions.models import Operation, Order
from subscriptions.rules.written_names import written_list
from subscriptions.selectors import buying, rows
from subscriptions.selectors.operations import lines_to_decide
from subscriptions.services import operations as services
from subscriptions.views.listing import chosen_codes, list_file, list_page
from subscriptions.views.staff.asking import asking_url
from subscriptions.views.staff.polling import fragment

REFUSALS_SHOWN = 25
WAITING_SHOWN = 25
NAMES_TOLD = 10


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """List orders."""
    selection = _listed(request)
    rows.with_counts(selection.page.rows)
    return list_page(request, "subscriptions/order_list.html", selection)


def _listed(request: HttpRequest) -> OrderFilter:
    return OrderFilter(request.GET, queryset=rows.orders())


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def order_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the orders of the list, as it is searched, filtered and ordered, as a CSV file."""
    return list_file(request, _listed(request), exports.ORDERS, list_url=reverse("subscriptions:order-list"))


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def order_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show an order: its progress, and what became of each name."""
    order = order_for_staff(signed_in_user(request), code)
    return render(request, "subscriptions/order_detail.html", _context(request, order))


def _context(request: HttpRequest, order: Order, form: LinesForm | None = None) -> dict[str, Any]:
    lines, user = buying.order_lines(order), signed_in_user(request)
    progress = buying.order_progress(order)
    waiting = lines_to_decide(order) if progress.attention else None
    refusals = lines.filter(state=Operation.State.REFUSED)[:REFUSALS_SHOWN]
    asked = asking_url([refused.quote_line for refused in refusals if refused.quote_line is not None])
    return {
        "order": order,
        "progress": progress,
        "lines": tables.show(tables.OrderLineTable(lines), request),
        "refusals": refusals,
        "again_url": f"{asked}?order={order.code}" if asked else "",
        "may_buy": user.may(Permission.BUY),
        "decide_url": reverse("subscriptions:order-decide", args=[order.code]),
        "waiting": waiting,
        "waiting_shown": waiting.lines[:WAITING_SHOWN] if waiting else [],
        "seen": seen_of(waiting.lines) if waiting else "",
        "lines_form": form or LinesForm(),
        "may_settle": user.may(Permission.SETTLE),
    }


@staff_only(Permission.SETTLE)
@require_POST
def order_decide(request: HttpRequest, code: UUID) -> HttpResponse:
    """Decide about all lines of an order that wait for it."""
    user = signed_in_user(request)
    order = order_for_staff(user, code)
    form = LinesForm(request.POST)
    if form.is_valid():
        return _decide(request, user, order, form.cleaned_data)
    return render(request, "subscriptions/order_detail.html", _context(request, order, form))


@staff_only(Permission.SETTLE)
@require_http_methods(["GET", "HEAD", "POST"])
def lines_decide(request: HttpRequest, code: UUID) -> HttpResponse:
    """Decide about those lines of an order that were selected in a list."""
    user = signed_in_user(request)
    order = order_for_staff(user, code)
    form = LinesForm(request.POST) if request.method == "POST" else LinesForm()
    if form.is_valid():
        return _decide(request, user, order, form.cleaned_data)
    return render(request, "subscriptions/lines_decide.html", _chosen(request, order, form))


def _chosen(request: HttpRequest, order: Order, form: LinesForm) -> dict[str, Any]:
    codes = chosen_codes(request)
    waiting = lines_to_decide(order).among(codes)
    return {
        "order": order,
        "waiting": waiting,
        "waiting_shown": waiting.lines[:WAITING_SHOWN],
        "chosen": codes,
        "decide_url": reverse("subscriptions:lines-decide", args=[order.code]),
        "seen": seen_of(waiting.lines),
        "lines_form": form,
        "may_settle": True,
    }


def _decide(request: HttpRequest, user: User, order: Order, data: dict[str, Any]) -> HttpResponse:
    is_to_send = data["decision"] == LinesForm.SEND
    result = services.decide_lines(
        actor=user, order=order, is_to_send=is_to_send, seen=data["seen"], reason=data["reason"]
    )
    _tell(request, result, "to be sent" if is_to_send else "canceled")
    return redirect("subscriptions:order-detail", order.code)


def _tell(request: HttpRequest, result: services.DecidedLines, what: str) -> None:
    if result.decided:
        lines = "1 line is" if result.decided == 1 else f"{result.decided} lines are"
        messages.success(request, f"{lines} {what}.")
    if result.left:
        names = written_list(result.left[:NAMES_TOLD]) + (" and more" if len(result.left) > NAMES_TOLD else "")
        messages.warning(
            request, f"Left as they are, because something happened to them since this page was opened: {names}."
        )
    if not result.decided and not result.left:
        messages.warning(request, "There was nothing left to decide. Nothing was changed.")


@poll
@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def order_progress(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give the part of an order's page that follows the work at the CA."""
    context = _context(request, order_for_staff(signed_in_user(request), code))
    return fragment(request, "subscriptions/_order_progress.html", context, version=context["progress"].version)
