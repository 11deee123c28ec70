"""No mail reaches a customer any more: the last address was removed, or mails come back from it."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from accounts.models import Matter, User
from accounts.told_notices import Audience, Link, MatterFound, ToldNotice
from accounts.undeliverable import unreachable_customers
from accounts.validators import without_links
from subscriptions.notices.of_subscriptions import BATCH
from subscriptions.selectors.unreachable import CUSTOMER_UNREACHABLE


class CustomerUnreachableNotice(ToldNotice):
    """Whatever happens to their certificates, nobody there would learn of it. A task counts them."""

    name = CUSTOMER_UNREACHABLE
    label = "Customer whom no mail reaches"
    audience: ClassVar[Audience] = Audience.STAFF

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give the customers whom no mail reaches now."""
        for customer in unreachable_customers().iterator(BATCH):
            yield MatterFound(
                key=str(customer.code),
                began_at=now,
                customer_id=customer.pk,
                about_kind="customer",
                about_code=customer.code,
                about_name=str(customer),
            )

    def is_still_so(self, matter: Matter) -> bool:
        """Whether no mail reaches the customer now."""
        return unreachable_customers().filter(code__in=[matter.about_code]).exists()

    def title(self, matter: Matter) -> str:
        """Say who it is."""
        return f"No mail reaches {without_links(matter.about_name)}"

    def text(self, matter: Matter) -> str:
        """Say what that means, and what to do."""
        return (
            "Nobody there can be told when a certificate is late or a term ends. Invite a person, or record an address "
            "for notices that works."
        )

    def solved_title(self, matter: Matter) -> str:
        """Say that somebody can be told again."""
        return f"Solved: mails reach {without_links(matter.about_name)} again"

    def link(self, matter: Matter, person: User | None) -> Link:
        """Give the customer's page."""
        return Link("subscriptions:customer-detail", (matter.about_code,))
