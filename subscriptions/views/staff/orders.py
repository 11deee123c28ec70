"""Orders: their list, and the progress of one."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import signed_in_user, staff_only
from accounts.roles import Permission
from subscriptions.access import order_for_staff
from subscriptions.lists import tables
from subscriptions.lists.filters import OrderFilter
from subscriptions.models import Operation, Order
from subscriptions.selectors import buying, rows
from subscriptions.views.staff.polling import fragment, part_of_a_page

REFUSALS_SHOWN = 25


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """List orders."""
    selection = OrderFilter(request.GET, queryset=rows.orders())
    table = tables.show(tables.OrderTable(selection.qs), request)
    rows.with_counts(row.record for row in table.paginated_rows)
    return render(request, "subscriptions/order_list.html", {"filter": selection, "table": table})


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def order_detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show an order: its progress, and what became of each name."""
    order = order_for_staff(signed_in_user(request), code)
    return render(request, "subscriptions/order_detail.html", _context(request, order))


def _context(request: HttpRequest, order: Order) -> dict[str, Any]:
    lines = buying.order_lines(order)
    return {
        "order": order,
        "progress": buying.order_progress(order),
        "lines": tables.show(tables.OrderLineTable(lines), request),
        "refusals": lines.filter(state=Operation.State.REFUSED)[:REFUSALS_SHOWN],
        "may_buy": signed_in_user(request).may(Permission.BUY),
    }


@part_of_a_page
@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def order_progress(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give the part of an order's page that follows the work at the CA."""
    context = _context(request, order_for_staff(signed_in_user(request), code))
    return fragment(request, "subscriptions/_order_progress.html", context, version=context["progress"].version)
