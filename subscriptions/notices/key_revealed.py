"""Somebody has seen a subscription's EAB HMAC key: with it, anyone can register an ACME client."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from accounts.models import Matter, User
from accounts.told_notices import MatterFound, Topic
from accounts.validators import without_links
from subscriptions.explain.happenings import SHOWED_THE_KEY
from subscriptions.notices.of_subscriptions import SubscriptionNotice, events_of, found_of


class KeyRevealedNotice(SubscriptionNotice):
    """Told to everybody who sees the subscription, also to who did it: somebody else may have been signed in."""

    name = "key_revealed"
    label = "EAB HMAC key shown"
    topic: ClassVar[Topic] = Topic.SECURITY
    is_urgent: ClassVar[bool] = True
    is_event: ClassVar[bool] = True

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give the reveals since then, from the audit trail, of subscriptions that are still the customer's of then."""
        for event, subscription in events_of(SHOWED_THE_KEY, since):
            actor = User.objects.filter(code__in=[event.actor_code]).first()
            is_own = actor is not None and actor.memberships.filter(customer=subscription.customer_id).exists()
            yield found_of(subscription, str(event.code), event.at, by=str(actor) if is_own else "")

    def title(self, matter: Matter) -> str:
        """Say which subscription's key it was."""
        return f"The EAB HMAC key of {self.subscription_of(matter)} was shown"

    def text(self, matter: Matter) -> str:
        """Say who saw it and what to do where that is a surprise."""
        by = without_links(matter.facts.get("by", "")) or "Your provider"
        return (
            f"{by} has looked at it in the portal. If nobody of you expected that, ask your provider to suspend the "
            "account: whoever has the key can register an ACME client under it."
        )
