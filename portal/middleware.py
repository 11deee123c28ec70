"""Middleware of the portal's own."""

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


class NulByteMiddleware:
    """Refuses a query with a NUL byte: PostgreSQL cannot compare text with one, and no person types it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or raise SuspiciousOperation (400)."""
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("The query holds a NUL byte.")
        return self.get_response(request)


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

    TOKEN_PATHS = ("/invitations/", "/auth/password/reset/key/")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and keep the path to ourselves where it holds a token."""
        response = self.get_response(request)
        if request.path.startswith(self.TOKEN_PATHS):
            is_redirect = 300 <= response.status_code < 400
            response["Referrer-Policy"] = "no-referrer" if is_redirect else "strict-origin"
        return response
