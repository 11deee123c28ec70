"""One more ACME client has registered with a key, or one comes from an address that it never came from."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from accounts.models import Matter
from accounts.told_notices import MatterFound, Topic
from subscriptions.explain.happenings import MOVED_CLIENTS, REGISTERED_CLIENTS
from subscriptions.notices.of_subscriptions import SubscriptionNotice, events_of, found_of
from subscriptions.selectors.clients import has_earlier_client


class ClientNewNotice(SubscriptionNotice):
    """About security: whoever has the key can register. The address stands on the page, for those who may see it."""

    name = "client_new"
    label = "New ACME client, or one at a new address"
    topic: ClassVar[Topic] = Topic.SECURITY
    is_urgent: ClassVar[bool] = True
    is_event: ClassVar[bool] = True

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give the registrations besides a subscription's first, and the moves to new addresses."""
        for event, subscription in events_of(REGISTERED_CLIENTS | MOVED_CLIENTS, since):
            has_moved = event.action in MOVED_CLIENTS
            if has_moved or has_earlier_client(event):
                yield found_of(subscription, str(event.code), event.at, has_moved=has_moved)

    def title(self, matter: Matter) -> str:
        """Say what is new."""
        if matter.facts.get("has_moved"):
            return f"An ACME client of {self.subscription_of(matter)} comes from a new address"
        return f"One more ACME client has registered for {self.subscription_of(matter)}"

    def text(self, matter: Matter) -> str:
        """Say what to do where that is a surprise."""
        return (
            "If nobody of you set it up or moved it, ask your provider to suspend it: whoever has the key can order "
            "certificates for your names. The subscription’s page shows which client it is."
        )
