"""One field that finds a customer's own subscriptions, names, requests, people, key IDs and order numbers."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import customers_owned_by, signed_in_user
from subscriptions import access
from subscriptions.selectors.search import MOST_TYPED, search_as_customer


@login_required
@require_safe
def my_search(request: HttpRequest) -> HttpResponse:
    """Show what was found; the one thing whose whole text was typed is gone to at once."""
    user, typed = signed_in_user(request), request.GET.get("q", "").strip()[:MOST_TYPED]
    results = search_as_customer(
        typed,
        access.subscriptions_of(user),
        access.prevalidations_of(user),
        access.requests_of(user),
        customers_owned_by(user),
    )
    if results.only is not None:
        return redirect(results.only.url)
    return render(request, "subscriptions/my_search.html", {"typed": typed, "results": results})
