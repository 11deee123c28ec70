"""Middleware about the person signed in."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User


class StaffMfaMiddleware:
    """Keeps reseller staff, and whoever may use Django admin, out until a second factor is set up.

    The pages where that is done (and signing out) stay open, so do health checks and static files.
    STAFF_MFA_REQUIRED turns it off.
    """

    OPEN_PATHS = ("/auth/", "/healthz/")

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
