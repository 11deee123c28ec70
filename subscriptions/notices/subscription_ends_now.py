"""The last days of a term, its end, and the time after it in which it can still be extended."""

from collections.abc import Collection
from typing import ClassVar

from accounts.models import Matter
from subscriptions.notices.of_subscriptions import last_day_words
from subscriptions.notices.subscription_ending import SubscriptionEndingNotice
from subscriptions.rules.terms import ENDING_DAYS, EXTENSION_DAYS_AFTER


class SubscriptionEndsNowNotice(SubscriptionEndingNotice):
    """Told at once."""

    name = "subscription_ends_now"
    label = "Subscription ends within days, or has ended"
    is_urgent: ClassVar[bool] = True
    steps: ClassVar[Collection[int]] = (min(ENDING_DAYS), 0, -1)

    def title(self, matter: Matter) -> str:
        """Say which ends, or has ended, and when."""
        if matter.facts.get("step") == -1:
            return f"{self.subscription_of(matter)} has ended"
        return super().title(matter)

    def text(self, matter: Matter) -> str:
        """Say what that means, and until when it can be put right."""
        if matter.facts.get("step") != -1:
            return super().text(matter)
        return (
            f"Its last day was {last_day_words(matter, 'expires_at')}. No certificate is issued or renewed for its "
            f"names any more. Your provider can still extend it within {EXTENSION_DAYS_AFTER} days after that day."
        )
