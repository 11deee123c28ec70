"""What happened to a customer and its people, for its owners."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import customer_for_owner, signed_in_user
from subscriptions.lists.activity import OwnActivityForm
from subscriptions.selectors import activity


@login_required
@require_safe
def my_activity(request: HttpRequest, code: UUID) -> HttpResponse:
    """List what happened, newest first; where from is told of the customer's own people only."""
    customer = customer_for_owner(signed_in_user(request), code)
    form = OwnActivityForm(request.GET, customer=customer)
    page = activity.page_of(form.wanted, before=request.GET.get("before", "")) if form.is_valid() else None
    own_people = activity.own_people_among(customer, page.events) if page else set()
    context = {"form": form, "page": page, "customer": customer, "own_people": own_people}
    return render(request, "subscriptions/my_activity.html", context)
