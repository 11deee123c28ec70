"""The first certificate of a subscription was issued."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from accounts.models import Matter
from accounts.told_notices import MatterFound
from subscriptions.notices.of_subscriptions import SubscriptionNotice, found_of
from subscriptions.selectors.certificates import first_certificates


class FirstCertificateNotice(SubscriptionNotice):
    """The set-up is done: from here on the client renews by itself."""

    name = "first_certificate"
    label = "First certificate"
    is_event: ClassVar[bool] = True

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give the subscriptions whose first certificate was listed since then."""
        for issued in first_certificates(since):
            subscription = issued.domain.subscription
            yield found_of(subscription, str(subscription.code), issued.first_seen_at, domain=str(issued.domain))

    def title(self, matter: Matter) -> str:
        """Say whose first certificate it is."""
        return f"The first certificate of {self.subscription_of(matter)} was issued"

    def text(self, matter: Matter) -> str:
        """Say for which name, and what is left to do."""
        return (
            f"It is for {matter.facts.get('domain')}. See that the client runs by itself from now on, at least once a "
            "day: it renews the certificate in time."
        )
