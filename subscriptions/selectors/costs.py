"""Reads of what the CA charged and refunded. Amounts of two currencies are never added.

Every total is of one source, the CA's own list of transactions: it alone has the refunds, and what other programs
charged to the reseller's account. An amount that is not known is in no total; it is counted apart, as open.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Sum
from django.db.models.functions import Abs, TruncMonth

from subscriptions.models import Operation, Transaction
from subscriptions.rules.prices import summed
from subscriptions.rules.terms import utc_day

MONTHS = 12
HAS_AMOUNT = Q(cost__isnull=False) & ~Q(currency="")
# The guide says "debited or refunded", not with which sign.
IS_REFUND = ExpressionWrapper(Q(kind__icontains="refund") | Q(cost__lt=0), output_field=BooleanField())


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
        return sum((month.charged for month in self.months), Decimal(0))

    @property
    def refunded(self) -> Decimal:
        """What was refunded in all."""
        return sum((month.refunded for month in self.months), Decimal(0))

    @property
    def net(self) -> Decimal:
        """What is left of the charges."""
        return self.charged - self.refunded


@dataclass(frozen=True, slots=True)
class CostOverview:
    """Twelve months for each currency, and how many amounts are open in them and in the last of them."""

    years: Sequence[CostYear]
    open: int
    open_this_month: int

    @property
    def this_month(self) -> dict[str, Decimal]:
        """What was charged in the month that is running (UTC), by currency."""
        charged = {year.currency: year.months[-1].charged for year in self.years}
        return {currency: amount for currency, amount in charged.items() if amount}

    @property
    def hint(self) -> str:
        """Where the figure of the month is from, and what it does not hold."""
        if not self.open_this_month:
            return "As the CA lists it (UTC)"
        charges = "1 charge" if self.open_this_month == 1 else f"{self.open_this_month} charges"
        return f"As the CA lists it (UTC), {charges} not yet confirmed"


def cost_overview(now: datetime) -> CostOverview:
    """Give what the CA charged and refunded in the twelve months up to `now`: the source of figure, chart and table."""
    months = _months_until(utc_day(now))
    return CostOverview(
        cost_years(now), open=_open_since(_start(months[0])), open_this_month=_open_since(_start(months[-1]))
    )


def cost_years(now: datetime) -> list[CostYear]:
    """Give the twelve months up to `now`, for each currency in which the CA lists an amount."""
    months = _months_until(utc_day(now))
    charged, refunded = _amounts_since(months[0])
    currencies = sorted({currency for currency, _ in [*charged, *refunded]})
    return [
        CostYear(currency, [Costs(month, charged[currency, month], refunded[currency, month]) for month in months])
        for currency in currencies
    ]


def _months_until(today: date) -> list[date]:
    last = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - MONTHS + 1, last + 1)]


Amounts = defaultdict[tuple[str, date], Decimal]


def _start(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def _amounts_since(first: date) -> tuple[Amounts, Amounts]:
    """Give what was charged and what was refunded, by currency and month."""
    listed = Transaction.objects.filter(HAS_AMOUNT, executed_at__gte=_start(first)).exclude(cost=0).order_by()
    sums = listed.annotate(month=TruncMonth("executed_at", tzinfo=UTC), is_refund=IS_REFUND)
    charged: Amounts = defaultdict(Decimal)
    refunded: Amounts = defaultdict(Decimal)
    for row in sums.values("month", "currency", "is_refund").annotate(amount=Sum(Abs("cost"))):
        amounts = refunded if row["is_refund"] else charged
        amounts[row["currency"], row["month"].date()] += summed(row["amount"])
    return charged, refunded


def _open_since(start: datetime) -> int:
    """Give how many amounts are not known: unreadable ones the CA lists, and charges it has not listed.

    A line without a readable date is of no month: it counts from when it was seen first.
    """
    undated = Q(executed_at=None, first_seen_at__gte=start)
    unreadable = Transaction.objects.filter(undated | Q(executed_at__gte=start) & ~HAS_AMOUNT).exclude(cost=0)
    listed = Transaction.objects.filter(binding=OuterRef("binding"), ca_order_number=OuterRef("ca_order_number"))
    unlisted = Operation.objects.filter(
        ~Exists(listed), state=Operation.State.SUCCEEDED, is_charge_open=True, finished_at__gte=start
    )
    return unreadable.count() + unlisted.count()
