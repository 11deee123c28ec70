"""A look at what a website serves, asked for by staff."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.roles import Permission
from accounts.session_limits import poll
from subscriptions.access import domain_for_staff
from subscriptions.selectors.served import served_row
from subscriptions.services.served import look_at_served
from subscriptions.views.staff.polling import fragment


@staff_only(Permission.BUY)
@require_POST
def served_look(request: HttpRequest, code: UUID) -> HttpResponse:
    """Have a worker look at what the website of a name serves."""
    user = signed_in_user(request)
    domain = domain_for_staff(user, code)
    try:
        look_at_served(actor=user, domain=domain, now=timezone.now())
    except ServiceError as error:
        messages.warning(request, error.message)
    return redirect("subscriptions:name-detail", code)


@poll
@staff_only(Permission.READ_STAFF_PAGES)
@require_safe
def served_status(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give the part of a name's page that follows a look at its website."""
    user = signed_in_user(request)
    domain = domain_for_staff(user, code)
    row = served_row(domain, timezone.now())
    context = {"served_row": row, "may_look": user.may(Permission.BUY)}
    return fragment(request, "subscriptions/_name_served.html", context, version=row.version)
