"""The sign-in library's pages that show recovery codes: each look is written into the audit trail."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from allauth.mfa.recovery_codes import views
from django.http import HttpRequest, HttpResponse

from accounts import trail
from accounts.models import User

View = Callable[[HttpRequest], HttpResponse]


def _told(view: View) -> View:
    @wraps(view)
    def showing(request: HttpRequest) -> HttpResponse:
        response = view(request)
        if response.status_code == HTTPStatus.OK and isinstance(request.user, User):
            trail.recovery_codes_shown(request.user)
        return response

    return showing


view_recovery_codes = _told(views.view_recovery_codes)
download_recovery_codes = _told(views.download_recovery_codes)
