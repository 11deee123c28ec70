"""Thin Celery tasks of the people's side: an id in, a mail out. A token is made here and travels only in the mail."""

from celery import shared_task
from django.utils import timezone

from accounts import emails, invitations


@shared_task
def send_invitation(invitation_id: int) -> None:
    """Send the mail of an invitation, with a fresh link."""
    emails.send_invitation(invitation_id)


@shared_task
def send_unsent_invitations() -> None:
    """Send the invitations whose mail was lost on the way, with the broker or at the mail server."""
    for pk in invitations.unsent(timezone.now()):
        send_invitation.delay(pk)
