"""Which operations may run side by side, and which of the queued ones are next.

A lane is data on the row (`Operation.lane`), within its binding:

    name      runs beside names of other registrable domains; all names are one lane while no subscription runs,
              because the first one starts the term; one without a registrable domain is about the whole binding
    binding   runs alone
    account   waits for its own kind only, and goes before all that is queued
    alone     waits for nothing

`sending`, `unknown` and an `attention` after it hold a lane. A queued one holds those behind it only while it is due
and the gate would let it go. Those of a lane go in the order of their turns.

`is_free` and `take_dispatchable` say the same in two ways, for one claim and for the whole queue: where they differed,
a message would be sent for what no worker may claim, again and again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from subscriptions.ledger import clock
from subscriptions.ledger.kept import Given, Rows, instant, kept
from subscriptions.models import Operation

State = Operation.State
Lane = Operation.Lane

NOTHING = Q(pk__in=[])
HOLDING = Q(state__in=[State.SENDING, State.UNKNOWN]) | Q(state=State.ATTENTION, was_unknown=True)
RESEND_AFTER = timedelta(seconds=60)
Place = tuple[int | None, str, str]  # a binding, and what of it
LOOK_AT = 500  # queued operations looked at in one statement
LOOK_FIRST_AT = 100  # in the first of a dispatch, which mostly finds enough
FIRST_AT_ONCE = 10  # of those that go before all, carried out before one other
MAX_LOOKS = 10  # statements of one dispatch: what stands behind so many waits for the next


def is_free(operation: Operation, now: datetime, *, held_back: Q | None = None) -> bool:
    """Whether nothing holds the operation's lane, and none that goes before it waits there.

    `held_back` are the queued operations that the gate does not let go.
    """
    if operation.lane == Lane.ALONE:
        return True
    is_about_one_name = operation.lane == Lane.NAME and operation.registrable_domain != ""
    beside = _beside(
        of_account=operation.lane == Lane.ACCOUNT,
        of_one_name=is_about_one_name and operation.subscription.is_running(now),
        has_binding=operation.binding_id is not None,
        held_back=held_back,
    )
    return not beside(
        now=now,
        id=operation.pk,
        turn=operation.turn,
        binding=operation.binding_id,
        kind=operation.kind,
        registrable_domain=operation.registrable_domain,
    )


@kept
def _beside(*, of_account: bool, of_one_name: bool, has_binding: bool, held_back: Q | None) -> Rows:
    """Give what holds the lane of an operation, or goes before it."""
    now, pk, turn = (Given.of(Operation, *names) for names in (("not_before", "now"), ("id",), ("turn",)))
    is_waiting = _due(now) if held_back is None else _due(now) & ~held_back
    earlier = Q(turn__lt=turn) | Q(turn=turn, pk__lt=pk)
    others = Operation.objects.filter(binding=Given.of(Operation, "binding") if has_binding else None).exclude(pk=pk)
    if of_account:
        own_kind = others.filter(lane=Lane.ACCOUNT, kind=Given.of(Operation, "kind"))
        found = own_kind.filter(HOLDING | (is_waiting & earlier))
    else:
        goes_before = is_waiting & (earlier | Q(lane=Lane.ACCOUNT))
        found = _neighbours(others, of_one_name=of_one_name).filter(HOLDING | goes_before)
    return Rows(found.order_by().values_list("pk")[:1])


def _neighbours(others: QuerySet[Operation], *, of_one_name: bool) -> QuerySet[Operation]:
    others = others.exclude(lane=Lane.ALONE)
    if not of_one_name:
        return others
    same_name = Q(lane=Lane.NAME, registrable_domain__in=[Given.of(Operation, "registrable_domain"), ""])
    return others.filter(same_name | Q(lane__in=[Lane.BINDING, Lane.ACCOUNT]))


class Waiting(NamedTuple):
    """What is looked at of an operation to find those that are next."""

    pk: int
    turn: int
    binding_id: int | None
    order_id: int | None
    state: str
    lane: str
    kind: str
    registrable_domain: str
    term_ends_at: datetime | None
    dispatched_at: datetime | None
    sent_at: datetime | None
    baseline_id: int | None

    def runs_beside_others(self, now: datetime) -> bool:
        """Whether it is about one name of a running subscription."""
        is_running = self.term_ends_at is not None and self.term_ends_at > now
        return self.lane == Lane.NAME and self.registrable_domain != "" and is_running

    def holds(self, now: datetime) -> set[Place]:
        """Give what is taken while it is under way, or waits before others."""
        if self.lane == Lane.ALONE:
            return set()
        if self.lane == Lane.ACCOUNT:
            return {(self.binding_id, Lane.ACCOUNT, ""), (self.binding_id, Lane.ACCOUNT, self.kind)}
        name = self.registrable_domain if self.runs_beside_others(now) else ""
        return {(self.binding_id, Lane.NAME, name)}

    def is_blocked(self, busy: set[Place], now: datetime) -> bool:
        """Whether its lane, or what it may not run beside, is busy."""
        if self.lane == Lane.ALONE:
            return False
        if self.lane == Lane.ACCOUNT:
            return (self.binding_id, Lane.ACCOUNT, self.kind) in busy
        if not self.runs_beside_others(now):
            return any(binding_id == self.binding_id for binding_id, _, _ in busy)
        whole_binding = {(self.binding_id, Lane.NAME, ""), (self.binding_id, Lane.ACCOUNT, "")}
        return not busy.isdisjoint(self.holds(now) | whole_binding)

    def reads_for_its_order(self) -> bool:
        """Whether it is claimed and reads the baseline that others of its order wait for."""
        return self.state == State.SENDING and self.sent_at is None and self.baseline_id is None


COLUMNS = (
    "pk", "turn", "binding_id", "order_id", "state", "lane", "kind", "registrable_domain", "subscription__expires_at",
    "dispatched_at", "sent_at", "baseline_id",
)  # fmt: skip


class _Choice:
    """Goes through what is queued, in turn, and chooses what is next in its lane."""

    def __init__(self, under_way: Iterable[Waiting], now: datetime, limit: int) -> None:
        self.now, self.limit = now, limit
        self.chosen: list[int] = []
        self.busy: set[Place] = set()
        self._reading: set[int | None] = set()
        for row in under_way:
            self.busy |= row.holds(now)
            if row.reads_for_its_order():
                self._reading.add(row.order_id)
        self._reading.discard(None)

    @property
    def is_full(self) -> bool:
        return len(self.chosen) >= self.limit

    def serial_bindings(self) -> list[int]:
        """Give the bindings in which nothing about a name can be next any more."""
        whole = (Lane.NAME, ""), (Lane.ACCOUNT, "")
        return [pk for pk, lane, name in self.busy if pk is not None and (lane, name) in whole]

    def look_at(self, rows: Iterable[Waiting]) -> None:
        for row in rows:
            if self.is_full:
                return
            is_next = not row.is_blocked(self.busy, self.now)
            self.busy |= row.holds(self.now)  # a blocked one holds those behind it as well
            is_out = row.dispatched_at is not None and row.dispatched_at > self.now - RESEND_AFTER
            if is_next and not is_out and row.order_id not in self._reading:
                self.chosen.append(row.pk)


def take_dispatchable(now: datetime, *, limit: int, binding_id: int | None = None, held_back: Q = NOTHING) -> list[int]:
    """Give the queued operations that are next in their lanes, at most `limit`, and note that they were sent.

    Orders are taken in turn, so that a long one does not stand before the next customer's. One sent within the last
    minute is not given again, so that a sweep repeats only what was lost. `held_back` are those that the gate does not
    let go.
    """
    due = _due(now) & ~held_back
    of_binding = Operation.objects.all() if binding_id is None else Operation.objects.filter(binding_id=binding_id)
    first = of_binding.filter(HOLDING & ~Q(lane=Lane.ALONE) | due & Q(lane=Lane.ACCOUNT)).order_by("turn", "pk")
    rows = [Waiting(*row) for row in first.values_list(*COLUMNS)]
    choice = _Choice((row for row in rows if row.state != State.QUEUED), now, limit)
    choice.look_at(row for row in rows if row.state == State.QUEUED)
    _look_at_the_rest(choice, of_binding.filter(due).exclude(lane=Lane.ACCOUNT).order_by("turn", "pk"))
    return _take(choice)


def first_of_all(*, besides: int) -> list[int]:
    """Give the queued operations that go before whatever else is queued, anywhere; mostly there is none."""
    return [pk for (pk,) in _first()(id=besides)]


@kept
def _first() -> Rows:
    waiting_ones = Operation.objects.filter(_due(instant()), lane=Lane.ACCOUNT).exclude(pk=Given.of(Operation, "id"))
    return Rows(waiting_ones.order_by("pk").values_list("pk")[:FIRST_AT_ONCE])


def take_first(now: datetime, *, held_back: Q = NOTHING) -> list[int]:
    """Give those of them that are next and whose message is not on its way, and note that they were sent."""
    queued = Operation.objects.filter(_due(now) & ~held_back, lane=Lane.ACCOUNT).order_by("pk")
    choice = _Choice([], now, FIRST_AT_ONCE)
    choice.look_at(Waiting(*row) for row in queued.values_list(*COLUMNS)[:FIRST_AT_ONCE])
    return _take(choice)


def _due(now: clock.Instant) -> Q:
    return Q(state=State.QUEUED, not_before__lte=now)


def _take(choice: _Choice) -> list[int]:
    if choice.chosen:
        unsent = Q(dispatched_at=None) | Q(dispatched_at__lte=choice.now - RESEND_AFTER)
        Operation.objects.filter(unsent, pk__in=choice.chosen, state=State.QUEUED).update(dispatched_at=choice.now)
    return choice.chosen


def take_following(operation: Operation, *, limit: int) -> list[int]:
    """Give what is next in the lane of an operation that ended, and note that it was sent; mostly there is nothing.

    What the gate holds is sent too: its claim tells.
    """
    now = operation.claimed_at or clock.now()
    if operation.lane == Lane.ALONE:
        return []
    is_about_one_name = operation.lane == Lane.NAME and operation.registrable_domain != ""
    of_one_name = is_about_one_name and operation.subscription.is_running(now)
    behind = _behind(of_one_name=of_one_name, has_binding=operation.binding_id is not None)
    rows = behind(binding=operation.binding_id, registrable_domain=operation.registrable_domain)
    looked_at = [Waiting(*row) for row in rows]
    choice = _Choice((row for row in looked_at if row.state != State.QUEUED), now, limit)
    choice.look_at(row for row in looked_at if row.state == State.QUEUED and row.lane == Lane.ACCOUNT)
    choice.look_at(row for row in looked_at if row.state == State.QUEUED and row.lane != Lane.ACCOUNT)
    return _take(choice)


@kept
def _behind(*, of_one_name: bool, has_binding: bool) -> Rows:
    """Give what is under way in a binding, and what is due in a lane of it."""
    in_lane = Q(registrable_domain__in=[Given.of(Operation, "registrable_domain"), ""]) if of_one_name else Q()
    rows = Operation.objects.filter(
        HOLDING | _due(instant()) & in_lane, binding=Given.of(Operation, "binding") if has_binding else None
    )
    return Rows(rows.order_by("turn", "pk").values_list(*COLUMNS)[:LOOK_AT])


def release_order(operation: Operation) -> None:
    """Let those of an operation's order and binding be sent again that have waited for its baseline."""
    waiting_ones = Operation.objects.filter(order=operation.order_id, binding=operation.binding_id, state=State.QUEUED)
    waiting_ones.update(dispatched_at=None)


def _look_at_the_rest(choice: _Choice, queued: QuerySet[Operation]) -> None:
    behind = Q()
    for look in range(MAX_LOOKS):
        number = LOOK_AT if look else LOOK_FIRST_AT
        rows = queued.exclude(lane__in=[Lane.NAME, Lane.BINDING], binding_id__in=choice.serial_bindings())
        looked_at = [Waiting(*row) for row in rows.filter(behind).values_list(*COLUMNS)[:number]]
        choice.look_at(looked_at)
        if choice.is_full or len(looked_at) < number:
            return
        last = looked_at[-1]
        behind = Q(turn__gt=last.turn) | Q(turn=last.turn, pk__gt=last.pk)


def messages_out() -> "QuerySet[Operation]":
    """Give the operations whose message is on its way, for a kept statement: sent lately, and not yet claimed."""
    return Operation.objects.filter(state=State.QUEUED, dispatched_at__gt=instant(-RESEND_AFTER))


def waiting() -> "QuerySet[Operation]":
    """Give the operations that are due and have no message on its way, for a kept statement."""
    unsent = Q(dispatched_at=None) | Q(dispatched_at__lte=instant(-RESEND_AFTER))
    return Operation.objects.filter(unsent, state=State.QUEUED, not_before__lte=instant())
