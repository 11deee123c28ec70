"""A form whose token is not that of the session: mostly its person signed in again in another tab."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN, REASON_NO_REFERER, get_token
from django.shortcuts import redirect
from django.views.csrf import csrf_failure

from accounts.middleware import sign_in_with
from accounts.models import User
from accounts.typed import keep, typed_in

# "Origin checking failed", "Referer checking failed": whatever else such a request holds is another site's.
FROM_ELSEWHERE = tuple(reason.partition(" - ")[0] for reason in (REASON_BAD_ORIGIN, REASON_NO_REFERER))


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Give the person the page back with what was typed; a form of somebody else's, or from elsewhere, is refused.

    Nothing is done with what was sent: the person looks at it, and sends it again. What a page sends by itself is
    refused with the token of now, which no other site can read; its script takes that where the person is the same.
    """
    typed = None if reason.startswith(FROM_ELSEWHERE) else typed_in(request)
    if typed is not None and not isinstance(request.user, User):
        return sign_in_with(request, typed)
    if typed is not None and isinstance(request.user, User) and typed.by == str(request.user.code):
        keep(request, typed)
        return redirect(typed.page)
    refusal = csrf_failure(request, reason)
    if "HX-Request" in request.headers and isinstance(request.user, User):
        refusal["X-Form-Token"], refusal["X-Person"] = get_token(request), str(request.user.code)
    return refusal
