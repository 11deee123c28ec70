"""Signing in with a passkey."""

from http import HTTPStatus

from allauth.mfa.webauthn.views import login_webauthn
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from accounts import guessing

CHALLENGE_SECONDS = 600


@never_cache
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Give the challenge that a passkey answers, and sign in whoever's passkey answers it.

    A challenge waits in a session: so that strangers leave no heap of them, they are counted and do not last.
    """
    is_new = request.session.session_key is None
    if is_new and not guessing.challenge(request):
        return JsonResponse({"error": "Too many attempts. Wait a minute."}, status=HTTPStatus.TOO_MANY_REQUESTS)
    answer: HttpResponse = login_webauthn(request)
    if is_new and not request.user.is_authenticated:
        request.session.set_expiry(CHALLENGE_SECONDS)
    return answer
