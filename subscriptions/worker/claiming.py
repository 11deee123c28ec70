"""Claims of operations by workers: how one begins, and how one ends whose worker is gone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from subscriptions.caas.client import CaasClient
from subscriptions.kinds import CHARGING, kind_of
from subscriptions.ledger import clock, gate, lanes, moves
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.kept import Change, Given, Objects, instant, kept
from subscriptions.ledger.reading import newest_baseline
from subscriptions.models import AcmeServer, Baseline, EabBinding, Gate, HeldKind, Operation
from subscriptions.worker import process

State = Operation.State
MAX_LOST_ANSWERS = 5  # of one repeatable operation, before a person looks


def claim_operation(operation_id: int, *, client: CaasClient, worker: str) -> Claim | None:
    """Claim a queued operation for this worker; None where it is not queued, not due, or its lane or the gate is shut.

    The binding's row, which serializes claims of that binding, is written first, so that of two workers the second
    sees what the first did, on SQLite and PostgreSQL alike.
    """
    lease = timedelta(seconds=settings.CAAS_LEASE)
    with transaction.atomic():
        operation = _queued().first(id=operation_id)
        if operation is None:
            return None
        row = gate.the_gate()
        now: datetime = operation.database_now  # type: ignore[attr-defined]  # annotated
        if not _may_pass(operation, row, now):
            return None
        if operation.binding_id is not None:
            _locking()(id=operation.binding_id)
        baseline = _baseline_to_send_under(operation, now)
        if operation.not_before > now or not lanes.is_free(operation, now, held_back=_held_back_beside(operation, row)):
            _undispatch(operation)
            return None
        if baseline is None:
            if _waits_for_baseline(operation):
                return None
            # Whoever reads it may have written it between the two looks.
            baseline = _baseline_to_send_under(operation, clock.now())
        token = moves.claim(operation, worker=worker, now=now, lease=lease, **baseline_to_write(operation, baseline))
    if token is None:
        return None
    return Claim(operation, token, client, worker, lease, charges=kind_of(operation).charges, baseline=baseline)


def baseline_to_write(operation: Operation, baseline: Baseline | None) -> dict[str, Baseline]:
    """Give the baseline to write with an operation: after a lost call that call's stays, by which it is settled."""
    is_settled_by_earlier = operation.was_unknown and operation.baseline_id is not None
    return {} if baseline is None or is_settled_by_earlier else {"baseline": baseline}


@kept
def _locking() -> Change:
    return Change(EabBinding.objects.filter(pk=Given.of(EabBinding, "id")), claims=F("claims") + 1)


@kept
def _queued() -> Objects[Operation]:
    queued = Operation.objects.filter(state=State.QUEUED, pk=Given.of(Operation, "id")).annotate(database_now=instant())
    return Objects(queued.select_related("subscription__server", "binding").order_by())


def held_back(row: Gate, now: datetime, *, has_held_kinds: bool = True) -> Q:
    """Give the condition of the operations that the gate, as `row` shows it, does not let go."""
    if row.needs_probe or gate.holds(row, changes=True, charges=False):
        return Q(pk__isnull=False)
    held = Q(kind__in=HeldKind.objects.filter(held_until__gt=now).values("kind")) if has_held_kinds else Q(pk__in=[])
    if gate.holds(row, changes=True, charges=True):
        return held | Q(kind__in=CHARGING)
    closed = AcmeServer.objects.filter(charges_closed_at__isnull=False)
    return held | Q(kind__in=CHARGING, subscription__server__in=closed)


def _held_back_beside(operation: Operation, row: Gate) -> Q | None:
    """Give which operations of the same binding, and so of the same server, the gate does not let go."""
    is_closed = operation.subscription.server.charges_closed_at is not None
    return Q(kind__in=CHARGING) if is_closed or gate.holds(row, changes=True, charges=True) else None


def _may_pass(operation: Operation, row: Gate, now: datetime) -> bool:
    kind = kind_of(operation)
    is_held = row.needs_probe or gate.holds(row, changes=True, charges=kind.charges)
    if kind.charges and operation.subscription.server.charges_closed_at is not None:
        is_held = True
    if kind.leaves_traces and kind.name in gate.held_kinds(now):
        is_held = True
    if is_held:
        # Its message is used up: the next sweep after the gate opens sends another.
        _undispatch(operation)
    return not is_held


def _undispatch(operation: Operation) -> None:
    Operation.objects.filter(pk=operation.pk, state=State.QUEUED).update(dispatched_at=None)


def _baseline_to_send_under(operation: Operation, now: datetime) -> Baseline | None:
    if not kind_of(operation).lists:
        return None
    return newest_baseline(operation, now, not_before=process.compares_since())


def _waits_for_baseline(operation: Operation) -> bool:
    """Whether another of its order reads the baseline for all: it is sent a message again once that is read.

    Whoever was first does, and the others wait for it, at most a lease.
    """
    if operation.order_id is None or not kind_of(operation).lists:
        return False
    reading = Operation.objects.filter(
        order=operation.order_id, binding=operation.binding_id, state=State.SENDING, sent_at=None, baseline=None
    )
    return reading.exists()


def send_again(
    operation: Operation,
    token: UUID,
    *,
    by: moves.Author,
    reason: str,
    wait: timedelta,
    detail: Mapping[str, Any],
    only: Q | None = None,
) -> bool:
    """Put a repeatable operation whose answer was lost back into the queue; after five of them, before a person."""
    kind, now = kind_of(operation), clock.now()
    with transaction.atomic():
        lost = 1 + Operation.objects.values_list("lost_answers", flat=True).get(pk=operation.pk)
        if not moves.give_back(
            operation, token=token, by=by, reason=reason, not_before=now + wait, only=only, lost_answers=lost
        ):
            return False
        if kind.leaves_traces:
            gate.note_lost_answer(kind.name, now=now)
        if lost >= MAX_LOST_ANSWERS:
            told = f"{lost} answers of the CA to this were lost. Each call may have left something there."
            moves.hold(operation, by=by, reason=told, detail=detail)
    return True


def reap_dead_claims(now: datetime) -> int:
    """End the claims whose lease ran out and give their number.

    One that was not marked as sent was surely not sent and goes back to the queue; one that was is unknown, or, where
    its kind is repeatable, sent again.
    """
    dead = Operation.objects.filter(state=State.SENDING, lease_expires_at__lt=now).exclude(claim_token=None)
    return sum(_end_claim(operation, now) for operation in dead.order_by("lease_expires_at")[:200])


def _end_claim(operation: Operation, now: datetime) -> bool:
    token = operation.claim_token
    if token is None:
        return False
    by = moves.Author(worker="sweep")
    # Its worker may be slow, not dead, and renew or mark it between the look and the move.
    still_dead = Q(lease_expires_at__lt=now)
    if operation.sent_at is None:
        reason = "Its worker ended before anything was sent."
        unsent = still_dead & Q(sent_at=None)
        return moves.give_back(operation, token=token, by=by, reason=reason, not_before=now, only=unsent)
    reason = "Its worker ended while the call was under way."
    if kind_of(operation).repeatable:
        return send_again(operation, token, by=by, reason=reason, wait=timedelta(0), detail={}, only=still_dead)
    return moves.lose(operation, token=token, by=by, reason=reason, evidence={}, only=still_dead)
