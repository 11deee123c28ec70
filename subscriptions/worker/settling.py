"""Settles operations whose answer was lost: by reading at the CA, never by sending again.

One reading of a binding serves all its unknown operations. A list that could not be read says nothing: it is read
again, with back-off, for a day.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.dateparse import parse_datetime

from subscriptions.caas.client import CaasClient
from subscriptions.kinds import kind_of
from subscriptions.kinds.base import Reading, Settlement
from subscriptions.ledger import accounts, charges, clock, moves
from subscriptions.ledger.clock import Stamp
from subscriptions.ledger.gate import HeldBack
from subscriptions.ledger.reading import read_binding
from subscriptions.models import EabBinding, Operation
from subscriptions.rules.proof import Timing, Verdict
from subscriptions.worker import comparison

State = Operation.State
LONGEST_INTERVAL = timedelta(hours=1)  # between two readings of what could not be read
DUE = 50  # bindings read for at most, each time
KEPT = 20  # readings kept with an operation


def take_due(now: datetime) -> list[int]:
    """Give the bindings with operations whose outcome is to be read for now, and set the time of the next reading."""
    unknown = Operation.objects.filter(state=State.UNKNOWN).exclude(binding=None)
    due = unknown.filter(Q(next_reading_at=None) | Q(next_reading_at__lte=now))
    bindings = list(due.order_by("binding_id").values_list("binding_id", flat=True).distinct()[:DUE])
    following = now + timedelta(seconds=settings.CAAS_SETTLE_INTERVAL)
    return [pk for pk in bindings if pk and due.filter(binding=pk).update(next_reading_at=following)]


def settle_binding(binding_id: int, *, client: CaasClient, worker: str) -> list[Operation]:
    """Read at the CA what became of a binding's unknown operations, and settle each where that proves something.

    Gives those that were settled, as they are afterwards.
    """
    binding = EabBinding.objects.select_related("subscription").get(pk=binding_id)
    unknown = Operation.objects.filter(binding=binding, state=State.UNKNOWN).order_by("pk")
    operations = list(unknown.select_related("subscription__server", "binding", "baseline"))
    if not operations:
        return []
    lists = frozenset[Any]().union(*(kind_of(operation).lists for operation in operations))
    try:
        reading = read_binding(binding, client, lists)
    except HeldBack:
        return []
    by = moves.Author(worker=worker)
    settled = []
    for operation in operations:
        seen = kind_of(operation).look(operation, reading)
        if _settle(operation, seen, reading.began, by=by):
            settled.append(operation)
    if reading.accounts is not None:
        accounts.keep_accounts(binding, reading.accounts, began_at=reading.began.at)
    comparison.keep_reading(binding, reading)
    return settled


def _settle(operation: Operation, reading: Reading, began: Stamp, *, by: moves.Author) -> bool:
    timing = _timing(operation, reading, began)
    settlement = kind_of(operation).judge(operation, reading, timing)
    _keep_reading(operation, reading, began, waited=timing.waited)
    if settlement.verdict is Verdict.HAPPENED:
        return _apply_done(operation, settlement, by=by)
    if settlement.verdict is Verdict.DID_NOT_HAPPEN:
        return _not_done(operation, settlement.reason, by=by)
    detail = {"readings": operation.readings[-3:]}
    if settlement.verdict is Verdict.UNCLEAR:
        return moves.settle_as_unclear(operation, by=by, reason=settlement.reason, detail=detail)
    if _has_given_up(operation, began):
        return moves.settle_as_unclear(operation, by=by, reason=_unread(reading) or settlement.reason, detail=detail)
    return False


def _unread(reading: Reading) -> str:
    told = [f"{name} could not be read for a day: {why}" for name, why in reading.unread.items()]
    return " ".join(told)


def _has_given_up(operation: Operation, began: Stamp) -> bool:
    return began.at - _ended(operation).at >= timedelta(seconds=settings.CAAS_SETTLE_GIVE_UP)


def _ended(operation: Operation) -> Stamp:
    return Stamp(operation.last_contact_at, operation.ended_mark)


def _timing(operation: Operation, reading: Reading, began: Stamp) -> Timing:
    settle_after = timedelta(seconds=settings.CAAS_SETTLE_AFTER)
    waited = clock.has_passed(settle_after, since=_ended(operation), until=began)
    agreed = agreed_after_waiting = False
    if not reading.unread:
        for entry in reversed(operation.readings):
            if entry.get("unread"):
                continue
            if entry.get("seen") != reading.seen:
                break
            at = parse_datetime(str(entry.get("at")))
            if at and clock.has_passed(_apart(), since=Stamp(at, entry.get("mark") or {}), until=began):
                agreed = True
                agreed_after_waiting = agreed_after_waiting or (waited and bool(entry.get("waited")))
    return Timing(waited, agreed, agreed_after_waiting)


def _apart() -> timedelta:
    return timedelta(seconds=settings.CAAS_SETTLE_INTERVAL)


def _keep_reading(operation: Operation, reading: Reading, began: Stamp, *, waited: bool) -> None:
    entry: dict[str, Any] = {
        "at": began.at.isoformat(),
        "mark": dict(began.mark),
        "seen": reading.seen,
        "waited": waited,
        "unread": dict(reading.unread),
        **reading.kept,
    }
    operation.readings = [*operation.readings, entry][-KEPT:]
    changes: Mapping[str, Any] = {"readings": operation.readings}
    if reading.unread:
        unread = sum(1 for kept in operation.readings if kept.get("unread"))
        pause = min(_apart() * 2 ** min(unread - 1, 10), LONGEST_INTERVAL)
        changes = {**changes, "next_reading_at": began.at + pause}
    # Sent again and lost again meanwhile: what was read before says nothing of that call.
    still = Operation.objects.filter(pk=operation.pk, state=State.UNKNOWN, claim_token=operation.claim_token)
    still.update(**changes)


def _apply_done(operation: Operation, settlement: Settlement, *, by: moves.Author) -> bool:
    now, kind = clock.now(), kind_of(operation)
    outcome = settlement.outcome or moves.FREE
    with transaction.atomic():
        if not moves.settle_as_done(operation, outcome, by=by, reason=settlement.reason, now=now):
            return False
        kind.keep(operation, settlement.effect, now=now)
        charges.stop_order_if_overcharged(operation, by=by)
    return True


def _not_done(operation: Operation, reason: str, *, by: moves.Author) -> bool:
    """Queue what did not happen again; for a person is what the CA refused, or what did not happen a second time."""
    detail = {"readings": operation.readings[-3:]}
    if operation.error_detail:
        refused = f"The CA refused it: {operation.error_detail[:300]} {reason}"
        return moves.settle_as_unclear(operation, by=by, reason=refused, detail=detail)
    if operation.times_not_done:
        again = f"It was sent twice, and each answer was lost. {reason}"
        return moves.settle_as_unclear(operation, by=by, reason=again, detail=detail)
    return moves.settle_as_not_done(operation, by=by, reason=reason, now=clock.now())
