"""A subscription's term ends soon: told 100, 60 and 30 days before, and more and more pressing from then on."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import ClassVar

from django.utils import timezone

from accounts.models import Matter
from accounts.told_notices import MatterFound, Topic
from subscriptions.models import Subscription
from subscriptions.notices.of_subscriptions import (
    BATCH,
    SubscriptionNotice,
    found_of,
    instant_of,
    last_day_words,
)
from subscriptions.rules.terms import ENDING_DAYS, ending_step
from subscriptions.selectors.endings import ending_subscriptions


class SubscriptionEndingNotice(SubscriptionNotice):
    """Told in the digest. Each step is a matter of its own; "solved" is said once it was extended."""

    name = "subscription_ending"
    label = "Subscription ends soon"
    topic: ClassVar[Topic] = Topic.MONEY
    steps: ClassVar[Collection[int]] = [days for days in ENDING_DAYS if days > min(ENDING_DAYS)]

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give the subscriptions whose term has come to one of the steps."""
        for subscription in ending_subscriptions(now).order_by("pk").iterator(BATCH):
            end = subscription.expires_at
            step = ending_step(end, now) if end else None
            if end is not None and step in self.steps:
                key = f"{subscription.code}:{step}"
                yield found_of(subscription, key, now, expires_at=end.isoformat(), step=step)

    def is_still_so(self, matter: Matter) -> bool:
        """Whether its term still ends then, and has not come to a later step."""
        row = ending_subscriptions(timezone.now()).filter(code__in=[matter.subscription_code]).first()
        if row is None or row.expires_at is None or row.customer_id != matter.customer_id:
            return False
        return bool(ending_step(row.expires_at, timezone.now()) == matter.facts.get("step"))

    def says_solved(self, matter: Matter) -> bool:
        """Whether the term ends later than it was to: that a step is over, or the term, is no solution."""
        until = instant_of(matter, "expires_at")
        rows = Subscription.objects.filter(code__in=[matter.subscription_code], customer=matter.customer)
        return until is not None and rows.filter(expires_at__gt=until).exists()

    def title(self, matter: Matter) -> str:
        """Say which ends, and when."""
        return f"{self.subscription_of(matter)} ends on {last_day_words(matter, 'expires_at')}"

    def text(self, matter: Matter) -> str:
        """Say what its end means, and who can extend it."""
        return (
            "After that day no certificate can be issued or renewed for its names. Ask your provider to extend it, "
            "or tell them that it may end."
        )

    def solved_title(self, matter: Matter) -> str:
        """Say that it was extended."""
        return f"Solved: {self.subscription_of(matter)} was extended"

    def solved_text(self, matter: Matter) -> str:
        """Say that nothing is left to do."""
        return "Its certificates go on being renewed. Nothing is left to do."
