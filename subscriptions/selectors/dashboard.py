"""Reads for the dashboard: the figures, and the latest orders.

What needs a person is read in `person_tasks`, what was charged in `costs`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from subscriptions.models import Certificate, Domain, Order, Subscription
from subscriptions.models.certificates import ISSUED_CODES
from subscriptions.selectors.rows import orders, with_counts, with_state

ORDERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is, and how well it is."""

    running: int
    names: int
    current: int
    late: int

    @property
    def late_words(self) -> str:
        """How many are not current."""
        return f"{self.late} late"


def figures(now: datetime) -> Figures:
    """Give the figures at `now`."""
    issued = Q(status_code__in=ISSUED_CODES)
    current = issued & (Q(valid_until=None) | Q(valid_until__gt=now))
    certificates = Certificate.objects.filter(domain__in=Domain.objects.present()).aggregate(
        current=Count("pk", filter=current), late=Count("pk", filter=~current)
    )
    return Figures(
        running=with_state(Subscription.objects.all(), Subscription.State.RUNNING, now).count(),
        names=Domain.objects.present().count(),
        **certificates,
    )


def latest_orders() -> list[Order]:
    """Give the latest orders, with their counts."""
    return with_counts(orders()[:ORDERS_SHOWN])
