"""Middleware of the portal's own."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import resolve
from django.views.defaults import page_not_found

from portal.crypto import DecryptionError
from portal.redaction import TOKEN_PATHS

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """Gives every answer a policy, Django's own error pages under DEBUG too, which the package leaves without one."""

    FOR_DEBUG_PAGES = (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'"
    )

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Give the answer with a policy."""
        answer = super().process_response(request, response)
        if settings.DEBUG and answer.status_code == HTTPStatus.NOT_FOUND:  # it is our own page (NoSuchPageMiddleware)
            own = build_policy(**asdict(self.get_policy_parts(request=request, response=response)))
            answer.headers.setdefault(HEADER, own)
        answer.headers.setdefault(HEADER, self.FOR_DEBUG_PAGES)
        return answer


class HealthMiddleware:
    """Answers health checks by itself, whatever Host, scheme, proxy or session the probe names.

    A load balancer asks by an address of its own, and health is told to nobody in particular: no session is looked up.
    """

    PATHS = frozenset({"/healthz/live", "/healthz/ready"})

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or leave it to those behind."""
        if request.path_info not in self.PATHS:
            return self.get_response(request)
        answer: HttpResponse = resolve(request.path_info).func(request)
        return answer


class NulByteMiddleware:
    """Refuses a query with a NUL byte: PostgreSQL cannot compare text with one, and no person types it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or raise SuspiciousOperation (400)."""
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("The query holds a NUL byte.")
        return self.get_response(request)


class NoSuchPageMiddleware:
    """Shows the page that people see for what is not there under DEBUG too, in place of Django's list of routes."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        response = self.get_response(request)
        if settings.DEBUG and response.status_code == HTTPStatus.NOT_FOUND:
            return page_not_found(request, Http404())
        return response


class PrivatePagesMiddleware:
    """Keeps what a signed-in person sees out of every cache, the browser's included.

    Who sits down at the machine after the sign-out sees nothing of it, not even by the back button. A view that says
    more itself is left alone; static files are served before this.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and forbid that the answer to a signed-in person is kept."""
        response = self.get_response(request)
        if "Cache-Control" not in response and request.user.is_authenticated:
            response["Cache-Control"] = "private, no-store"
        return response


class ReferrerPolicyMiddleware:
    """Keeps addresses with a single-purpose token to ourselves.

    The redirect that strips the token goes out with `Referrer-Policy: no-referrer`. The page behind it, whose address
    holds none any more, has `strict-origin`: with `no-referrer` browsers would send its form with `Origin: null`
    (Fetch standard, "append a request Origin header"), which the check against forged requests refuses.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and keep the path to ourselves where it holds a token."""
        response = self.get_response(request)
        if request.path.startswith(TOKEN_PATHS):
            is_redirect = 300 <= response.status_code < 400
            response["Referrer-Policy"] = "no-referrer" if is_redirect else "strict-origin"
        return response


class UnreadableSecretMiddleware:
    """Says plainly that a stored secret cannot be decrypted, whoever asks for it: a reveal or a second factor."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Give a page that says so (503), or leave the exception to others."""
        if not isinstance(exception, DecryptionError):
            return None
        logger.error("%s (%s)", exception, request.path)
        return render(request, "secret_unreadable.html", status=503)
