"""What runs by itself."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.roles import Permission
from subscriptions.explain.schedule import away
from subscriptions.selectors.schedule import planned_tasks
from subscriptions.services.schedule import ask_for_run


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def schedule(request: HttpRequest) -> HttpResponse:
    """Show everything that runs by itself: its last run, and the next."""
    tasks = planned_tasks(timezone.now())
    missed = [task for task in tasks if task.is_missed]
    context = {
        "tasks": tasks,
        "missed": missed,
        "away": away(task.plan for task in missed),
        "may_run": signed_in_user(request).may(Permission.SETTLE),
    }
    return render(request, "subscriptions/schedule.html", context)


@staff_only(Permission.SETTLE)
@require_POST
def schedule_run(request: HttpRequest, name: str) -> HttpResponse:
    """Have one of it run now."""
    try:
        ask_for_run(actor=signed_in_user(request), name=name)
    except KeyError as error:
        raise Http404 from error
    messages.success(request, "A worker is asked to run it. Reload this page to see how it went.")
    return redirect("subscriptions:schedule")
