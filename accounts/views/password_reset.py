"""Asking for a new password."""

from typing import Any

from allauth.account import views
from django.db import transaction
from django.http import HttpRequest, HttpResponse


class PasswordReset(views.PasswordResetView):  # type: ignore[misc]  # allauth has no types
    """allauth's page. Whatever is written about a request is written at once.

    Anybody may ask, and many at once: a wait for the disk for each thing that is counted or told would be everybody's.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take an address."""
        with transaction.atomic():
            answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer


password_reset = PasswordReset.as_view()
