"""The first ACME client has registered with a subscription's key."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from accounts.models import Matter
from accounts.told_notices import MatterFound
from subscriptions.explain.happenings import REGISTERED_CLIENTS
from subscriptions.notices.of_subscriptions import SubscriptionNotice, events_of, found_of
from subscriptions.selectors.clients import has_earlier_client


class ClientRegisteredNotice(SubscriptionNotice):
    """The set-up has come so far: the next thing is the first certificate."""

    name = "client_registered"
    label = "First ACME client registered"
    is_event: ClassVar[bool] = True

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give the registrations since then before which the subscription had no client."""
        for event, subscription in events_of(REGISTERED_CLIENTS, since):
            if not has_earlier_client(event):
                yield found_of(subscription, str(event.code), event.at)

    def title(self, matter: Matter) -> str:
        """Say where a client has registered."""
        return f"An ACME client has registered for {self.subscription_of(matter)}"

    def text(self, matter: Matter) -> str:
        """Say what comes next."""
        return "It is the first one. It can order certificates for the names of the subscription now."
