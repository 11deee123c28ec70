"""Which operations may run side by side, and which of the queued ones are next.

A lane is data on the row (`Operation.lane`), within its binding:

    name      runs beside names of other registrable domains; all names are one lane while no subscription runs,
              because the first one starts the term
    binding   runs alone
    account   waits for its own kind only, and goes before all that is queued
    alone     waits for nothing

`sending`, `unknown` and an `attention` after it hold a lane. A queued one holds those behind it only while it is due
and the gate would let it go.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from subscriptions.ledger import clock
from subscriptions.models import Operation

State = Operation.State
Lane = Operation.Lane

HOLDING = Q(state__in=[State.SENDING, State.UNKNOWN]) | Q(state=State.ATTENTION, was_unknown=True)
RESEND_AFTER = timedelta(seconds=60)
LOOK_AT = 500  # queued operations looked at in one statement
MAX_LOOKS = 10  # statements of one dispatch: what stands behind so many waits for the next


def is_free(operation: Operation, now: datetime, *, held_kinds: Collection[str] = ()) -> bool:
    """Whether nothing holds the operation's lane, and none that goes before it waits there."""
    if operation.lane == Lane.ALONE:
        return True
    waiting = _due(now, held_kinds)
    others = Operation.objects.filter(binding=operation.binding_id).exclude(pk=operation.pk)
    if operation.lane == Lane.ACCOUNT:
        own_kind = others.filter(lane=Lane.ACCOUNT, kind=operation.kind)
        return not own_kind.filter(HOLDING | (waiting & Q(pk__lt=operation.pk))).exists()
    goes_before = waiting & (Q(pk__lt=operation.pk) | Q(lane=Lane.ACCOUNT))
    return not _neighbours(operation, others, now).filter(HOLDING | goes_before).exists()


def _neighbours(operation: Operation, others: QuerySet[Operation], now: datetime) -> QuerySet[Operation]:
    others = others.exclude(lane=Lane.ALONE)
    if operation.lane == Lane.BINDING or not operation.subscription.is_running(now):
        return others
    same_name = Q(lane=Lane.NAME, registrable_domain=operation.registrable_domain)
    return others.filter(same_name | Q(lane__in=[Lane.BINDING, Lane.ACCOUNT]))


class Waiting(NamedTuple):
    """What is looked at of an operation to find those that are next."""

    pk: int
    binding_id: int | None
    lane: str
    kind: str
    registrable_domain: str
    term_ends_at: datetime | None
    not_before: datetime
    dispatched_at: datetime | None

    def held_by(self, now: datetime) -> tuple[object, ...]:
        """Give what two operations share when they must not run side by side; those of one lane, at least."""
        if self.lane == Lane.ALONE:
            return (self.lane, self.pk)
        if self.lane == Lane.ACCOUNT:
            return (self.binding_id, self.kind)
        if self.lane == Lane.NAME and self.term_ends_at is not None and self.term_ends_at > now:
            return (self.binding_id, "", self.registrable_domain)
        return (self.binding_id,)

    def is_blocked(self, busy: Collection[tuple[object, ...]], now: datetime) -> bool:
        """Whether its lane, or what it may not run beside, is busy."""
        if self.lane == Lane.BINDING:
            return any(lane[0] == self.binding_id for lane in busy)
        return self.held_by(now) in busy or (self.lane == Lane.NAME and (self.binding_id,) in busy)


COLUMNS = (
    "pk", "binding_id", "lane", "kind", "registrable_domain", "subscription__expires_at", "not_before", "dispatched_at",
)  # fmt: skip


def take_dispatchable(
    now: datetime, *, limit: int, binding_id: int | None = None, held_kinds: Collection[str] = ()
) -> list[int]:
    """Give the queued operations that are next in their lanes, at most `limit`, and note that they were sent.

    Orders are taken in turn, so that a long one does not stand before the next customer's. One sent within the last
    minute is not given again, so that a sweep repeats only what was lost.
    """
    due, holding = _due(now, held_kinds), HOLDING & ~Q(lane=Lane.ALONE)
    if binding_id is not None:
        return _take(_next_of_binding(binding_id, due, holding, now, limit), now)
    busy = {Waiting(*row).held_by(now) for row in Operation.objects.filter(holding).values_list(*COLUMNS)}
    return _take(_first_of_each_lane(Operation.objects.filter(due).order_by("turn", "pk"), busy, now, limit), now)


def _due(now: datetime, held_kinds: Collection[str]) -> Q:
    due = Q(state=State.QUEUED, not_before__lte=now)
    return due & ~Q(kind__in=held_kinds) if held_kinds else due


def _take(chosen: list[int], now: datetime) -> list[int]:
    if chosen:
        unsent = Q(dispatched_at=None) | Q(dispatched_at__lte=now - RESEND_AFTER)
        Operation.objects.filter(unsent, pk__in=chosen, state=State.QUEUED).update(dispatched_at=now)
    return chosen


def messages_out() -> "QuerySet[Operation]":
    """Give the operations whose message is on its way: sent within the last minute, and not yet claimed."""
    return Operation.objects.filter(state=State.QUEUED, dispatched_at__gt=clock.instant(-RESEND_AFTER))


def take_following(operation: Operation, *, limit: int) -> list[int]:
    """Give what is next in the lane of an operation that ended, and note that it was sent; mostly there is nothing."""
    now = operation.claimed_at or clock.now()
    in_lane = Q()
    if operation.lane == Lane.NAME and operation.subscription.is_running(now):
        in_lane = Q(registrable_domain=operation.registrable_domain)
    elif operation.lane == Lane.ALONE:
        return []
    return _take(_next_of_binding(operation.binding_id, _due(now, ()) & in_lane, HOLDING, now, limit), now)


def release_order(operation: Operation) -> None:
    """Let those of an operation's order and binding be sent again that have waited for its baseline."""
    waiting = Operation.objects.filter(order=operation.order_id, binding=operation.binding_id, state=State.QUEUED)
    waiting.update(dispatched_at=None)


def waiting() -> "QuerySet[Operation]":
    """Give the operations that are due and have no message on its way."""
    unsent = Q(dispatched_at=None) | Q(dispatched_at__lte=clock.instant(-RESEND_AFTER))
    return Operation.objects.filter(unsent, state=State.QUEUED, not_before__lte=clock.instant())


def _next_of_binding(binding_id: int | None, due: Q, holding: Q, now: datetime, limit: int) -> list[int]:
    """Give what is next in one binding, by one look at what holds its lanes and the first of what waits there."""
    rows = Operation.objects.filter(holding | due, binding=binding_id).order_by("turn", "pk")
    looked_at = list(rows.values_list("state", *COLUMNS)[:LOOK_AT])
    busy = {Waiting(*row[1:]).held_by(now) for row in looked_at if row[0] != State.QUEUED}
    return _choose((Waiting(*row[1:]) for row in looked_at if row[0] == State.QUEUED), busy, now, limit)


def _first_of_each_lane(
    queued: QuerySet[Operation], busy: set[tuple[object, ...]], now: datetime, limit: int
) -> list[int]:
    chosen: list[int] = []
    behind = Q()
    for _ in range(MAX_LOOKS):
        serial = [lane[0] for lane in busy if len(lane) == 1 and isinstance(lane[0], int)]
        rows = queued.exclude(lane=Lane.NAME, binding_id__in=serial).filter(behind)
        looked_at = list(rows.values_list("turn", *COLUMNS)[:LOOK_AT])
        chosen += _choose((Waiting(*row[1:]) for row in looked_at), busy, now, limit - len(chosen))
        if len(chosen) >= limit or len(looked_at) < LOOK_AT:
            break
        turn, pk = looked_at[-1][:2]
        behind = Q(turn__gt=turn) | Q(turn=turn, pk__gt=pk)
    return chosen


def _choose(rows: Iterable[Waiting], busy: set[tuple[object, ...]], now: datetime, limit: int) -> list[int]:
    chosen: list[int] = []
    for row in rows:
        if len(chosen) >= limit:
            break
        if row.is_blocked(busy, now):
            continue
        busy.add(row.held_by(now))
        if row.dispatched_at is None or row.dispatched_at <= now - RESEND_AFTER:
            chosen.append(row.pk)
    return chosen
