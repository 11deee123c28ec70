"""Middleware about the person signed in."""

import logging
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlencode, urljoin, urlsplit

from allauth.core import context
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import SimpleTemplateResponse
from django.urls import resolve, reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from accounts import trail
from accounts.addresses import client_address
from accounts.form_filling import fill
from accounts.models import User
from accounts.time_zones import zone_of
from accounts.typed import FIELD, Typed, keep, typed_in, waiting

logger = logging.getLogger(__name__)


class TrailMiddleware:
    """Makes the request known to what is written into the audit trail while it is answered, and writes what is refused.

    The sign-in library makes it known too, but only behind the middleware that this must stand in front of.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and write a refusal (403) into the trail, whoever made it."""
        with context.request_context(request):
            response = self.get_response(request)
            if response.status_code == HTTPStatus.FORBIDDEN:
                trail.request_refused(request)
            return response


class ClientAddressMiddleware:
    """Refuses a request whose sender cannot be told, before anything is done for it.

    Limits at sign-in, sessions and the audit trail need the address. TRUSTED_PROXY_COUNT does not fit then: the sign-in
    library would fail at each of these places.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say what does not fit (400)."""
        if client_address(request):
            return self.get_response(request)
        said = request.headers.get("X-Forwarded-For", "")
        context = {"proxies": settings.ALLAUTH_TRUSTED_PROXY_COUNT, "named": len(said.split(",")) if said else 0}
        logger.error("No address by TRUSTED_PROXY_COUNT=%(proxies)s; X-Forwarded-For names %(named)s.", context)
        return HttpResponseBadRequest(render_to_string("address_unknown.html", context))


class StaffMfaMiddleware:
    """Keeps reseller staff, and whoever may use Django admin, out until a second factor is set up.

    The pages where that is done (and signing out) stay open.
    STAFF_MFA_REQUIRED turns it off.
    """

    OPEN_PATHS = ("/auth/",)

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or lead to the page where a second factor is set up."""
        if not self._must_set_up(request):
            return self.get_response(request)
        url = reverse("mfa_index")
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect(url)
        messages.warning(request, "Your role needs a second factor. Set one up to go on.")
        return redirect(url)

    def _must_set_up(self, request: HttpRequest) -> bool:
        user = request.user
        if not settings.STAFF_MFA_REQUIRED or not isinstance(user, User):
            return False
        if not (user.is_reseller_staff or user.is_staff):
            return False
        if request.path.startswith((*self.OPEN_PATHS, settings.STATIC_URL)):
            return False
        return not is_mfa_enabled(user)


class TimeZoneMiddleware:
    """Shows each person a page's instants in the time zone they have chosen; others see UTC, or their browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        zone = zone_of(request.user) if isinstance(request.user, User) else None
        with timezone.override(zone):
            return self.get_response(request)


class PartsMiddleware:
    """Answers what a page asks by itself (htmx) so that the page stays as it is where it cannot be answered.

    A sign-in page inside a page, or in its place, would lose what is typed there: such a request gets a bare 401. The
    header tells an answer of the portal's from one that a proxy gives in its place. See `static/js/connection.js`.
    """

    OURS = "X-Part"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        response = self.get_response(request)
        if "HX-Request" not in request.headers:
            return response
        if not isinstance(request.user, User) and leads_to_sign_in(response):
            response = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        response[self.OURS] = "yes"
        return response


class TypedMiddleware:
    """Lets nobody lose what was typed because the session was over when it was sent.

    A form that comes too late is answered with the sign-in page, which carries what was typed; after the sign-in the
    page it was typed on is shown with it. See `accounts/typed.py`.
    """

    PARTS = ("text/html", "text/html; charset=utf-8")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and keep what was typed or give it back."""
        response = self.get_response(request)
        if not isinstance(request.user, User):
            typed = typed_in(request) if leads_to_sign_in(response) else None
            return response if typed is None else sign_in_with(request, typed)
        if request.method != "GET":
            return response
        typed = waiting(request, request.user)
        if typed is not None and urlsplit(typed.page).path != request.path:
            typed = None
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and "text/html" in request.headers.get("Accept", ""):
            # A page that was the answer to a form, loaded again: what it was about is above it.
            above = urljoin(request.path, "..")
            if typed is not None:
                keep(request, replace(typed, page=above))
            return redirect(above)
        if typed is None:
            return response
        if response.streaming or response.headers.get("Content-Type", "") not in self.PARTS:
            return response
        del request.session[FIELD]
        return _with_typed(response, typed)


def leads_to_sign_in(response: HttpResponse) -> bool:
    """Whether an answer is the way to the sign-in page."""
    return 300 <= response.status_code < 400 and urlsplit(response.headers["Location"]).path == reverse("account_login")


def sign_in_with(request: HttpRequest, typed: Typed) -> HttpResponse:
    """Give the sign-in page, which brings back what was typed once its person has signed in."""
    asked = copy(request)
    asked.method, asked.POST = "GET", QueryDict()
    asked.GET = QueryDict(urlencode({"next": typed.page}))
    setattr(asked, FIELD, typed.sealed())
    page: HttpResponse = resolve(reverse("account_login")).func(asked)
    if isinstance(page, SimpleTemplateResponse):
        page.render()
    return page


def _with_typed(response: HttpResponse, typed: Typed) -> HttpResponse:
    filled = fill(response.content.decode(), typed)
    about = {"typed": typed, "filled": filled}
    response.content = filled.with_notice(render_to_string("includes/_typed_back.html", about)).encode()
    return response
