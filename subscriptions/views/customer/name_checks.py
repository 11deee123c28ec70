"""Why an order for a name fails, as its customer sees it: the check, its results as they come, and a pasted text."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in_user
from accounts.errors import ServiceError
from accounts.session_limits import poll
from subscriptions.access import name_for_customer
from subscriptions.selectors.name_checks import name_check_page
from subscriptions.services.name_checks import check_name
from subscriptions.views.error_texts import explained
from subscriptions.views.staff.polling import fragment


@never_cache
@sensitive_post_parameters("text")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_name_check(request: HttpRequest, code: UUID, name_code: UUID) -> HttpResponse:
    """Say why an order for a name fails; a POST has the name looked at, one with a text has that explained."""
    user = signed_in_user(request)
    domain, view = name_for_customer(user, code, name_code)
    if request.method == "POST" and "text" not in request.POST:
        try:
            check_name(actor=user, domain=domain, now=timezone.now())
        except ServiceError as error:
            messages.warning(request, error.message)
        return redirect("subscriptions:my-name-check", code, name_code)
    page = name_check_page(domain, timezone.now(), for_staff=False)
    context = {"subscription": view.subscription, "page": page, "explained": explained(request)}
    return render(request, "subscriptions/my_name_check.html", context)


@poll
@login_required
@require_safe
def my_name_check_status(request: HttpRequest, code: UUID, name_code: UUID) -> HttpResponse:
    """Give the part of a check's page that follows the looking."""
    domain, view = name_for_customer(signed_in_user(request), code, name_code)
    page = name_check_page(domain, timezone.now(), for_staff=False)
    context = {"subscription": view.subscription, "page": page}
    return fragment(request, "subscriptions/_name_check_result.html", context, version=page.version)
