"""A look at what a website serves, asked for by one of a customer's people."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in_user
from accounts.errors import ServiceError
from accounts.roles import Permission
from accounts.session_limits import poll
from subscriptions.access import domain_for_customer
from subscriptions.selectors.served import served_row
from subscriptions.services.served import look_at_served
from subscriptions.views.staff.polling import fragment


@login_required
@require_POST
def my_served_look(request: HttpRequest, code: UUID) -> HttpResponse:
    """Have a worker look at what the website of a name serves."""
    user = signed_in_user(request)
    domain, view = domain_for_customer(user, code)
    view.require(Permission.ASK)
    try:
        look_at_served(actor=user, domain=domain, now=timezone.now())
    except ServiceError as error:
        messages.warning(request, error.message)
    return redirect("subscriptions:my-name", code)


@poll
@login_required
@require_safe
def my_served_status(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give the part of a name's page that follows a look at its website."""
    domain, view = domain_for_customer(signed_in_user(request), code)
    row = served_row(domain, timezone.now())
    context = {"served_row": row, "may_look": view.may(Permission.ASK)}
    return fragment(request, "subscriptions/_name_served.html", context, version=row.version)
