"""Signing in with a passkey."""

from http import HTTPStatus

from allauth.mfa.webauthn.views import login_webauthn
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts import guessing

CHALLENGE_SECONDS = 600
WAIT_SECONDS = 60
TOO_MANY = "Too many attempts from this address. Wait a minute, or sign in with your password."


@never_cache
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Give the challenge that a passkey answers, and sign in whoever's passkey answers it.

    A challenge waits in a session: so that strangers leave no heap of them, they are counted and do not last.
    """
    is_new = request.session.session_key is None
    if is_new and not guessing.challenge(request):
        return _too_many(request)
    answer: HttpResponse = login_webauthn(request)
    if is_new and not request.user.is_authenticated:
        request.session.set_expiry(CHALLENGE_SECONDS)
    return answer


def _too_many(request: HttpRequest) -> HttpResponse:
    """Say that it is one too many: to a script in its words, to whoever opens the address as a page."""
    status, after = HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(WAIT_SECONDS)}
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse({"error": TOO_MANY}, status=status, headers=after)
    answer = render(request, "429.html", status=status)
    answer["Retry-After"] = after["Retry-After"]
    return answer
