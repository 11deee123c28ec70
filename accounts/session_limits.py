"""How long a session lasts: until nobody has used it for a while, and never longer than a day's work."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from allauth.core.exceptions import ReauthenticationRequired
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts import devices, sessions
from accounts.addresses import client_address
from accounts.happenings import Happening
from accounts.models import User
from accounts.trail import record_about

SIGNED_IN_AT = "signed_in_at"
REFRESHED = "refreshed"  # in the address of a page that reloads itself, without JavaScript
NOTED_EVERY = timedelta(seconds=30)  # how exactly the last use is known

View = TypeVar("View", bound=Callable[..., Any])


def poll(view: View) -> View:
    """Mark a view that pages ask by themselves, again and again: that is no use of the session by a person."""
    view.is_poll = True  # type: ignore[attr-defined]
    return view


def note_sign_in(request: HttpRequest, **_: Any) -> None:
    """Write into a new session when it began; the browser forgets it when it is closed."""
    request.session[SIGNED_IN_AT] = timezone.now().timestamp()
    request.session.set_expiry(0)


def idle_limit(user: User) -> timedelta:
    """Give after which time without a use a person is signed out."""
    has_rights = user.is_reseller_staff or user.is_staff
    return timedelta(seconds=settings.SESSION_IDLE_STAFF if has_rights else settings.SESSION_IDLE)


class SessionLimitsMiddleware:
    """Signs people out in time, notes when a session was used last, and makes a browser a known one.

    It stands in place of the sign-in library's own, which takes a poll for a use.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; one whose session is over is a stranger from here on."""
        if isinstance(request.user, User):
            now = timezone.now()
            row = sessions.row_of(request)
            if objection := _objection(request, request.user, row, now):
                _sign_out(request, request.user, row, objection)
            elif not _is_poll(request):
                _note_use(request, request.user, row, now)
        response = self.get_response(request)
        devices.write_cookie(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Lead strangers to the sign-in where a view wants a recent one.

        The sign-in library would keep their whole request in a session, a row for anybody who asks. Of a person signed
        in it keeps the request too; its cookies do not belong there.
        """
        if isinstance(exception, ReauthenticationRequired):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            request.META.pop("HTTP_COOKIE", None)
        return None


def _objection(request: HttpRequest, user: User, row: UserSession | None, now: datetime) -> str:
    """Say why a session is over, or give an empty text."""
    began = datetime.fromtimestamp(request.session.get(SIGNED_IN_AT, 0), UTC)
    if now - began >= timedelta(seconds=settings.SESSION_ABSOLUTE):
        return f"your sign-in is {_words(timedelta(seconds=settings.SESSION_ABSOLUTE))} old"
    limit = idle_limit(user)
    if now - (max(row.last_seen_at, began) if row else began) >= limit:
        return f"you did nothing here for {_words(limit)}"
    return ""


def _words(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    number, unit = (minutes // 60, "hour") if minutes and minutes % 60 == 0 else (minutes, "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _sign_out(request: HttpRequest, user: User, row: UserSession | None, objection: str) -> None:
    is_first = row is None or UserSession.objects.filter(pk=row.pk).delete()[0] > 0
    logout(request)
    if is_first:  # of the requests of one page
        record_about(Happening.SESSION_TIMED_OUT, user, actor=None, reason=objection)
    messages.info(request, f"You were signed out, because {objection}.")


def _is_poll(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return getattr(view, "is_poll", False) or REFRESHED in request.GET


def _note_use(request: HttpRequest, user: User, row: UserSession | None, now: datetime) -> None:
    ip = client_address(request)
    if row is None:
        sessions.note(request, user)
    elif now - row.last_seen_at >= NOTED_EVERY or (ip or row.ip) != row.ip:
        values = {"last_seen_at": now, "ip": ip or row.ip, "user_agent": sessions.user_agent_of(request)}
        UserSession.objects.filter(pk=row.pk).update(**values)
