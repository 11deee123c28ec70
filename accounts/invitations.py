"""The tokens of invitations: made in the worker, stored as a digest, good for one use."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import Invitation, User

UNSENT_AFTER = timedelta(minutes=5)  # a mail under way is not sent a second time


def token_digest(token: str) -> str:
    """Give the digest under which an invitation's token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_token(invitation: Invitation) -> str:
    """Make a fresh token for an invitation, store its digest, and give the token (called by the mail's task)."""
    token = secrets.token_urlsafe(32)
    invitation.token_digest = token_digest(token)
    invitation.save(update_fields=["token_digest"])
    return token


def open_invitation(digest: str) -> Invitation | None:
    """Give the open invitation with this digest, or None for one that is unknown, used, revoked or expired."""
    if not digest:
        return None
    usable = Q(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    found = Invitation.objects.filter(usable, token_digest=digest)
    return found.select_related("customer", "invited_by").first()


def has_user(invitation: Invitation) -> bool:
    """Whether somebody with the invitation's address can sign in already."""
    return User.objects.filter(email=invitation.email).exists()


def unsent(now: datetime) -> list[int]:
    """Give the open invitations that nobody has been mailed although they were written a while ago, oldest first."""
    waiting = Q(accepted_at=None, revoked_at=None, expires_at__gt=now, created_at__lte=now - UNSENT_AFTER)
    rows = Invitation.objects.filter(waiting, mailed_at=None).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:20])
