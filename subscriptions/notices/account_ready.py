"""A subscription's ACME account is ready: its customer sees it at once, without a hand-over that would tell them."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from accounts.models import Matter
from accounts.told_notices import MatterFound
from subscriptions.notices.of_subscriptions import SubscriptionNotice, found_of
from subscriptions.selectors.accounts import accounts_made


class AccountReadyNotice(SubscriptionNotice):
    """The first thing that people learn of a subscription that nobody hands over."""

    name = "account_ready"
    label = "ACME account ready"
    is_urgent: ClassVar[bool] = True
    is_event: ClassVar[bool] = True

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give the subscriptions whose account was made since then, where no hand-over tells it."""
        for operation in accounts_made(since):
            subscription = operation.subscription
            yield found_of(subscription, str(subscription.code), operation.finished_at or now)

    def title(self, matter: Matter) -> str:
        """Say which is ready."""
        return f"{self.subscription_of(matter)} is ready to be set up"

    def text(self, matter: Matter) -> str:
        """Say what to do with it."""
        return "Its ACME server URL and its EAB key stand in the portal, with the steps for your ACME client."
