"""Reads on the way from typed names to an order: what is there already, a quote's lines, an order's progress."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from accounts.models import Customer
from subscriptions.explain.states import OrderState, QuoteAge
from subscriptions.explain.waits import about_left, at_most_left
from subscriptions.kinds import PricedKind, priced_kind_of
from subscriptions.models import Domain, Operation, Order, Prevalidation, Quote, QuoteLine, Subscription
from subscriptions.rules.names import covering_wildcard, registrable_domain
from subscriptions.rules.prices import NO_CHARGE, all_shown
from subscriptions.rules.typos import looks_like, www_meant
from subscriptions.rules.written_names import written_list
from subscriptions.selectors.names import Holders, domains_of, held_elsewhere, holders_of, other_holder
from subscriptions.selectors.rows import ORDER_COUNTS, version_of, with_counts
from subscriptions.selectors.waits import Wait, wait_of_order

State = Operation.State
LineState = QuoteLine.State


# --- Names ----------------------------------------------------------------------------------------------------------


def wildcards_of(subscriptions: Collection[Subscription]) -> dict[int, set[str]]:
    """Give the wildcard names that each of some subscriptions has, by its primary key."""
    wildcards = Domain.objects.present().filter(subscription__in=subscriptions, name__startswith="*.")
    found: dict[int, set[str]] = {}
    for subscription_id, name in wildcards.values_list("subscription_id", "name"):
        found.setdefault(subscription_id, set()).add(name)
    return found


# --- Quotes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A quote's line with what it brings, and what staff should know before they pay for it.

    `holder` is another customer who has one of the names, `wildcard` a name whose certificate covers this one too,
    `similar` what it may be a misspelling of; `is_elsewhere` says that another subscription of the customer has it.
    """

    line: QuoteLine
    brings: Sequence[str]
    holder: str
    wildcard: str
    similar: str = ""
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class QuotePart:
    """What a quote does to one subscription, in one way: what is priced, and what comes with that."""

    subscription: Subscription
    kind: PricedKind
    priced: Sequence[ShownLine]
    covered: Sequence[QuoteLine]

    @property
    def prevalidations(self) -> list[Prevalidation]:
        """The pre-validations that its names are added under."""
        return sorted({one.line.prevalidation for one in self.priced if one.line.prevalidation}, key=str)

    @property
    def words(self) -> str:
        """What it does: "Add 12 names"."""
        return self.kind.selling_words([one.line for one in self.priced])


@dataclass(frozen=True, slots=True)
class QuotePage:
    """A quote, sorted into what it does to each subscription, and what the CA refused."""

    quote: Quote
    lines: Sequence[QuoteLine]
    order: Order | None
    subscriptions: Sequence[Subscription]
    parts: Sequence[QuotePart]
    refused: Sequence[QuoteLine]
    left_out: Sequence[QuoteLine]
    answered: int
    pending: int
    now: datetime

    @property
    def subscription(self) -> Subscription | None:
        """The one subscription that it is for; None where there are several."""
        return self.subscriptions[0] if len(self.subscriptions) == 1 else None

    @property
    def is_waiting(self) -> bool:
        """Whether the CA is still being asked."""
        return self.quote.state in (Quote.State.QUEUED, Quote.State.PRICING)

    @property
    def asked(self) -> int:
        """How many prices were asked for."""
        return self.answered + self.pending

    @property
    def button(self) -> str:
        """What a confirmation does, and what it charges: "Add 2 names – charge USD 190.00"."""
        words = [part.words for part in self.parts]
        doing = words[0] if len(words) == 1 else f"Confirm all {len(words)}"
        charge = all_shown(self.quote.amounts)
        then = f", then remove {written_list(old.name for old in self.replaced)}" if self.replaced else ""
        return f"{doing} – {charge if charge == NO_CHARGE else f'charge {charge}'}{then}"

    @property
    def replaced(self) -> list[Domain]:
        """The names that go once what is added in their place is there."""
        priced = [one.line for part in self.parts for one in part.priced]
        return [line.replaces for line in priced if line.replaces is not None]

    @property
    def names_to_add(self) -> int:
        """How many names it would add that are priced by themselves."""
        return sum(bool(one.line.name) for part in self.parts for one in part.priced)

    @property
    def can_leave_out(self) -> bool:
        """Whether something can be left out now, so that something stays."""
        return self.can_confirm and sum(can_be_left_out(line, self.quote) for line in self.lines) > 1

    @property
    def age(self) -> QuoteAge:
        """Whether its prices can still be confirmed."""
        return age_of(self.quote, self.now, is_confirmed=self.order is not None)

    @property
    def can_confirm(self) -> bool:
        """Whether its prices may be confirmed now."""
        return self.age == QuoteAge.VALID and bool(self.parts)

    @property
    def version(self) -> str:
        """A text that differs when what is shown differs."""
        return version_of(self.quote.state, self.pending, self.quote.problem, self.quote.revision)


def age_of(quote: Quote, now: datetime, *, is_confirmed: bool) -> QuoteAge:
    """Give whether the prices of a quote that the CA has answered can be confirmed at `now`."""
    if is_confirmed:
        return QuoteAge.CONFIRMED
    return QuoteAge.VALID if quote.is_valid(now) else QuoteAge.EXPIRED


def quote_page(quote: Quote) -> QuotePage:
    """Give what the page of a quote shows."""
    lines = list(
        quote.lines.select_related(
            "covered_by",
            "prevalidation",
            "replaces",
            "subscription__customer",
            "subscription__server",
            "subscription__binding",
        )
    )
    pending = sum(line.state == LineState.PENDING for line in lines)
    return QuotePage(
        quote=quote,
        lines=lines,
        order=Order.objects.filter(quote=quote).first(),
        subscriptions=list(dict.fromkeys(line.subscription for line in lines)),
        parts=_parts(lines),
        refused=[line for line in lines if line.state == LineState.REFUSED],
        left_out=[line for line in lines if line.state == LineState.LEFT_OUT],
        answered=sum(line.state not in (LineState.PENDING, LineState.LEFT_OUT) for line in lines),
        pending=pending,
        now=timezone.now(),
    )


def can_be_left_out(line: QuoteLine, quote: Quote) -> bool:
    """Whether a line is one that a person may leave out: priced, or come along without having been chosen to."""
    return line.state == LineState.PRICED or (line.state == LineState.COVERED and not quote.add_companions)


def _parts(lines: Iterable[QuoteLine]) -> list[QuotePart]:
    """Sort priced lines by what they do, and to which subscription, in a number of queries that does not depend."""
    of_part: dict[tuple[Subscription, str], list[QuoteLine]] = {}
    for line in lines:
        if line.state in (LineState.PRICED, LineState.COVERED):
            of_part.setdefault((line.subscription, line.kind), []).append(line)
    priced = [line for line in lines if line.state == LineState.PRICED]
    holders = holders_of(name for line in priced if line.name for name in line.names)
    wildcards = wildcards_of({line.subscription for line in priced})
    known = domains_of({line.subscription.customer_id for line in priced if line.name})
    for line in priced:
        wildcards.setdefault(line.subscription_id, set()).add(line.name)
    return [
        QuotePart(
            subscription,
            priced_kind_of(own[0]),
            [_shown(line, holders, wildcards, known) for line in own if line.state == LineState.PRICED],
            [line for line in own if line.state == LineState.COVERED],
        )
        for (subscription, _), own in of_part.items()
    ]


def _shown(
    line: QuoteLine, holders: Holders, wildcards: Mapping[int, set[str]], known: Mapping[int, set[str]]
) -> ShownLine:
    brings = [name for name in line.names if name != line.name]
    holder = other_holder(holders, line.names if line.name else (), line.subscription)
    wildcard = covering_wildcard(line.name, wildcards.get(line.subscription_id, ()))
    similar = similar_name(line.name, known.get(line.subscription.customer_id, ()))
    return ShownLine(line, brings, holder, wildcard, similar, held_elsewhere(holders, line.name, line.subscription))


def similar_name(name: str, domains: Collection[str]) -> str:
    """Give what a name may be a misspelling of, beside the domains that its customer has; empty where of nothing."""
    return looks_like(registrable_domain(name), domains) or www_meant(name)


def by_customer(lines: Iterable[QuoteLine]) -> list[tuple[Customer, list[QuoteLine]]]:
    """Give the lines of a quote for each customer that it is about."""
    found: dict[Customer, list[QuoteLine]] = {}
    for line in lines:
        found.setdefault(line.subscription.customer, []).append(line)
    return list(found.items())


# --- Orders ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderProgress:
    """How far an order is."""

    order: Order
    subscriptions: Sequence[Subscription]
    total: int
    done: int
    refused: int
    canceled: int
    attention: int
    working: int
    open: int
    charges: Mapping[str, Decimal]
    began_at: datetime
    last_end: datetime | None
    now: datetime
    wait: Wait | None = None

    @property
    def subscription(self) -> Subscription | None:
        """The one subscription that it is for; None where there are several."""
        return self.subscriptions[0] if len(self.subscriptions) == 1 else None

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
    def left(self) -> str:
        """How long the rest takes, in words, as far as what it waits for lets that be said; else empty."""
        pace = self._seconds_at_this_pace()
        if self.wait is None:
            return "" if pace is None else about_left(pace)
        return "" if self.wait.seconds is None else at_most_left(max(self.wait.seconds, pace or 0))

    def _seconds_at_this_pace(self) -> float | None:
        """Give about how long the rest takes from how long what is done took; None where that says nothing now."""
        if not self.working or self.settled < 2 or self.last_end is None:
            return None
        each = (self.last_end - self.began_at).total_seconds() / self.settled
        stands_still = self.now - self.last_end > timedelta(seconds=max(60, 3 * each))
        return None if stands_still else each * self.working

    @property
    def detail(self) -> str:
        """What the bar does not show: how many were refused, canceled, or wait for a person."""
        counts = {"refused": self.refused, "canceled": self.canceled, "in attention": self.attention}
        return ", ".join(f"{number} {word}" for word, number in counts.items() if number)

    @property
    def version(self) -> str:
        """A text that differs when what is shown differs."""
        counts = (self.done, self.refused, self.canceled, self.attention, self.working)
        return version_of(*counts, self.open, self.order.stopped_at, self.wait and self.wait.title, self.left)


def order_progress(order: Order) -> OrderProgress:
    """Give how far an order is."""
    with_counts([order])
    counts: dict[str, Any] = {name: getattr(order, name) for name in ORDER_COUNTS}
    total, working = counts.pop("line_count"), counts["working"]
    times = order.operations.order_by().aggregate(began=Min("claimed_at"), ended=Max("finished_at"))
    now = timezone.now()
    return OrderProgress(
        order=order,
        subscriptions=vars(order)["subscriptions"],
        total=total,
        **counts,
        charges=vars(order)["charges"],
        began_at=times["began"] or order.confirmed_at,
        last_end=times["ended"],
        now=now,
        wait=wait_of_order(order, now) if working else None,
    )


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
    lines = Operation.objects.filter(order=order).select_related(
        "quote_line__subscription", "quote_line__replaces", "subscription__customer"
    )
    return lines.order_by("quote_line__position", "pk")


def refused_names(order: Order, subscription: Subscription) -> list[str]:
    """Give the names of an order that the CA refused for one of its subscriptions."""
    refused = Operation.objects.filter(order=order, subscription=subscription, state=State.REFUSED)
    refused = refused.exclude(domain_name="").order_by("quote_line__position")
    return list(refused.values_list("domain_name", flat=True))
