"""What notices about a subscription share: how a matter names it, and its days and instants in words."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone

from accounts.models import AuditEvent, Matter, User
from accounts.told_notices import Audience, Link, MatterFound, ToldNotice
from accounts.validators import without_links
from subscriptions.models import Subscription
from subscriptions.rules.instants import day_text, instant_text
from subscriptions.rules.terms import last_day

BATCH = 500


def found_of(subscription: Subscription, key: str, began_at: datetime, **facts: Any) -> MatterFound:
    """Give a matter about a subscription, for those of its customer's people who see it."""
    return MatterFound(
        key=key,
        began_at=began_at,
        customer_id=subscription.customer_id,
        subscription_code=subscription.code,
        about_kind="subscription",
        about_code=subscription.code,
        about_name=subscription.title,
        facts=facts,
    )


def events_of(happenings: frozenset[Any], since: datetime) -> Iterator[tuple[AuditEvent, Subscription]]:
    """Give what the audit trail tells since then of subscriptions, each of its customer of then, with it."""
    events = AuditEvent.objects.filter(action__in=happenings, at__gte=since).order_by("at", "pk")
    for event in events.iterator(BATCH):
        own = Subscription.objects.filter(code__in=[event.target_code], customer__code__in=[event.customer_code])
        subscription = own.select_related("server").first()
        if subscription is not None:
            yield event, subscription


def instant_of(matter: Matter, fact: str) -> datetime | None:
    """Give an instant that stands among a matter's facts; None where none does."""
    text = str(matter.facts.get(fact) or "")
    return datetime.fromisoformat(text) if text else None


def at_words(matter: Matter, fact: str) -> str:
    """Give an instant among a matter's facts in words, in the reader's time zone."""
    at = instant_of(matter, fact)
    return instant_text(at, timezone.get_current_timezone()) if at else "an unknown time"


def last_day_words(matter: Matter, fact: str) -> str:
    """Give the last day of what ends at an instant among a matter's facts, in words."""
    at = instant_of(matter, fact)
    return day_text(last_day(at)) if at else "an unknown day"


class SubscriptionNotice(ToldNotice):
    """A notice to the people of a customer about one of its subscriptions, which leads to that."""

    audience: ClassVar[Audience] = Audience.CUSTOMER

    def link(self, matter: Matter, person: User | None) -> Link:
        """Give the subscription's page."""
        return Link("subscriptions:my-subscription", (matter.subscription_code,))

    def is_still_so(self, matter: Matter) -> bool:
        """Whether the subscription is still that customer's."""
        return Subscription.objects.filter(code__in=[matter.subscription_code], customer=matter.customer).exists()

    @staticmethod
    def subscription_of(matter: Matter) -> str:
        """Give what the subscription is called."""
        return without_links(matter.about_name)
