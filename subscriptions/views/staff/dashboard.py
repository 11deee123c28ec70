"""The first page of reseller staff."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from subscriptions.lists.tables import OrderTable
from subscriptions.selectors.costs import cost_overview
from subscriptions.selectors.dashboard import figures, latest_orders
from subscriptions.selectors.person_tasks import facts_seen_by, tasks_for
from subscriptions.services.seen_tasks import mark_seen, show_again


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show what needs a person, the figures, the costs of twelve months, and the latest orders."""
    now, user = timezone.now(), signed_in_user(request)
    may_read_costs = user.may(Permission.READ_COSTS)
    latest = OrderTable(
        latest_orders(), orderable=False, exclude=["choose"] if may_read_costs else ["choose", "total", "charged"]
    )
    latest.paginate(per_page=len(latest.rows) or 1)
    tasks, seen = tasks_for(user, now), facts_seen_by(user)
    context = {
        "tasks": [task for task in tasks if not task.is_seen(seen.get(task.name))],
        "seen_tasks": [task for task in tasks if task.is_seen(seen.get(task.name))],
        "figures": figures(now),
        "costs": cost_overview(now) if may_read_costs else None,
        "latest": latest,
    }
    return render(request, "subscriptions/dashboard.html", context)


@staff_only(Permission.READ_STAFF_PAGES)
@require_POST
def task_seen(request: HttpRequest, name: str) -> HttpResponse:
    """Mark a task as seen, for who asks."""
    try:
        mark_seen(actor=signed_in_user(request), name=name, version=request.POST.get("version", ""))
    except ServiceError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "Marked as seen, for you. It comes back when something about it changes.")
    return redirect("subscriptions:dashboard")


@staff_only(Permission.READ_STAFF_PAGES)
@require_POST
def task_unseen(request: HttpRequest, name: str) -> HttpResponse:
    """Show a task again that was marked as seen."""
    show_again(actor=signed_in_user(request), name=name)
    return redirect("subscriptions:dashboard")
