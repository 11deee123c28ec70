"""The browsers that people have signed in with: who guesses elsewhere does not shut them out.

After OWASP's "device cookies": a browser in which a person has signed in has a cookie for that person alone, and tries
with it are counted by themselves. The cookie signs nobody in.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.clearing import clear
from accounts.models import KnownDevice, User

MOST_OF_ONE = 20  # browsers of a person: of more, the ones used longest ago are forgotten
NEW = "accounts.devices.new"  # where in request.META a new token waits for the answer

_signer = TimestampSigner(salt="accounts.devices")


def _lifetime() -> timedelta:
    return timedelta(days=settings.KNOWN_DEVICE_DAYS)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _shown(request: HttpRequest) -> str:
    """Give the digest of the token that a browser shows, or an empty text."""
    cookie = request.COOKIES.get(settings.KNOWN_DEVICE_COOKIE_NAME, "")
    try:
        return _digest(_signer.unsign(cookie, max_age=_lifetime()))
    except BadSignature:
        return ""


def known(request: HttpRequest, now: datetime) -> list[KnownDevice]:
    """Give for whom a browser is a known one."""
    digest = _shown(request)
    rows = KnownDevice.objects.filter(token_digest=digest, signed_in_at__gt=now - _lifetime())
    return list(rows.select_related("user")) if digest else []


def remember(request: HttpRequest, user: User) -> None:
    """Note that a person has signed in with this browser, and have the answer give it a new cookie."""
    token, now = secrets.token_urlsafe(32), timezone.now()
    if shown := _shown(request):  # of others who share the browser, too
        KnownDevice.objects.filter(token_digest=shown).update(token_digest=_digest(token))
    KnownDevice.objects.update_or_create(user=user, token_digest=_digest(token), defaults={"signed_in_at": now})
    kept = KnownDevice.objects.filter(user=user).order_by("-signed_in_at", "-pk").values_list("pk", flat=True)
    KnownDevice.objects.filter(pk__in=list(kept[MOST_OF_ONE:])).delete()
    request.META[NEW] = token


def write_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Give the browser its cookie, where a person has just signed in."""
    if token := request.META.pop(NEW, ""):
        options: dict[str, Any] = {"httponly": True, "secure": settings.SECURE_COOKIES, "samesite": "Lax"}
        response.set_cookie(settings.KNOWN_DEVICE_COOKIE_NAME, _signer.sign(token), max_age=_lifetime(), **options)


def forget(user: User) -> None:
    """Forget all browsers of a person."""
    KnownDevice.objects.filter(user=user).delete()


def clear_expired(now: datetime) -> int:
    """Delete the browsers that count no more; give how many."""
    return clear(KnownDevice.objects.filter(signed_in_at__lte=now - _lifetime()))
