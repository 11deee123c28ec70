"""What people were told: each mail that the server took, with the matters that it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.message import Message

from accounts.models import Mail, Telling


@dataclass(frozen=True)
class Told:
    """A matter in a mail that the server took."""

    notice: str
    about: str
    subscription: str
    facts: dict[str, object]
    to: str
    at: datetime
    noticed_at: datetime
    matter: int
    is_solution: bool


def what_was_told(taken: Iterable[Message]) -> list[Told]:
    """Give each matter of each mail that was taken; raises AssertionError where a mail does not say what it is to."""
    bodies = {str(message["Message-ID"]): message for message in taken}
    tellings = Telling.objects.exclude(mail=None).select_related("matter", "mail", "person").order_by("pk")
    told = []
    for telling in tellings:
        mail = telling.mail
        if mail is None or mail.state != Mail.State.SENT or telling.told_at is None:
            continue
        message, matter = bodies[mail.message_id], telling.matter
        assert str(message["To"]) == (telling.person.email if telling.person else telling.address)
        assert matter.about_name in _text_of(message), (matter, _text_of(message))
        told.append(
            Told(
                matter.notice,
                matter.about_name,
                str(matter.subscription_code or ""),
                matter.facts,
                str(message["To"]),
                mail.ended_at or mail.created_at,
                matter.opened_at,
                matter.pk,
                telling.is_solution,
            )
        )
    return told


def _text_of(message: Message) -> str:
    part = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()
