"""Reads on the way from typed names to an order: what is there already, a quote's lines, an order's progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils import timezone

from subscriptions.explain.states import OrderState, QuoteAge
from subscriptions.models import Gate, Operation, Order, Quote, QuoteLine, Subscription
from subscriptions.rules.names import covering_wildcard
from subscriptions.selectors.names import holders_of
from subscriptions.selectors.rows import ORDER_COUNTS, version_of, with_counts

State = Operation.State
LineState = QuoteLine.State


# --- Names ----------------------------------------------------------------------------------------------------------


def wildcards_of(subscription: Subscription) -> frozenset[str]:
    """Give the wildcard names a subscription has."""
    wildcards = subscription.domains.present().filter(name__startswith="*.")
    return frozenset(wildcards.values_list("name", flat=True))


# --- Quotes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A quote's line with what it brings, and what staff should know before they pay for it.

    `holder` is another customer who has one of the names, `wildcard` a name whose certificate covers this one too.
    """

    line: QuoteLine
    brings: Sequence[str]
    holder: str
    wildcard: str


@dataclass(frozen=True, slots=True)
class QuotePage:
    """A quote, sorted into what it adds, what comes with that, and what the CA refused."""

    quote: Quote
    order_code: UUID | None
    priced: Sequence[ShownLine]
    covered: Sequence[QuoteLine]
    refused: Sequence[QuoteLine]
    pending: int
    now: datetime

    @property
    def is_waiting(self) -> bool:
        """Whether the CA is still being asked."""
        return self.quote.state in (Quote.State.QUEUED, Quote.State.PRICING)

    @property
    def asked(self) -> int:
        """How many names were asked for."""
        return self.answered + self.pending

    @property
    def answered(self) -> int:
        """For how many names the CA has answered."""
        return len(self.priced) + len(self.covered) + len(self.refused)

    @property
    def name_count(self) -> int:
        """How many names a confirmation adds, those that come along included."""
        return len({name for shown in self.priced for name in shown.line.names})

    @property
    def age(self) -> QuoteAge:
        """Whether its prices can still be confirmed."""
        if self.order_code:
            return QuoteAge.CONFIRMED
        return QuoteAge.HOLDS if self.quote.holds(self.now) else QuoteAge.EXPIRED

    @property
    def can_confirm(self) -> bool:
        """Whether its prices may be confirmed now."""
        return self.age == QuoteAge.HOLDS and bool(self.priced)

    @property
    def version(self) -> str:
        """A text that differs when what is shown differs."""
        return version_of(self.quote.state, self.pending, self.quote.problem)


def quote_page(quote: Quote) -> QuotePage:
    """Give what the page of a quote shows."""
    lines = list(quote.lines.select_related("covered_by"))
    priced = [line for line in lines if line.state == LineState.PRICED]
    holders = holders_of([name for line in priced for name in line.names], besides=quote.subscription)
    wildcards = wildcards_of(quote.subscription).union(line.name for line in priced)
    return QuotePage(
        quote=quote,
        order_code=Order.objects.filter(quote=quote).values_list("code", flat=True).first(),
        priced=[_shown(line, holders, wildcards) for line in priced],
        covered=[line for line in lines if line.state == LineState.COVERED],
        refused=[line for line in lines if line.state == LineState.REFUSED],
        pending=sum(line.state == LineState.PENDING for line in lines),
        now=timezone.now(),
    )


def _shown(line: QuoteLine, holders: dict[str, str], wildcards: frozenset[str]) -> ShownLine:
    brings = [name for name in line.names if name != line.name]
    holder = next((holders[name] for name in line.names if name in holders), "")
    return ShownLine(line, brings, holder, covering_wildcard(line.name, wildcards))


# --- Orders ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hold:
    """What holds an order up: a closed gate, or (with `operation_code`) a name whose outcome is being read for."""

    title: str
    text: str
    operation_code: UUID | None = None


@dataclass(frozen=True, slots=True)
class OrderProgress:
    """How far an order is."""

    order: Order
    total: int
    done: int
    refused: int
    canceled: int
    attention: int
    working: int
    open: int
    charges: Mapping[str, Decimal]
    last_end: datetime | None
    hold: "Hold | None" = None

    @property
    def settled(self) -> int:
        """How many of its operations have a final outcome."""
        return self.done + self.refused + self.canceled

    @property
    def is_waiting(self) -> bool:
        """Whether something will change by itself."""
        return self.working > 0

    @property
    def state(self) -> OrderState:
        """How it is as a whole."""
        return order_state(
            done=self.done,
            refused=self.refused,
            canceled=self.canceled,
            attention=self.attention,
            working=self.working,
            is_stopped=self.order.stopped_at is not None,
        )

    @property
    def seconds_left(self) -> float | None:
        """About how long the rest takes, from how long the finished ones took; None where that cannot be said yet."""
        if not self.working or self.settled < 2 or self.last_end is None:
            return None
        return (self.last_end - self.order.confirmed_at).total_seconds() / self.settled * self.working

    @property
    def detail(self) -> str:
        """What the bar does not show: how many were refused, canceled, or wait for a person."""
        counts = {"refused": self.refused, "canceled": self.canceled, "in attention": self.attention}
        return ", ".join(f"{number} {word}" for word, number in counts.items() if number)

    @property
    def version(self) -> str:
        """A text that differs when what is shown differs."""
        counts = (self.done, self.refused, self.canceled, self.attention, self.working)
        return version_of(*counts, self.open, self.order.stopped_at, self.hold)


def order_progress(order: Order) -> OrderProgress:
    """Give how far an order is."""
    with_counts([order])
    counts: dict[str, Any] = {name: getattr(order, name) for name in ORDER_COUNTS}
    total, working = counts.pop("line_count"), counts["working"]
    return OrderProgress(
        order=order,
        total=total,
        **counts,
        charges=vars(order)["charges"],
        last_end=order.operations.order_by().aggregate(last=Max("finished_at"))["last"],
        hold=_hold_of(order) if working else None,
    )


def _hold_of(order: Order) -> Hold | None:
    """Give what the names of an order wait for that are not at the CA, where that is not just their turn."""
    gate = Gate.objects.filter(pk=Gate.SINGLETON).exclude(closed_for=Gate.Closed.NOTHING).first()
    if gate is not None:
        return Hold("The connection to the CA is closed", gate.reason)
    lost = Operation.objects.filter(binding=order.subscription.binding, state=State.UNKNOWN).order_by("pk").first()
    return None if lost is None else Hold("The CA’s answer was lost for one name", lost.domain_name, lost.code)


def order_state(
    *, done: int, refused: int, canceled: int, attention: int, working: int, is_stopped: bool
) -> OrderState:
    """Give how an order is as a whole, from how many of its operations are in which state."""
    if working:
        return OrderState.RUNNING
    if is_stopped:
        return OrderState.STOPPED
    if attention:
        return OrderState.ATTENTION
    if not done:
        return OrderState.REFUSED if refused else OrderState.CANCELED
    return OrderState.PARTLY if refused or canceled else OrderState.DONE


def order_lines(order: Order) -> "QuerySet[Operation]":
    """Give the operations of an order in the order of its quote."""
    return Operation.objects.filter(order=order).select_related("quote_line").order_by("quote_line__position", "pk")


def refused_names(order: Order) -> list[str]:
    """Give the names of an order that the CA refused."""
    refused = Operation.objects.filter(order=order, state=State.REFUSED).order_by("quote_line__position")
    return list(refused.values_list("domain_name", flat=True))
