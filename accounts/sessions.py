"""Where people are signed in, and how that ends: for good, whatever cookie somebody kept."""

from collections.abc import Sequence
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts import devices, guessing
from accounts.addresses import client_address
from accounts.clearing import clear
from accounts.happenings import Happening
from accounts.models import User
from accounts.trail import record_about
from portal.sessions import stored_key

USER_AGENT_LENGTH: int = UserSession._meta.get_field("user_agent").max_length


def sessions_of(user: User) -> Sequence[UserSession]:
    """Give where a person is signed in, what was used last first."""
    rows: QuerySet[UserSession] = UserSession.objects.filter(_has_session(), user=user).order_by("-last_seen_at")
    return list(rows)


def row_of(request: HttpRequest) -> UserSession | None:
    """Give what is noted of the session that `request` came with."""
    row: UserSession | None = UserSession.objects.filter(session_key=_stored_key(request)).first()
    return row


def note(request: HttpRequest, user: User) -> None:
    """Note that a person is signed in by the session of `request`: from where, and with which browser.

    In place of the sign-in library's own, which would store the key that the browser has.
    """
    if request.session.session_key is None:
        request.session.create()
    seen = {"user": user, "ip": client_address(request), "user_agent": user_agent_of(request)}
    UserSession.objects.update_or_create(
        session_key=_stored_key(request), defaults=seen | {"last_seen_at": timezone.now()}
    )


def user_agent_of(request: HttpRequest) -> str:
    """Give what the browser says it is, as far as a row holds it."""
    return request.headers.get("User-Agent", "")[:USER_AGENT_LENGTH]


def _stored_key(request: HttpRequest) -> str:
    return stored_key(request.session.session_key or "")


def _has_session() -> Exists:
    return Exists(Session.objects.filter(pk=OuterRef("session_key")))


@transaction.atomic
def end_sessions(user: User, *, actor: User | None, reason: str) -> None:
    """Sign a person out everywhere, and write it into the audit trail with the reason."""
    User.objects.filter(pk=user.pk).update(sign_in_epoch=F("sign_in_epoch") + 1)
    user.refresh_from_db(fields=["sign_in_epoch"])
    rows = UserSession.objects.filter(user=user)
    Session.objects.filter(pk__in=list(rows.values_list("session_key", flat=True))).delete()
    rows.delete()
    devices.forget(user)
    guessing.forget_resets(user)
    record_about(Happening.SESSIONS_ENDED, user, actor=actor, reason=reason)


@transaction.atomic
def end_other_sessions(request: HttpRequest, user: User, *, reason: str) -> None:
    """Sign a person out everywhere but in the session of `request`."""
    end_sessions(user, actor=user, reason=reason)
    update_session_auth_hash(request, user)
    note(request, user)
    devices.remember(request, user)


def clear_expired(now: datetime) -> int:
    """Delete the sessions that have expired and what was noted of sessions that are gone; give how many rows."""
    expired = Session.objects.filter(expire_date__lt=now)
    return clear(expired) + clear(UserSession.objects.exclude(_has_session()))
