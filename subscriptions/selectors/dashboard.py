"""Reads for the dashboard: the figures, and the latest orders.

What needs a person is read in `person_tasks`, what was charged in `costs`.
"""

from dataclasses import dataclass
from datetime import datetime

from subscriptions.models import Certificate, Domain, Order, Subscription
from subscriptions.rules.certificates import CertificateState
from subscriptions.selectors.rows import orders, with_counts, with_state

ORDERS_SHOWN = 5
NOT_VALID = tuple(state for state in CertificateState if state not in (CertificateState.CURRENT, CertificateState.DUE))


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is, and how well it is."""

    running: int
    names: int
    valid: int  # certificates that are current, or due without being late
    late: int
    failing: int
    expired: int

    @property
    def trouble(self) -> str:
        """How many are late, failing or expired; an empty text where none is."""
        counts = {"late": self.late, "failing": self.failing, "expired": self.expired}
        return ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)


def figures(now: datetime) -> Figures:
    """Give the figures at `now`."""
    certificates = Certificate.objects.listed()
    of_state = {state: certificates.of_state(state, now).count() for state in NOT_VALID}
    return Figures(
        running=with_state(Subscription.objects.all(), Subscription.State.RUNNING, now).count(),
        names=Domain.objects.present().count(),
        valid=certificates.count() - sum(of_state.values()),  # most are: the others are counted
        late=of_state[CertificateState.LATE],
        failing=of_state[CertificateState.FAILING],
        expired=of_state[CertificateState.EXPIRED],
    )


def latest_orders() -> list[Order]:
    """Give the latest orders, with their counts."""
    return with_counts(orders()[:ORDERS_SHOWN])
