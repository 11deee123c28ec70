"""Invitations: their tokens, made in the worker, stored as a digest, good for one use; and how open ones end.

An invitation is worth what whoever sent it may do: with the right to invite go those that were sent by it.
"""

import hashlib
import secrets

from django.utils import timezone

from accounts.audit import record_event
from accounts.happenings import Happening
from accounts.models import Invitation, Membership, User
from accounts.roles import INVITING_ROLES, RESELLER_PERMISSIONS, Permission


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
    """Give the open invitation with this digest; None for one that is unknown, used, revoked, expired or unfounded."""
    if not digest:
        return None
    found = Invitation.objects.usable(timezone.now()).filter(token_digest=digest)
    invitation = found.select_related("customer", "invited_by").first()
    return invitation if invitation and is_founded(invitation) else None


def is_founded(invitation: Invitation) -> bool:
    """Whether the person who sent an invitation may still invite people there."""
    inviter = invitation.invited_by
    return inviter is None or _may_invite(inviter, invitation, _owned_by(inviter))


def end_unfounded(inviter: User, *, actor: User | None) -> None:
    """End the open invitations of a person who may not send them any more: for good, whatever role comes later.

    For every door by which somebody is removed, demoted or made inactive.
    """
    owned = _owned_by(inviter)
    sent = Invitation.objects.waiting().filter(invited_by=inviter)
    for invitation in sent.select_related("customer"):
        if not _may_invite(inviter, invitation, owned):
            end(invitation, actor=actor, reason=f"{inviter.email} may not invite any more.")


def end(invitation: Invitation, *, actor: User | None, reason: str = "") -> None:
    """End an open invitation: its link stops to work."""
    open_one = Invitation.objects.waiting().filter(pk=invitation.pk)
    if open_one.update(revoked_at=timezone.now(), token_digest=""):
        record_event(
            Happening.INVITATION_REVOKED,
            actor=actor,
            target=invitation,
            customer=invitation.customer,
            email=invitation.email,
            role=invitation.reseller_role or invitation.role,
            reason=reason,
        )


def may_give(actor: User, reseller_role: str) -> bool:
    """Whether a person may make somebody one of the reseller's staff: nobody gives more than they have."""
    has = RESELLER_PERMISSIONS.get(actor.reseller_role, frozenset())
    return actor.may(Permission.MANAGE_STAFF) and RESELLER_PERMISSIONS[reseller_role] <= has


def _may_invite(inviter: User, invitation: Invitation, owned: set[int]) -> bool:
    if invitation.reseller_role:
        return may_give(inviter, invitation.reseller_role)
    return inviter.is_active and (inviter.may(Permission.WRITE_CUSTOMERS) or invitation.customer_id in owned)


def _owned_by(user: User) -> set[int]:
    owning = Membership.objects.filter(user=user, role__in=INVITING_ROLES)
    return set(owning.values_list("customer_id", flat=True))


def has_user(invitation: Invitation) -> bool:
    """Whether somebody with the invitation's address can sign in already."""
    return User.objects.filter(email=invitation.email).exists()
