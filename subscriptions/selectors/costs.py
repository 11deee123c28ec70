"""Reads of what the CA charged and refunded. Amounts of two currencies are never added."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from subscriptions.models import Transaction

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Costs:
    """What was charged and refunded in a month (UTC), named by its first day."""

    month: date
    charged: Decimal
    refunded: Decimal

    @property
    def net(self) -> Decimal:
        """What is left of the charges."""
        return self.charged - self.refunded


@dataclass(frozen=True, slots=True)
class CostYear:
    """Twelve months in one currency, the oldest first."""

    currency: str
    months: Sequence[Costs]

    @property
    def charged(self) -> Decimal:
        """What was charged in all."""
        return sum((one.charged for one in self.months), Decimal(0))

    @property
    def refunded(self) -> Decimal:
        """What was refunded in all."""
        return sum((one.refunded for one in self.months), Decimal(0))

    @property
    def net(self) -> Decimal:
        """What is left of the charges."""
        return self.charged - self.refunded


def cost_years(now: datetime) -> list[CostYear]:
    """Give the twelve months up to `now`, for each currency in which the CA lists an amount."""
    months = _months_until(now.astimezone(UTC).date())
    charged, refunded = _amounts_since(months[0])
    currencies = sorted({currency for currency, _ in [*charged, *refunded]})
    return [
        CostYear(one, [Costs(month, charged[one, month], refunded[one, month]) for month in months])
        for one in currencies
    ]


def _months_until(today: date) -> list[date]:
    last = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - MONTHS + 1, last + 1)]


Amounts = defaultdict[tuple[str, date], Decimal]


def _amounts_since(first: date) -> tuple[Amounts, Amounts]:
    """Give what was charged and what was refunded, by currency and month."""
    rows = Transaction.objects.filter(executed_at__gte=datetime(first.year, first.month, 1, tzinfo=UTC))
    rows = rows.filter(cost__isnull=False).exclude(cost=0).order_by()
    sums = rows.annotate(month=TruncMonth("executed_at", tzinfo=UTC)).values("month", "currency", "kind")
    charged: Amounts = defaultdict(Decimal)
    refunded: Amounts = defaultdict(Decimal)
    for row in sums.annotate(amount=Sum("cost")):
        # The guide says "debited or refunded", not with which sign.
        amounts = refunded if "refund" in row["kind"].lower() or row["amount"] < 0 else charged
        amounts[row["currency"], row["month"].date()] += abs(row["amount"])
    return charged, refunded
