"""What people got a mail of its own about: the bell shows it too, and no second mail is written."""

from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from accounts.models import Mail
from accounts.told_notices import MatterFound, ToldNotice
from subscriptions.notices.of_subscriptions import BATCH


class MailedNotice(ToldNotice):
    """One for each mail to a person that went out, and none for a mail that was sent again."""

    is_event: ClassVar[bool] = True
    is_mailed_apart: ClassVar[bool] = True
    mail: ClassVar[str]  # the name of the notice that writes it

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give what was written since then."""
        mails = Mail.objects.filter(notice=self.mail, again_of=None).exclude(state=Mail.State.NOT_NEEDED)
        for mail in mails.order_by("-pk").iterator(BATCH):
            if mail.created_at < since:
                return
            if mail.person_id is not None:
                yield from self.matters_of(mail)

    @abstractmethod
    def matters_of(self, mail: Mail) -> Iterator[MatterFound]:
        """Give what a mail tells, for each customer that it is about."""
