"""One field that finds customers, people, subscriptions, names, requests, key IDs and numbers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import signed_in_user, staff_only
from accounts.roles import Permission
from subscriptions.selectors.search import MOST_TYPED, search_as_staff


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what was found; the one thing whose whole text was typed is gone to at once."""
    typed = request.GET.get("q", "").strip()[:MOST_TYPED]
    user = signed_in_user(request)
    results = search_as_staff(
        typed, sees_unassigned=user.may(Permission.SETTLE), manages_staff=user.may(Permission.MANAGE_STAFF)
    )
    if results.only is not None:
        return redirect(results.only.url)
    return render(request, "subscriptions/search.html", {"typed": typed, "results": results})
