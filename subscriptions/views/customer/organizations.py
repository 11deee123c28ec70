"""The organizations of a customer: until when they are validated, and what is expected of the customer."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in_user
from subscriptions import access
from subscriptions.lists import exports
from subscriptions.lists.organization_filters import OwnOrganizationFilter
from subscriptions.selectors.customer_organizations import shown_organizations, with_rows
from subscriptions.views.listing import list_file, list_page


@login_required
@require_safe
def my_organizations(request: HttpRequest) -> HttpResponse:
    """List the organizations of the customers the person belongs to."""
    selection = _listed(request)
    rows = with_rows(selection.page.rows)
    shows_customer = access.customers_of(signed_in_user(request)).count() > 1
    template = "subscriptions/my_organizations.html"
    return list_page(request, template, selection, rows=rows, shows_customer=shows_customer)


def _listed(request: HttpRequest) -> OwnOrganizationFilter:
    user = signed_in_user(request)
    shown = shown_organizations(access.prevalidations_of(user), access.subscriptions_of(user))
    return OwnOrganizationFilter(request.GET, queryset=shown)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_organization_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the organizations of the list, as it is searched, filtered and ordered, as a CSV file."""
    list_url = reverse("subscriptions:my-organizations")
    return list_file(request, _listed(request), exports.ORGANIZATIONS, list_url=list_url)
