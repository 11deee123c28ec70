"""What notices about a name's certificate share: which names, whether it is still so, and when it is solved.

A name has one trouble at a time: what gets worse is told as that, and only a certificate that is well says "solved".
"""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import Matter, User
from accounts.told_notices import Audience, Link, MatterFound, ToldNotice
from subscriptions.models import Certificate
from subscriptions.notices.of_subscriptions import BATCH, at_words, instant_of
from subscriptions.rules.certificates import CertificateState

WELL = (CertificateState.CURRENT, CertificateState.DUE)


class CertificateNotice(ToldNotice):
    """A name's certificate is in a state that its customer has to do something about."""

    audience: ClassVar[Audience] = Audience.CUSTOMER
    state: ClassVar[CertificateState]
    since: ClassVar[str]  # the field that says since when
    comes_by_itself: ClassVar[bool] = False  # with time alone, so that only a reading since then can tell it

    def names(self, now: datetime) -> QuerySet[Certificate]:
        """Give the certificates of names in the state, as far as the CA was asked since they came into it."""
        rows = Certificate.objects.watched(now).of_state(self.state, now)
        return rows.filter(seen_at__gte=F(self.since)) if self.comes_by_itself else rows

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give the names in the state whose subscriptions can renew, and that customers see."""
        shown = self.names(now).filter(domain__subscription__shown_at__isnull=False)
        for row in shown.select_related("domain__subscription").order_by("pk").iterator(BATCH):
            subscription = row.domain.subscription
            yield MatterFound(
                key=f"{subscription.customer_id}:{row.code}",  # whoever it is moved to is told as well
                began_at=getattr(row, self.since) or now,
                customer_id=subscription.customer_id,
                subscription_code=subscription.code,
                about_kind="domain",
                about_code=row.code,
                about_name=str(row.domain),
                facts=self.facts_of(row),
            )

    def facts_of(self, row: Certificate) -> dict[str, str]:
        """Give what its words need: when it ends, was due, and why the last order failed."""
        return {
            "ends_at": row.ends_at.isoformat() if row.ends_at else "",
            "due_at": row.due_at.isoformat() if row.due_at else "",
            "failure": row.failed_description if row.ordered_failed_since else "",
            "code": str(row.failed_code) if row.ordered_failed_since and row.failed_code is not None else "",
        }

    def is_still_so(self, matter: Matter) -> bool:
        """Whether the name is in the state now, and still that customer's."""
        rows = self.names(timezone.now())
        return rows.filter(code__in=[matter.about_code], domain__subscription__customer=matter.customer).exists()

    def says_solved(self, matter: Matter) -> bool:
        """Whether a new certificate that is well covers the name: it may also be worse, or gone, or its term over."""
        row = Certificate.objects.present().filter(code__in=[matter.about_code]).first()
        if row is None or row.state_at(timezone.now()) not in WELL:
            return False
        return row.ends_at != instant_of(matter, "ends_at")

    def solved_title(self, matter: Matter) -> str:
        """Say that it was renewed."""
        return f"Solved: {matter.about_name} has a new certificate"

    def solved_text(self, matter: Matter) -> str:
        """Say that nothing is left to do."""
        return "The CA has issued it. Nothing is left to do."

    def link(self, matter: Matter, person: User | None) -> Link:
        """Give the name's own page: it says what is the matter, and has it looked at."""
        return Link("subscriptions:my-name", (matter.about_code,))

    @staticmethod
    def failure_words(matter: Matter) -> str:
        """Give the CA's code and words for the last order, where it failed; else an empty text."""
        code, words = matter.facts.get("code", ""), matter.facts.get("failure", "").rstrip(".")
        told = f"code {code}: {words}" if code and words else words or (f"code {code}" if code else "")
        return f"The last order failed ({told}). " if told else ""

    @staticmethod
    def end_words(matter: Matter) -> str:
        """Say until when the certificate is valid."""
        return at_words(matter, "ends_at")
