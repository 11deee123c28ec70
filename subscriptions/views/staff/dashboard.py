"""The first page of reseller staff."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import signed_in_user, staff_only
from accounts.roles import Permission
from subscriptions.lists.tables import OrderTable
from subscriptions.selectors.costs import cost_overview
from subscriptions.selectors.dashboard import figures, latest_orders, tasks_for


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show what needs a person, the figures, the costs of twelve months, and the latest orders."""
    now, user = timezone.now(), signed_in_user(request)
    may_read_costs = user.may(Permission.READ_COSTS)
    latest = OrderTable(latest_orders(), orderable=False, exclude=[] if may_read_costs else ["total", "charged"])
    latest.paginate(per_page=len(latest.rows) or 1)
    context = {
        "tasks": tasks_for(user, now),
        "figures": figures(now),
        "costs": cost_overview(now) if may_read_costs else None,
        "latest": latest,
    }
    return render(request, "subscriptions/dashboard.html", context)
