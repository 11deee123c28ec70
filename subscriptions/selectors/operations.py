"""Reads for a decision about an operation that needs attention."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.dateparse import parse_datetime

from subscriptions.explain.refusals import advice
from subscriptions.kinds import kind_of
from subscriptions.models import Domain, Operation, OperationEvent, Order, Transaction
from subscriptions.rules.prices import NO_CHARGE, Totals, all_shown, decimal_of, shown, totals_of
from subscriptions.rules.written_names import written_list

CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AskedPrice:
    """What the CA asked when the price guard looked again: nobody has confirmed it yet."""

    names: tuple[str, ...]
    amount: Decimal
    currency: str
    asked_at: datetime

    def __str__(self) -> str:
        return f"{shown(self.amount, self.currency)} for {written_list(self.names)}"


@dataclass(frozen=True, slots=True)
class WaysOut:
    """What can be decided about an operation in attention, as far as what is known lets it be true."""

    seen_event: int | None
    asked: AskedPrice | None
    charges: tuple[Transaction, ...]
    may_be_done: bool
    may_be_open: bool
    may_have_happened: bool
    charges_money: bool


def ways_out(operation: Operation) -> WaysOut:
    """Give the decisions that fit what is known: a call that was never sent is done only by what the CA shows."""
    kind, charges = kind_of(operation), tuple(charges_to_choose(operation))
    can_be_open = operation.was_unknown or shows_its_name(operation)
    return WaysOut(
        seen_event=last_event_of(operation),
        asked=asked_price_of(operation),
        charges=charges,
        may_be_done=kind.can_be_declared_done and (can_be_open or bool(charges)),
        may_be_open=can_be_open,
        may_have_happened=may_have_happened(operation),
        charges_money=kind.charges,
    )


def last_event_of(operation: Operation) -> int | None:
    """Give the newest step of an operation, by which a page tells whether something happened since it was shown."""
    return operation.events.order_by("pk").values_list("pk", flat=True).last()


def asked_price_of(operation: Operation) -> AskedPrice | None:
    """Give what the CA asks instead of the confirmed price, or None where that is not what the operation waits for."""
    return _asked_in(operation, operation.events.order_by("pk").last())


def _asked_in(operation: Operation, event: OperationEvent | None) -> AskedPrice | None:
    """Give the price that a guard was told; what is kept is the CA's, and may be anything."""
    if operation.state != Operation.State.ATTENTION or event is None:
        return None
    if operation.was_unknown and event.from_state != Operation.State.QUEUED:
        return None  # it waits for something else: whether its lost call happened
    detail = event.detail if isinstance(event.detail, dict) else {}
    names, currency = detail.get("names"), detail.get("currency")
    amount = decimal_of(detail.get("amount"))
    if amount is None or amount < 0 or not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        return None
    return AskedPrice(tuple(names), amount, currency, event.at)


# --- What is known --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an operation in attention, and of the money: "could not be read" is not "none found".

    `reason` is why it came there and `advice` what to do about a refusal that was the reason; `charges` and `names`
    are what the CA lists of it that nothing here explains, `unread` that its charges could not be read at last.
    """

    reason: str
    advice: str
    may_have_happened: bool
    costs: bool
    charges: tuple[Transaction, ...]
    names: tuple[str, ...]
    unread: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What an operation is and does, in its kind's words; `charges`: whether its success has a price."""

    title: str
    kind: str
    facts: Sequence[tuple[str, str]]
    charges: bool


def facts_of(operation: Operation) -> Facts:
    """Give what an operation is, in the words of its kind."""
    kind = kind_of(operation)
    return Facts(kind.title(operation), operation.get_kind_display(), kind.facts(operation), kind.charges)


def known_of(operation: Operation) -> Known | None:
    """Give what is known of an operation in attention; None where it is in another state."""
    if operation.state != Operation.State.ATTENTION:
        return None
    moved = operation.events.filter(to_state=Operation.State.ATTENTION).exclude(from_state=Operation.State.ATTENTION)
    event = moved.order_by("pk").last()
    detail = event.detail if event is not None and isinstance(event.detail, dict) else {}
    refusal, kind = detail.get("refusal"), kind_of(operation)
    readings = readings_of(operation)
    return Known(
        reason=event.reason if event is not None else "",
        advice=advice(refusal) if isinstance(refusal, str) and refusal else "",
        may_have_happened=may_have_happened(operation),
        costs=kind.charges,
        charges=tuple(charges_to_choose(operation)),
        names=() if operation.takes_away or not operation.domain_name else tuple(names_at_the_ca(operation)),
        unread=bool(readings) and not readings[-1].is_complete,
    )


def may_have_happened(operation: Operation) -> bool:
    """Whether an answer of the CA to it was ever lost."""
    return operation.was_unknown or operation.lost_answers > 0


@dataclass(frozen=True, slots=True)
class ShownReading:
    """What a reading at the CA showed, in words; `unread` is why something could not be read."""

    at: datetime | None
    words: Sequence[str]
    unread: Sequence[str]
    is_complete: bool


def readings_of(operation: Operation) -> list[ShownReading]:
    """Give what was read at the CA to settle an operation, the oldest first; nothing in it is taken for granted."""
    kept = operation.readings if isinstance(operation.readings, list) else []
    return [_shown_reading(operation, entry) for entry in kept if isinstance(entry, dict)]


def _shown_reading(operation: Operation, entry: Mapping[str, Any]) -> ShownReading:
    unread = entry.get("unread")
    reasons = [str(why) for why in unread.values()] if isinstance(unread, dict) else []
    words = kind_of(operation).reading_words(entry)
    return ShownReading(_instant(entry.get("at")), words, sorted(set(reasons)), is_complete=not unread)


def _instant(text: object) -> datetime | None:
    try:
        instant = parse_datetime(text) if isinstance(text, str) else None
        return instant.astimezone(UTC) if instant is not None and instant.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class ShownBaseline:
    """What the CA showed before the call; `transactions` is None where they could not be read."""

    began_at: datetime
    names: Sequence[str]
    transactions: int | None
    unread: Sequence[str]


def baseline_of(operation: Operation) -> ShownBaseline | None:
    """Give what the CA showed before an operation's call, where that was read."""
    baseline = operation.baseline
    if baseline is None:
        return None
    names, unread, transactions = (
        [str(entry) for entry in kept] if isinstance(kept, list) else []
        for kept in (baseline.names, baseline.unread, baseline.transactions)
    )
    is_read = isinstance(baseline.transactions, list)
    return ShownBaseline(baseline.began_at, names, len(transactions) if is_read else None, unread)


def decidable_from(operation: Operation) -> datetime | None:
    """Give from when on a reseller admin may decide about an operation whose answer was lost; None in another state."""
    if operation.state != Operation.State.UNKNOWN:
        return None
    return operation.last_contact_at + timedelta(seconds=settings.CAAS_SETTLE_AFTER)


# --- All lines of an order ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LineToDecide:
    """A line of an order that waits for a person and was surely not sent; `asked` is what the CA asks by now."""

    operation: Operation
    seen_event: int | None
    asked: AskedPrice | None

    @property
    def most(self) -> tuple[Decimal, str]:
        """The most that sending it can charge, and its currency: what is asked, else what was confirmed."""
        if self.asked is not None:
            return self.asked.amount, self.asked.currency
        return self.operation.price or Decimal(0), self.operation.currency


@dataclass(frozen=True, slots=True)
class LinesToDecide:
    """The lines of an order that can be decided together; `others` is how many need a look of their own."""

    lines: Sequence[LineToDecide]
    others: int

    def among(self, codes: Collection[UUID]) -> "LinesToDecide":
        """Give those of these operations only; with no code at all, of all."""
        if not codes:
            return self
        chosen = [line for line in self.lines if line.operation.code in codes]
        return LinesToDecide(chosen, len(codes) - len(chosen))

    @property
    def totals(self) -> Totals:
        """The most that sending them all can charge, by currency."""
        return totals_of(line.most for line in self.lines)

    @property
    def up_to(self) -> str:
        """The same in words: "up to USD 200.00 and EUR 95.00"."""
        words = all_shown(self.totals)
        return words if words == NO_CHARGE else f"up to {words}"

    @property
    def unasked(self) -> int:
        """For how many of them the CA was not asked again since their price was confirmed."""
        return sum(line.asked is None for line in self.lines)


def order_of(operations: Iterable[Operation]) -> Order | None:
    """Give the one order whose lines in attention these operations are; None where they are anything else."""
    orders = {one.order if one.state == Operation.State.ATTENTION else None for one in operations}
    return orders.pop() if len(orders) == 1 else None


def lines_to_decide(order: Order) -> LinesToDecide:
    """Give the lines of an order in attention, as far as one decision fits them all: none may have happened.

    A line whose answer was lost, or of which the CA lists something that nothing explains, needs a look of its own.
    """
    newest = OperationEvent.objects.filter(operation=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    waiting = list(
        order.operations.filter(state=Operation.State.ATTENTION)
        .annotate(newest_event=Subquery(newest))
        .order_by("quote_line__position", "pk")
    )
    events = OperationEvent.objects.in_bulk([one.newest_event for one in waiting if one.newest_event])
    subscriptions = {one.subscription_id for one in waiting}
    present = Domain.objects.present().filter(subscription__in=subscriptions, not_listed_since=None)
    named = present.filter(name__in=[one.domain_name for one in waiting])
    listed = set(named.values_list("subscription_id", "name"))
    unexplained = list(Transaction.objects.filter(binding__subscription__in=subscriptions, explained=""))
    lines = [
        LineToDecide(one, one.newest_event, _asked_in(one, events.get(one.newest_event)))
        for one in waiting
        if not may_have_happened(one)
        and (one.takes_away or (one.subscription_id, one.domain_name) not in listed)
        and not _explained_by(one, unexplained)
    ]
    return LinesToDecide(lines, len(waiting) - len(lines))


def charges_to_choose(operation: Operation) -> list[Transaction]:
    """Give the charges the CA lists that nothing explains and that name what the operation is about, newest first."""
    if not kind_of(operation).transaction or operation.binding_id is None:
        return []
    return _explained_by(operation, Transaction.objects.filter(binding=operation.binding_id, explained=""))


def _explained_by(operation: Operation, unexplained: Iterable[Transaction]) -> list[Transaction]:
    kind = kind_of(operation)
    own = (row for row in unexplained if row.binding_id == operation.binding_id)
    return [row for row in own if row.kind in ("", kind.transaction) and kind.explains(operation, row)]


def names_at_the_ca(operation: Operation) -> Sequence[str]:
    """Give those of the operation's names that the CA's last list shows."""
    listed = _listed(operation).filter(name__in=operation.all_names)
    return list(listed.values_list("name", flat=True))


def shows_its_name(operation: Operation) -> bool:
    """Whether the CA's last list shows a free name that the operation was to bring, and that nothing else brought."""
    return operation.price == 0 and _listed(operation).filter(name=operation.domain_name, operation=None).exists()


def _listed(operation: Operation) -> QuerySet[Domain]:
    return Domain.objects.present().filter(subscription=operation.subscription_id, not_listed_since=None)
