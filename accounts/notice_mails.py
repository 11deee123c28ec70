"""The mails that carry what people are told: one mail for all that is told to a reader at a time.

The text is made when the mail is sent, of what is still so then and the reader may still see.
"""

import logging
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Mail, Telling
from accounts.notices import Notice, NotNeededError, link_to, register, triple
from accounts.own_tellings import judge, mark_told, tellings_for
from accounts.told_notices import Link, ToldNotice, told_notice_named
from accounts.undeliverable import is_marked

logger = logging.getLogger(__name__)

LISTED = 50  # of the notices of one mail; the others stand in the portal


@dataclass(frozen=True, slots=True)
class Item:
    """One notice as its reader reads it, in a mail and in the portal."""

    telling: Telling
    title: str
    text: str
    link: str
    customer: str = ""


class CarryingNotice(Notice):
    """A mail with everything that a reader is told at a time."""

    def __init__(self, name: str, label: str, a_day: int) -> None:
        self.name, self.label, self.a_day = name, label, a_day

    def write(self, mail: Mail) -> EmailMultiAlternatives:
        """Tell what is still so; raise NotNeededError where nothing of it is."""
        person, rows = mail.person, _carried(mail)
        to = person.email if person is not None else mail.address
        if is_marked(to):
            raise NotNeededError("Mails do not reach the address. What they would tell stands in the portal.")
        judged = judge(tellings_for(person, mail.address).filter(pk__in=rows.values("pk")))
        if judged.is_in_doubt:
            raise LookupError("Not all of it can be judged.")  # it is tried again later, and nothing is left out
        told = judged.still_so
        mark_told(told, rows, timezone.now())
        if not told:
            raise NotNeededError("Nothing of it is still so, or to be seen by its reader.")
        items = [item_of(telling) for telling in told[:LISTED]]
        context = {
            "items": items,
            "number": len(told),
            "more": len(told) - len(items),
            "is_digest": self.name == DIGEST.name,
            "reader": person,
            "role_of": None if person is not None else told[0].matter.customer,
            "all_link": link_to("accounts:notice-list"),
            "choices_link": link_to("accounts:notice-choices"),
        }
        message = triple("notices", to=to, context=context)
        message.extra_headers |= _headers()
        return message


def item_of(telling: Telling) -> Item:
    """Give a telling in words, with the way to what it is about."""
    notice, matter = _notice_of(telling), telling.matter
    words = (notice.solved_title, notice.solved_text) if telling.is_solution else (notice.title, notice.text)
    title, text = (write(matter) for write in words)
    return Item(telling, title, text, _way_to(telling, notice), str(matter.customer or ""))


def items_of(tellings: list[Telling]) -> list[Item]:
    """Give tellings in words; without those of which a mistake in their notice lets none be made."""
    items = []
    for telling in tellings:
        try:
            items.append(item_of(telling))
        except Exception:  # one notice's mistake must not take the page with all others away
            logger.exception("Matter %s (%s) could not be put into words", telling.matter.code, telling.matter.notice)
    return items


def page_of(telling: Telling) -> Link:
    """Give the page that a telling is about."""
    return _notice_of(telling).link(telling.matter, telling.person)


def _way_to(telling: Telling, notice: ToldNotice) -> str:
    # By a page that notes that it was read, for whoever signs in; a role address is nobody's and goes straight there.
    if telling.person_id is not None:
        return link_to("accounts:notice-open", telling.code)
    link = notice.link(telling.matter, None)
    return link_to(link.route, *link.args)


def _notice_of(telling: Telling) -> ToldNotice:
    notice = told_notice_named(telling.matter.notice)
    if notice is None:
        raise LookupError(telling.matter.notice)
    return notice


def _carried(mail: Mail) -> "QuerySet[Telling]":
    """Give what a mail, or the one that it repeats, is to tell."""
    first = mail
    while first.again_of is not None:
        first = first.again_of
    return Telling.objects.filter(mail=first)


def _headers() -> dict[str, str]:
    """Give the headers by which mail programs and absence replies know a notice (RFC 2919, 2369 and 3834)."""
    host = urlsplit(settings.PORTAL_URL).hostname or "localhost"
    name = parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or "Notices"
    quoted = "".join(one for one in name if one.isascii() and one not in '"\\<>')
    return {
        "List-Id": f'"{quoted}" <notices.{host}>',
        "List-Unsubscribe": f"<{link_to('accounts:notice-choices')}>",
        "Auto-Submitted": "auto-generated",
    }


# More at once than this within a day, and the rest waits for the digest: nobody reads ten mails.
AT_ONCE = CarryingNotice("notices", "Notices", a_day=5)
PRESSING = CarryingNotice("pressing_notices", "Notices about money or security", a_day=20)
DIGEST = CarryingNotice("notices_digest", "Daily digest", a_day=2)

register(AT_ONCE, PRESSING, DIGEST)
