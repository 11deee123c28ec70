"""What the mail provider reports about mails, as django-anymail puts it for each provider alike."""

from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking

from accounts import undeliverable
from accounts.models import UndeliverableAddress

# A mailbox that is full or a server that is away is reported as `deferred`, or as bounced for another reason.
_FINAL = {RejectReason.BOUNCED, RejectReason.INVALID, RejectReason.BLOCKED, RejectReason.SPAM}


def connect() -> None:
    """Follow what is reported, once."""
    tracking.connect(note, dispatch_uid="note_mail_event")


def note(event: AnymailTrackingEvent, **_: Any) -> None:
    """Mark an address, or clear it, by one report."""
    if not event.recipient:
        return
    if event.event_type == EventType.DELIVERED:
        undeliverable.reached(event.recipient, at=event.timestamp)
        return
    reason = _reason(event)
    if reason is not None:
        words = event.mta_response or event.description or ""
        undeliverable.mark(event.recipient, reason, words=str(words), at=event.timestamp)


def _reason(event: AnymailTrackingEvent) -> UndeliverableAddress.Reason | None:
    if event.event_type == EventType.COMPLAINED:
        return UndeliverableAddress.Reason.COMPLAINED
    if event.event_type == EventType.BOUNCED and event.reject_reason in _FINAL:
        return UndeliverableAddress.Reason.BOUNCED
    if event.event_type == EventType.REJECTED and event.reject_reason in _FINAL:
        return UndeliverableAddress.Reason.REJECTED
    return None
