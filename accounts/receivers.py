"""What follows from what the sign-in library tells: its signals are its only word of it."""

from typing import Any

from allauth.account import signals
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.usersessions.signals import on_password_changed, on_user_logged_in
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from accounts import devices, guessing, sessions
from accounts.models import User
from accounts.session_limits import note_sign_in


def connect() -> None:
    """Have each signal followed, once; in place of what the library would note of sessions by itself."""
    signals.user_logged_in.disconnect(on_user_logged_in)
    signals.password_changed.disconnect(on_password_changed)
    signals.password_set.disconnect(on_password_changed)
    user_logged_in.connect(note_sign_in, dispatch_uid="note_sign_in")
    signals.user_logged_in.connect(note_browser, dispatch_uid="note_browser")
    signals.password_changed.connect(end_sessions_of_the_old_password, dispatch_uid="end_sessions_of_the_old_password")
    signals.password_set.connect(end_sessions_of_the_old_password, dispatch_uid="end_sessions_of_the_old_password")
    signals.password_reset.connect(let_in, dispatch_uid="let_in")
    authenticator_added.connect(end_sessions_without_it, dispatch_uid="end_sessions_without_it")


def note_browser(request: HttpRequest, user: User, **_: Any) -> None:
    """Note the session of a whole sign-in, second factor included, and make its browser a known one."""
    sessions.note(request, user)
    devices.remember(request, user)


def end_sessions_of_the_old_password(request: HttpRequest, user: User, **_: Any) -> None:
    """End the sessions in which the password was not changed; only the browser of this one is known any more."""
    sessions.end_other_sessions(request, user, reason="new password")


def let_in(request: HttpRequest, user: User, **_: Any) -> None:
    """Let a person sign in who has set a password by the mail, whatever others try at the same time."""
    if request.user == user:
        logout(request)
    sessions.end_sessions(user, actor=user, reason="new password by a mail")
    devices.remember(request, user)
    guessing.forgive_account(user)


def end_sessions_without_it(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """End the sessions that never showed a new second factor; the one that added it stays."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:  # they come along with another
        sessions.end_other_sessions(request, user, reason="new second factor")
