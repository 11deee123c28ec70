"""Sending what is in the outbox: the worker half.

Nothing is sent twice. A mail is claimed by one worker, and marked right before its text goes to the server. Without the
mark it was surely not sent and goes back to the queue; with the mark, and without an answer, the server may have taken
it: it is *perhaps sent* and a person decides, because a second link or a second notice does more harm than a mail
that somebody has to look for. The Message-ID is made of the row's code, by which the server's log can be searched.

A mail server that hangs costs one thread of a worker the time-outs of one mail; then it is left alone for a moment.
"""

import logging
import re
import smtplib
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import Mail, User
from accounts.notices import NotNeededError, notice_named
from accounts.time_zones import zone_of
from portal.redaction import redact
from portal.smtp import BODY_TIMEOUT, EmailBackend

State = Mail.State
REST = 30.0  # seconds in which a server that did not answer is left alone
# When the next try comes, at first and at most: soon where the server was away, slowly where it said no.
WAITS = {"away": (timedelta(minutes=1), timedelta(minutes=15)), "refused": (timedelta(minutes=5), timedelta(hours=6))}
TRIES_AT_LEAST = 10  # before it is given up, however old it is
_CLOSING = 421  # the server ends the connection
# Final where the server means the mailbox. By another status (5.7.1: no relaying) it means us, which can be mended.
_NO_SUCH_MAILBOX = {550, 551, 553}
_OTHER_REASON = re.compile(r"5\.(?!1\.)\d+\.\d+")

logger = logging.getLogger(__name__)


class ClaimLostError(Exception):
    """The lease ran out before the text was sent: another worker may have the mail by now."""


class _Turn:
    """One thread of a process sends at a time: mails never take the threads of what people wait for."""

    lock = threading.Lock()
    rest_until = 0.0


def sweep() -> None:
    """Take back what dead workers held, and send what is due."""
    _take_back(timezone.now())
    send_due()


def send_due() -> None:
    """Send what is due, one mail after the other, unless another thread is at it or the server is left alone."""
    # Asked again after the turn: what came while its last mail was sent would otherwise wait for the next sweep.
    while time.monotonic() >= _Turn.rest_until and _due().exists() and _Turn.lock.acquire(blocking=False):
        try:
            _send_one_by_one()
        finally:
            _Turn.lock.release()


def _send_one_by_one() -> None:
    while mail := _claim_next():
        if not _send(mail):
            _Turn.rest_until = time.monotonic() + REST
            return


def _due() -> QuerySet[Mail]:
    return Mail.objects.filter(state=State.QUEUED, not_before__lte=timezone.now())


def _claim_next() -> Mail | None:
    """Claim the mail that is due longest, for this worker alone; None where there is none."""
    while (pk := _due().order_by("not_before", "pk").values_list("pk", flat=True).first()) is not None:
        claim, now = uuid.uuid4(), timezone.now()
        changes = {"state": State.SENDING, "claim": claim, "leased_until": now + lease(), "tries": F("tries") + 1}
        if Mail.objects.filter(pk=pk, state=State.QUEUED).update(**changes):
            return Mail.objects.select_related("person").get(pk=pk)
    return None


def lease() -> timedelta:
    """Give how long a worker may take for one mail: more than all time-outs of an exchange with the server together."""
    return timedelta(seconds=20 * settings.EMAIL_TIMEOUT + BODY_TIMEOUT + 60)


def _take_back(now: datetime) -> None:
    """End the claims of workers that died: what may have been sent is for a person, the rest goes on."""
    dead = Mail.objects.filter(state=State.SENDING, leased_until__lte=now)
    dead.filter(body_at=None).update(state=State.QUEUED, claim=None, answer="A worker ended before it was sent.")
    dead.exclude(body_at=None).update(
        state=State.PERHAPS_SENT, ended_at=now, answer="A worker ended while the server had it."
    )


def _send(mail: Mail) -> bool:
    """Send a claimed mail and note what became of it; False where the server itself is not well."""
    try:
        with timezone.override(_zone_of(mail)):
            message = notice_named(mail.notice).write(mail)
    except NotNeededError as reason:
        _end(mail, State.NOT_NEEDED, str(reason))
        return True
    except Exception as error:  # a text that cannot be written must not hold up the others
        logger.exception("Mail %s (%s) could not be written", mail.code, mail.notice)
        _put_back(mail, "refused", f"It could not be written: {type(error).__name__}.")
        return True
    message.extra_headers["Message-ID"] = mail.message_id
    backend = get_connection()
    try:
        answer = _post(backend, message, lambda: _mark(mail))
    except ClaimLostError:
        return True
    except (OSError, ValueError) as error:
        return _failed(mail, error)
    else:
        _end(mail, State.SENT, answer, message.to[0])
        notice_named(mail.notice).sent(mail)
        return True
    finally:
        with suppress(OSError):
            backend.close()


def _zone_of(mail: Mail) -> tzinfo:
    """Give the time zone of whoever reads the mail: of what they have chosen, else UTC."""
    reader = mail.person or User.objects.filter(email=mail.address).first()
    return zone_of(reader) or UTC


def _post(backend: BaseEmailBackend, message: EmailMultiAlternatives, before_body: Callable[[], None]) -> str:
    """Send one message and give the server's answer, which is empty where mails go to a folder or the console."""
    if isinstance(backend, EmailBackend):
        return backend.post(message, before_body=before_body)
    before_body()
    backend.send_messages([message])
    return ""


def _own(mail: Mail, *states: str) -> QuerySet[Mail]:
    return Mail.objects.filter(pk=mail.pk, claim=mail.claim, state__in=states)


def _mark(mail: Mail) -> None:
    """Note that the server may have the mail from now on; raise ClaimLostError where the mail is no longer ours."""
    now = timezone.now()
    if not _own(mail, State.SENDING).update(body_at=now):
        raise ClaimLostError
    mail.body_at = now


def _end(mail: Mail, state: str, words: str, address: str = "") -> None:
    # An answer that came after the lease ran out still tells what became of it.
    ended = {"state": state, "ended_at": timezone.now(), "answer": _short(words)}
    if address not in {"", mail.address}:
        ended["address"] = address
    _own(mail, State.SENDING, State.PERHAPS_SENT).update(**ended)


def _put_back(mail: Mail, reason: str, words: str) -> None:
    """Have a mail tried again later; give it up where it was tried often enough for long enough."""
    now = timezone.now()
    if mail.tries >= TRIES_AT_LEAST and now - mail.created_at > Mail.GIVE_UP_AFTER:
        return _end(mail, State.GIVEN_UP, words)
    first, most = WAITS[reason]
    wait = min(first * 2 ** min(mail.tries - 1, 10), most)
    changes = {"state": State.QUEUED, "claim": None, "body_at": None, "not_before": now + wait, "answer": _short(words)}
    _own(mail, State.SENDING).update(**changes)
    return None


def _failed(mail: Mail, error: OSError | ValueError) -> bool:
    """Note why a mail was not sent; give whether the server is well nonetheless."""
    logger.warning("Mail %s (%s) was not sent: %s", mail.code, mail.notice, error)
    if isinstance(error, ValueError):
        _put_back(mail, "refused", f"It could not be written: {error}")
        return True
    reply = _reply_in(error)
    if reply is None and mail.body_at is not None:
        _end(mail, State.PERHAPS_SENT, f"The server did not answer after it had the text: {error}")
        return False
    if reply is None:
        _put_back(mail, "away", f"The server does not answer: {error}")
        return False
    code, words = reply
    is_about_this_mail = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) and code != _CLOSING
    if is_about_this_mail and code in _NO_SUCH_MAILBOX and _OTHER_REASON.match(words) is None:
        _end(mail, State.GIVEN_UP, f"{code} {words}")
    else:
        _put_back(mail, "refused" if is_about_this_mail else "away", f"{code} {words}")
    return is_about_this_mail


def _reply_in(error: OSError) -> tuple[int, str] | None:
    """Give the server's answer that an error holds, or None where there was none."""
    text: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        return None
    return (code, str(text, errors="replace") if isinstance(text, bytes) else text) if code > 0 else None


def _short(words: str) -> str:
    return redact(" ".join(words.split()))[: Mail.ANSWER_LENGTH]
