"""A recent sign-in, for what a session left open must not give away."""

import time
from functools import wraps
from typing import ParamSpec, cast

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.access import View

Args = ParamSpec("Args")


def _signed_in_recently(request: HttpRequest) -> bool:
    # allauth's own check counts only a second sign-in; here the first one is as good as the second.
    moments = [record["at"] for record in get_authentication_records(request, request.user)]
    return bool(moments) and time.time() - max(moments) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def recent_sign_in_required(view: View[Args]) -> View[Args]:
    """Ask for the password (or passkey) again before `view`, unless the sign-in is at most RECENT_SIGN_IN_SECONDS old.

    A POST goes on by itself afterwards. Check the permission before: no one is asked in vain.
    """
    ask_again = cast(View[Args], reauthentication_required(view))

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        chosen = view if _signed_in_recently(request) else ask_again
        return chosen(request, *args, **kwargs)

    return guarded
