"""Writing mails to the outbox: the request half. `accounts/sending.py` sends them."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts import tasks
from accounts.audit import record_event
from accounts.email_addresses import normal_form
from accounts.errors import ServiceError
from accounts.happenings import Happening
from accounts.models import Mail, User
from accounts.notices import Notice, notice_named
from accounts.throttles import Counter, Limit
from accounts.undeliverable import is_marked


class TooManyMailsError(ServiceError):
    """The address has had its share of a notice."""

    def __init__(self, notice: Notice, address: str) -> None:
        super().__init__(
            f"{address} has had its share of mails of this kind (“{notice.label}”), {notice.a_day} a day. "
            "Try again later."
        )


@transaction.atomic
def queue(
    name: str,
    *,
    address: str,
    person: User | None = None,
    about: Model | None = None,
    facts: dict[str, str] | None = None,
) -> Mail:
    """Write a mail of the notice `name` in the caller's transaction, and have it sent once that is committed.

    `facts` are what its text needs and no row tells; never a secret. Raises TooManyMailsError where the address has had
    its share, and KeyError where there is no such notice.
    """
    mail = Mail(
        notice=name,
        address=address,
        person=person,
        about_kind=about._meta.model_name or "" if about else "",
        about_code=getattr(about, "code", None),
        about_name=str(about or "")[: Mail.ABOUT_LENGTH],
        facts=facts or {},
    )
    return _write(mail)


def offer(name: str, *, person: User | None, about: Model) -> Mail | None:
    """Write a mail to a person of what a page shows as well; None where there is nobody, the person had the share, or
    mails do not reach them.

    Raises KeyError where there is no such notice.
    """
    if person is None or not person.is_active or is_marked(person.email):
        return None
    try:
        return queue(name, address=person.email, person=person, about=about)
    except TooManyMailsError:
        return None


@transaction.atomic
def send_again(*, actor: User, mail: Mail) -> Mail:
    """Have a mail sent once more, as a row of its own, and give that; one that waits is tried now.

    Raises ServiceError where that makes no sense, was done already, or the address has had its share.
    """
    mail = Mail.objects.select_for_update(of=("self",)).select_related("person").get(pk=mail.pk)
    if mail.state == Mail.State.SENDING:
        raise ServiceError("It is being sent just now.")
    if mail.state == Mail.State.NOT_NEEDED:
        raise ServiceError(f"There is nothing to send any more. {mail.answer}".strip())
    if Mail.objects.filter(again_of=mail).exists():
        raise ServiceError("It was sent again already.")
    if mail.state == Mail.State.QUEUED:
        Mail.objects.filter(pk=mail.pk).update(not_before=timezone.now())
        transaction.on_commit(tasks.send_mails.delay, robust=True)
        again = mail
    else:
        again = _write(_like(mail))
    record_event(Happening.MAIL_SENT_AGAIN, actor=actor, target=mail, email=again.address, notice=mail.notice)
    return again


def _like(mail: Mail) -> Mail:
    kept = ("notice", "person", "address", "about_kind", "about_code", "about_name", "facts")
    return Mail(again_of=mail, **{name: getattr(mail, name) for name in kept})


def _write(mail: Mail) -> Mail:
    now, notice = timezone.now(), notice_named(mail.notice)
    if not _share(notice, mail.address).take(now):
        raise TooManyMailsError(notice, mail.address)
    mail.created_at = mail.not_before = now
    mail.save()
    transaction.on_commit(tasks.send_mails.delay, robust=True)
    return mail


def _share(notice: Notice, address: str) -> Counter:
    """Give what counts the mails of a notice to one address: nobody has others' mailboxes filled."""
    return Limit(f"mail_{notice.name}", notice.a_day, timedelta(days=1) / notice.a_day).of(normal_form(address))
