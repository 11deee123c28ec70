"""Which operations may run side by side, and which of the queued ones are next.

While a binding has no running subscription its operations go one at a time, because the first name starts the term.
Afterwards names of one registrable domain go in sequence, others in parallel. One PREREGISTER goes at a time.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from subscriptions.models import Operation

State = Operation.State
Kind = Operation.Kind

# One PREREGISTER that needs a person must not keep every other customer's account from being made.
_NEEDS_A_PERSON = Q(state=State.ATTENTION, was_unknown=True) & ~Q(kind=Kind.PREREGISTER)
HOLDING = Q(state__in=[State.SENDING, State.UNKNOWN]) | _NEEDS_A_PERSON
RESEND_AFTER = timedelta(seconds=60)


def is_serial(operation: Operation, now: datetime) -> bool:
    """Whether the operation's binding has no running subscription, so that its names go one at a time."""
    return not operation.subscription.is_running(now)


def lane_of(operation: Operation, now: datetime) -> tuple[object, ...]:
    """Give what two operations share when they must not run side by side."""
    if operation.kind == Kind.PREREGISTER:
        return (Kind.PREREGISTER,)
    if is_serial(operation, now):
        return (operation.binding_id,)
    return (operation.binding_id, operation.registrable_domain)


def _neighbours(operation: Operation, now: datetime) -> QuerySet[Operation]:
    if operation.kind == Kind.PREREGISTER:
        rows = Operation.objects.filter(kind=Kind.PREREGISTER)
    elif is_serial(operation, now):
        rows = Operation.objects.filter(binding=operation.binding_id)
    else:
        rows = Operation.objects.filter(binding=operation.binding_id, registrable_domain=operation.registrable_domain)
    return rows.exclude(pk=operation.pk)


def is_free(operation: Operation, now: datetime) -> bool:
    """Whether nothing holds the operation's lane and none queued before it waits there.

    A PREREGISTER waits for one under way only: those queued before it may be waiting for something of their own.
    """
    neighbours = _neighbours(operation, now)
    if operation.kind == Kind.PREREGISTER:
        return not neighbours.filter(HOLDING).exists()
    earlier = Q(state=State.QUEUED, pk__lt=operation.pk)
    return not neighbours.filter(HOLDING | earlier).exists()


def take_dispatchable(
    now: datetime, *, limit: int, binding_id: int | None = None, held_kinds: Collection[str] = ()
) -> list[int]:
    """Give the queued operations that are next in their lanes, at most `limit`, and note that they were sent.

    One sent within the last minute is not given again, so that a sweep repeats only what was lost.
    """
    queued = (
        Operation.objects.filter(state=State.QUEUED)
        .exclude(kind__in=held_kinds)
        .select_related("subscription")
        .order_by("pk")
    )
    if binding_id is not None:
        queued = queued.filter(binding_id=binding_id)
    held = Operation.objects.filter(HOLDING).select_related("subscription")
    if binding_id is not None:
        held = held.filter(binding_id=binding_id)
    busy = {lane_of(one, now) for one in held}
    next_ones = _first_of_each_lane(queued.iterator(), busy, now, limit)
    return [pk for pk in next_ones if _note_dispatch(pk, now)]


def _first_of_each_lane(
    queued: Iterable[Operation], busy: set[tuple[object, ...]], now: datetime, limit: int
) -> list[int]:
    chosen: list[int] = []
    for operation in queued:
        lane = lane_of(operation, now)
        if lane in busy:
            continue
        if operation.kind != Kind.PREREGISTER or operation.not_before <= now:
            busy.add(lane)
        if operation.not_before <= now and _was_not_just_sent(operation, now):
            chosen.append(operation.pk)
        if len(chosen) >= limit:
            break
    return chosen


def _was_not_just_sent(operation: Operation, now: datetime) -> bool:
    return operation.dispatched_at is None or operation.dispatched_at <= now - RESEND_AFTER


def _note_dispatch(pk: int, now: datetime) -> bool:
    sent_before = Q(dispatched_at=None) | Q(dispatched_at__lte=now - RESEND_AFTER)
    return Operation.objects.filter(sent_before, pk=pk, state=State.QUEUED).update(dispatched_at=now) == 1
