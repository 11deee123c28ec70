"""Thin Celery tasks of the people's side. A token is made while a mail is written and travels only in it."""

from celery import shared_task
from django.utils import timezone

from accounts import devices, own_tellings, sending, sessions, tallies, throttles, undeliverable
from accounts.planned import planned


@shared_task
@planned
def send_mails() -> None:
    """Send the mails that are due; beat sends it too, for what was lost on the way."""
    sending.sweep()


@shared_task
@planned
def clear_expired() -> None:
    """Delete what is over: sessions, tries and browsers of long ago, and what was told a year ago."""
    now = timezone.now()
    sessions.clear_expired(now)
    throttles.clear_expired(now)
    tallies.clear_expired(now)
    devices.clear_expired(now)
    own_tellings.clear_expired(now)
    undeliverable.clear_expired(now)
