"""The organizations of a customer: until when they are validated, and what is expected of the customer."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import signed_in_user
from subscriptions import access
from subscriptions.selectors.customer_organizations import organization_rows, shown_organizations

PER_PAGE = 25


@login_required
@require_safe
def my_organizations(request: HttpRequest) -> HttpResponse:
    """Show the organizations of the customers the person belongs to."""
    user = signed_in_user(request)
    shown = shown_organizations(access.prevalidations_of(user), access.subscriptions_of(user))
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": organization_rows(page),
        "shows_customer": access.customers_of(user).count() > 1,
    }
    return render(request, "subscriptions/my_organizations.html", context)
