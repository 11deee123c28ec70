"""The lists of people: the reseller's staff, and the people of a customer."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import staff
from accounts.access import customer_for_staff, signed_in_user, staff_only
from accounts.roles import Permission
from subscriptions.lists import exports
from subscriptions.lists.people_filters import PeopleFilter, StaffFilter
from subscriptions.selectors.people import people_of
from subscriptions.views.listing import list_file, list_page


@staff_only(Permission.MANAGE_STAFF)
@require_safe
def staff_list(request: HttpRequest) -> HttpResponse:
    """List the reseller's staff, and who is invited."""
    invitations = staff.open_invitations()
    return list_page(request, "subscriptions/staff_list.html", _staff(request), invitations=invitations)


def _staff(request: HttpRequest) -> StaffFilter:
    return StaffFilter(request.GET, queryset=staff.members())


@staff_only(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def staff_export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Give the staff of the list, as it is searched, filtered and ordered, as a CSV file."""
    return list_file(request, _staff(request), exports.STAFF, list_url=reverse("subscriptions:staff-list"))


@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def person_list(request: HttpRequest, code: UUID) -> HttpResponse:
    """List the people of a customer."""
    user = signed_in_user(request)
    return list_page(
        request,
        "subscriptions/person_list.html",
        _people(request, code),
        customer=customer_for_staff(user, code),
        may_write=user.may(Permission.WRITE_CUSTOMERS),
        may_end_sessions=user.may(Permission.END_SESSIONS),
    )


def _people(request: HttpRequest, code: UUID) -> PeopleFilter:
    return PeopleFilter(request.GET, queryset=people_of(customer_for_staff(signed_in_user(request), code)))


@staff_only(Permission.READ_STAFF_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def person_export(request: HttpRequest, code: UUID) -> StreamingHttpResponse | HttpResponse:
    """Give the people of the list, as it is searched, filtered and ordered, as a CSV file."""
    list_url = reverse("subscriptions:person-list", args=[code])
    return list_file(request, _people(request, code), exports.PEOPLE, list_url=list_url)
