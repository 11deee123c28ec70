"""The customer's home: a card for each subscription."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import signed_in_user
from subscriptions import access
from subscriptions.selectors import customer as selectors

CARDS_PER_PAGE = 24
SHOWN_CUSTOMERS = 3


@login_required
@require_safe
def my_home(request: HttpRequest) -> HttpResponse:
    """Show the subscriptions of the customers the person belongs to."""
    user = signed_in_user(request)
    customers = list(access.customers_of(user))
    page = Paginator(access.subscriptions_of(user), CARDS_PER_PAGE).get_page(request.GET.get("page"))
    cards = selectors.subscription_cards(list(page), timezone.now())
    context = {
        "health": selectors.health_of_all(access.subscriptions_of(user), timezone.now()),
        "page": page,
        "cards": cards,
        "subtitle": ", ".join(str(customer) for customer in customers[:SHOWN_CUSTOMERS]),
        "has_organizations": access.prevalidations_of(user).exists(),
        "shows_customer": len(customers) > 1,
    }
    return render(request, "subscriptions/my_home.html", context)
