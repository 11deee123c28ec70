"""The validation of a customer's organization runs out, while names are under it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import ClassVar

from django.utils import timezone

from accounts.models import Matter, User
from accounts.told_notices import Audience, Link, MatterFound, ToldNotice
from accounts.validators import without_links
from subscriptions.explain.prevalidations import expected_of_customer
from subscriptions.models import Prevalidation
from subscriptions.notices.of_subscriptions import BATCH
from subscriptions.rules.instants import day_text
from subscriptions.rules.prevalidations import PrevalidationStatus, warning_step
from subscriptions.rules.terms import utc_day
from subscriptions.selectors.prevalidation_warnings import ending_prevalidations
from subscriptions.selectors.prevalidations import renewal_mode


class PrevalidationEndingNotice(ToldNotice):
    """Told at the steps at which staff are warned; each is a matter of its own."""

    name = "prevalidation_ending"
    label = "Organization’s validation runs out"
    audience: ClassVar[Audience] = Audience.CUSTOMER

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give those that have come to a step, of customers that are not archived."""
        rows = ending_prevalidations(now).filter(customer__archived_at=None)
        for row in rows.order_by("pk").iterator(BATCH):
            if row.valid_until is not None:
                step = warning_step(row.valid_until, utc_day(now))
                yield MatterFound(
                    key=f"{row.code}:{step}",
                    began_at=now,
                    customer_id=row.customer_id,
                    about_kind="prevalidation",
                    about_code=row.code,
                    about_name=row.organization_name,
                    facts={"valid_until": row.valid_until.isoformat(), "step": step},
                )

    def is_still_so(self, matter: Matter) -> bool:
        """Whether it still ends then, and has not come to a later step."""
        now = timezone.now()
        row = ending_prevalidations(now).filter(code__in=[matter.about_code], customer=matter.customer).first()
        if row is None or row.valid_until is None:
            return False
        return bool(warning_step(row.valid_until, utc_day(now)) == matter.facts.get("step"))

    def says_solved(self, matter: Matter) -> bool:
        """Whether it lasts longer than it was to."""
        row = Prevalidation.objects.filter(code__in=[matter.about_code], customer=matter.customer).first()
        until = matter.facts.get("valid_until", "")
        return row is not None and row.valid_until is not None and row.valid_until.isoformat() > until

    def title(self, matter: Matter) -> str:
        """Say whose validation ends, or has ended, and when."""
        name, day = without_links(matter.about_name), day_text(date.fromisoformat(matter.facts["valid_until"]))
        if matter.facts.get("step") == 0:
            return f"The validation of {name} ended after {day}"
        return f"The validation of {name} ends on {day}"

    def text(self, matter: Matter) -> str:
        """Say what is expected of the customer."""
        is_over = matter.facts.get("step") == 0
        status = PrevalidationStatus.LAPSED if is_over else PrevalidationStatus.EXPIRING
        return expected_of_customer(status, renewal_mode(), contact="", has_names=True)

    def solved_title(self, matter: Matter) -> str:
        """Say that it was validated anew."""
        return f"Solved: {without_links(matter.about_name)} was validated anew"

    def solved_text(self, matter: Matter) -> str:
        """Say until when."""
        row = Prevalidation.objects.filter(code__in=[matter.about_code]).first()
        until = f"It is valid until {day_text(row.valid_until)}. " if row and row.valid_until else ""
        return f"{until}Nothing is left to do."

    def link(self, matter: Matter, person: User | None) -> Link:
        """Give the page with the customer's organizations."""
        return Link("subscriptions:my-organizations")
