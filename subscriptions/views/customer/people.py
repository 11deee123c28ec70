"""The people of a customer as a list, for its owner."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import customer_for_owner, signed_in_user
from accounts.models import Customer
from subscriptions.lists import exports
from subscriptions.lists.people_filters import OwnPeopleFilter
from subscriptions.selectors.people import invitations_for_owner, people_for_owner
from subscriptions.views.listing import list_file, list_page

INVITATIONS_SHOWN = 50


@login_required
@require_safe
def my_people(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show who belongs to a customer and who is invited."""
    customer = customer_for_owner(signed_in_user(request), code)
    invitations = invitations_for_owner(signed_in_user(request), customer)[:INVITATIONS_SHOWN]
    template = "subscriptions/my_people.html"
    return list_page(request, template, _listed(request, customer), customer=customer, invitations=invitations)


def _listed(request: HttpRequest, customer: Customer) -> OwnPeopleFilter:
    return OwnPeopleFilter(request.GET, queryset=people_for_owner(signed_in_user(request), customer))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_people_export(request: HttpRequest, code: UUID) -> StreamingHttpResponse | HttpResponse:
    """Give the people of the list, as it is searched, filtered and ordered, as a CSV file."""
    customer = customer_for_owner(signed_in_user(request), code)
    list_url = reverse("subscriptions:my-people", args=[code])
    return list_file(request, _listed(request, customer), exports.PEOPLE, list_url=list_url)
