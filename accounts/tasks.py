"""Thin Celery tasks of the people's side: an id in, a mail out. A token is made here and travels only in the mail."""

from celery import shared_task

from accounts import emails


@shared_task
def send_invitation(invitation_id: int) -> None:
    """Send the mail of an invitation, with a fresh link."""
    emails.send_invitation(invitation_id)
