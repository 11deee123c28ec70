"""What a person typed into a form that could not be taken, because the session was over or its token had changed.

It is kept for that person alone: every form says, signed, who it was shown to. It goes along in the sign-in form,
encrypted, or waits in the session, and the page it was typed on is then shown with it. Nothing is sent again by itself.
A password, a code, a key and a file are never kept.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme

from accounts.models import User
from portal.sealing import seal, unseal

MARK = "typed_by"  # the field that says who a form was shown to
FIELD = "typed"  # the sign-in form's field, and the session's entry
PURPOSE = "accounts.typed"
KEPT_FOR = timedelta(hours=12)
MOST = 2_000_000  # characters: less than Django takes of a form
NOT_KEPT_AT = ("/auth/", "/invitations/")  # pages on which a password or a code is typed
NEVER_KEPT = ("password", "secret", "credential", "hmac", "otp")
NOT_TYPED = ("csrfmiddlewaretoken", MARK, FIELD)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: `page` is the address it was typed on, `action` the path it was sent to, `by` a person's code."""

    by: str
    page: str
    action: str
    at: float
    had_file: bool = False
    fields: dict[str, list[str]] = field(default_factory=dict)

    def sealed(self) -> str:
        """Give it as an encrypted text."""
        return seal(json.dumps(asdict(self)), purpose=PURPOSE)

    @classmethod
    def unsealed(cls, text: str) -> "Typed | None":
        """Read such a text; None where it is none, or too old."""
        plain = unseal(text, purpose=PURPOSE, max_age=KEPT_FOR) if text else None
        return None if plain is None else cls(**json.loads(plain))


def mark_of(user: User) -> str:
    """Give what a form says of whom it was shown to."""
    return signing.Signer(salt=MARK).sign(str(user.code))


def typed_in(request: HttpRequest) -> Typed | None:
    """Give what a POST holds of what a person typed; None where the form does not say whose it is, or keeps nothing."""
    if request.method != "POST" or request.path_info.startswith(NOT_KEPT_AT) or "HX-Request" in request.headers:
        return None
    try:
        by = signing.Signer(salt=MARK).unsign(request.POST.get(MARK, ""))
    except signing.BadSignature:
        return None
    fields = {name: request.POST.getlist(name) for name in request.POST if _is_kept(name)}
    if sum(len(text) for texts in fields.values() for text in texts) > MOST:
        return None
    had_file = any(request.FILES.values())
    return Typed(by, _page(request), request.path, timezone.now().timestamp(), had_file, fields)


def _is_kept(name: str) -> bool:
    return name not in NOT_TYPED and not any(part in name.lower() for part in NEVER_KEPT)


def _page(request: HttpRequest) -> str:
    """Give the address of the page that a form stood on."""
    came_from = request.headers.get("Referer", "")
    if came_from and url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        parts = urlsplit(came_from)
        return escape_leading_slashes(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return request.get_full_path()


def keep(request: HttpRequest, typed: Typed) -> None:
    """Have it wait in the session of its person."""
    request.session[FIELD] = asdict(typed)


def carry_over(request: HttpRequest, user: User) -> None:
    """Have what came along in the sign-in form wait in the session, where it is of who signs in."""
    typed = Typed.unsealed(request.POST.get(FIELD, ""))
    if typed is not None and typed.by == str(user.code):
        keep(request, typed)


def waiting(request: HttpRequest, user: User) -> Typed | None:
    """Give what waits in the session; what is another person's, or old, is dropped."""
    kept = request.session.get(FIELD)
    if kept is None:
        return None
    typed = Typed(**kept)
    if typed.by == str(user.code) and timezone.now().timestamp() - typed.at < KEPT_FOR.total_seconds():
        return typed
    del request.session[FIELD]
    return None
