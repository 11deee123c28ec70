"""The worker half of the ledger: claim an operation, call the CA, record what came of it.

No database transaction is open while the CA is called. Whatever ends a worker on the way leaves a row that says how
far it got: claimed but not marked as sent (surely not sent), or marked as sent (to be settled by reading, or, where
that does no harm, to be sent again).
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError, LookRefused, OutcomeUnknown, Refused
from subscriptions.kinds import kind_of
from subscriptions.kinds.base import Kind, Sent
from subscriptions.ledger import clock, gate, lanes, moves
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.gate import HeldBack, react_to, react_to_reading
from subscriptions.ledger.objections import AlreadyThereError, NotUsableError, Objection
from subscriptions.ledger.reading import CaList, keep_baseline, newest_baseline, read_binding
from subscriptions.models import Baseline, EabBinding, Finding, Operation
from subscriptions.worker import comparison, process
from subscriptions.worker.persistence import persistently

logger = logging.getLogger(__name__)

State = Operation.State
BACK_OFF = 10  # seconds, doubled with each attempt
MAX_BACK_OFF = 600
MAX_LOST_ANSWERS = 5  # of one repeatable operation, before a person looks

AfterBaseline = Callable[[int | None], None]


def execute(
    operation_id: int, *, client: CaasClient, worker: str, after_baseline: AfterBaseline | None = None
) -> Operation | None:
    """Carry out one queued operation; give it as it is afterwards, or None where there was nothing to claim.

    `after_baseline` is called with the binding once the baseline was read that others of its order wait for.
    """
    try:
        claim = claim_operation(operation_id, client=client, worker=worker)
    except moves.LedgerWentBackError:
        process.note_restore(clock.now())
        return None
    if claim is None:
        return None
    prepared = prepare(claim, after_baseline)
    sent = None if prepared is None else call(prepared)
    if sent is not None:
        record(claim, sent)
        _after_success(claim)
    return claim.operation


# --- Claim ----------------------------------------------------------------------------------------------------------


def claim_operation(operation_id: int, *, client: CaasClient, worker: str) -> Claim | None:
    """Claim a queued operation for this worker; None where it is not queued, not due, or its lane or the gate is shut.

    The binding's row, which serializes claims of that binding, is written first, so that of two workers the second
    sees what the first did, on SQLite and PostgreSQL alike.
    """
    lease = timedelta(seconds=settings.CAAS_LEASE)
    with transaction.atomic():
        operation = _queued(operation_id)
        if operation is None or not _may_pass(operation):
            return None
        if operation.binding_id is not None:
            EabBinding.objects.filter(pk=operation.binding_id).update(claims=F("claims") + 1)
        now: datetime = operation.database_now  # type: ignore[attr-defined]  # annotated
        baseline = _baseline_to_send_under(operation, now)
        if operation.not_before > now or not _is_free(operation, baseline, now):
            _undispatch(operation)
            return None
        token = moves.claim(operation, worker=worker, now=now, lease=lease, **_to_keep(operation, baseline))
    if token is None:
        return None
    return Claim(operation, token, client, worker, lease, charges=kind_of(operation).charges, baseline=baseline)


def _to_keep(operation: Operation, baseline: Baseline | None) -> dict[str, Baseline]:
    """Give the baseline to write with an operation: after a lost call that call's stays, by which it is settled."""
    is_settled_by_earlier = operation.was_unknown and operation.baseline_id is not None
    return {} if baseline is None or is_settled_by_earlier else {"baseline": baseline}


def _queued(operation_id: int) -> Operation | None:
    queued = Operation.objects.filter(state=State.QUEUED).annotate(database_now=clock.instant())
    return queued.select_related("subscription__server", "binding").filter(pk=operation_id).first()


def _may_pass(operation: Operation) -> bool:
    kind, row = kind_of(operation), gate.the_gate()
    is_held = row.needs_probe or gate.holds(row, changes=True, charges=kind.charges)
    if kind.charges and operation.subscription.server.charges_closed_at is not None:
        is_held = True
    if kind.leaves_traces and kind.name in gate.held_kinds(clock.now()):
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


def _is_free(operation: Operation, baseline: Baseline | None, now: datetime) -> bool:
    if not lanes.is_free(operation, now):
        return False
    if baseline is not None or operation.order_id is None:
        return True
    # Whoever was first of the order reads the baseline for all; the others wait for that, at most a lease.
    reading = Operation.objects.filter(
        order=operation.order_id, binding=operation.binding_id, state=State.SENDING, sent_at=None
    )
    return not reading.exists()


# --- Prepare --------------------------------------------------------------------------------------------------------


def prepare(claim: Claim, after_baseline: AfterBaseline | None = None) -> Claim | None:
    """Read the baseline and let the guards look; nothing has been sent whatever goes wrong here.

    Gives the claim, with its baseline, to call by; None where it may not be called now.
    """
    kind = kind_of(claim.operation)
    try:
        _guard_stop(claim.operation)
        if claim.baseline is None and kind.lists:
            claim = _with_baseline(claim, kind)
            if after_baseline is not None:
                after_baseline(claim.operation.binding_id)
        kind.prepare(claim)
    except HeldBack as held:
        _give_back(claim, held.reason, wait=held.retry_after)
    except Objection as objection:
        _hold(claim, objection)
    except AlreadyThereError as found:
        moves.lose(claim.operation, token=claim.token, by=claim.by, reason=str(found), evidence={})
    except CaasError as error:
        _react(claim, error)
        _give_back(claim, f"Nothing was sent, because a question before it failed. {error}", wait=error.retry_after)
    else:
        return claim
    return None


def _guard_stop(operation: Operation) -> None:
    """Object where the order was stopped while this was under way, unless a person has had it sent since.

    The first time the last look sees to that.
    """
    order = operation.order if operation.order_id and operation.attempts > 1 else None
    if order is None or order.stopped_at is None:
        return
    if operation.decided_at is None or operation.decided_at < order.stopped_at:
        raise Objection(f"The order was stopped. {order.stop_reason}")


def _with_baseline(claim: Claim, kind: Kind) -> Claim:
    """Read what the CA shows before the call, compare it with the ledger, and keep it for others of the order.

    Raises Objection where something that nothing explains bears on the operation. The names must be readable; where
    only the charges are not, the call goes, and the staff's pages say so.
    """
    operation = claim.operation
    if operation.binding is None:
        raise Objection("There is no ACME account yet.")
    reading = read_binding(operation.binding, claim.client, kind.lists)
    if reading.domains is None:
        why = reading.unread[CaList.DOMAINS]
        raise HeldBack(f"The names at the CA could not be read. {why}", retry_after=_back_off(operation))
    comparison.keep_reading(operation.binding, reading)
    if reason := comparison.objection(operation, reading):
        raise Objection(reason, {"names": sorted(reading.names or ())[:200]})
    baseline = keep_baseline(operation, operation.binding, reading)
    claim.save(**_to_keep(operation, baseline))
    return replace(claim, baseline=baseline)


def _react(claim: Claim, error: CaasError) -> None:
    """Close what the CA's answer to this operation, its guard's question included, asks to be closed."""
    if claim.charges:
        react_to(error, server=claim.operation.subscription.server)
    else:
        react_to_reading(error)


# --- Call -----------------------------------------------------------------------------------------------------------


def call(claim: Claim) -> Sent | None:
    """Call the CA once and give what it said; None where it said no, or nothing that can be read."""
    kind = kind_of(claim.operation)
    try:
        return kind.call(claim)
    except HeldBack as held:
        _give_back(claim, held.reason, wait=held.retry_after)
    except LookRefused:
        # Something changed since the guards: they look again at once. Without effect where the claim was lost.
        _give_back(claim, "Nothing was sent: something had changed at the last look.", wait=0)
    except Refused as error:
        if error.is_final:
            _refused(claim, kind, error)
        else:
            _react(claim, error)
            _give_back(claim, f"It was not done. {error}", wait=error.retry_after)
    except OutcomeUnknown as error:
        _lost(claim, kind, error)
    except CaasError as error:
        _give_back(claim, f"Nothing was sent. {error}")
    return None


def _lost(claim: Claim, kind: Kind, error: OutcomeUnknown) -> None:
    operation, reason = claim.operation, f"The CA’s answer is missing or cannot be read. {error}"
    if kind.repeatable:
        wait = timedelta(seconds=_back_off(operation))
        persistently(
            lambda: _send_again(operation, claim.token, by=claim.by, reason=reason, wait=wait, detail=error.evidence)
        )
    else:
        persistently(
            lambda: moves.lose(operation, token=claim.token, by=claim.by, reason=reason, evidence=error.evidence)
        )


def _send_again(
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
    kind, lost, now = kind_of(operation), operation.lost_answers + 1, clock.now()
    with transaction.atomic():
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


def _refused(claim: Claim, kind: Kind, error: Refused) -> None:
    if not claim.operation.was_unknown or kind.repeatable:
        persistently(lambda: _write_refusal(claim, kind, error))
        return
    # It may be refused because the earlier call, whose answer was lost, did its work after all.
    persistently(
        lambda: moves.lose(
            claim.operation,
            token=claim.token,
            by=claim.by,
            reason=f"Refused after an earlier call of it was lost: {error.detail}",
            evidence=error.evidence,
            error_type=error.error_type,
            error_detail=error.detail or str(error),
        )
    )


def _write_refusal(claim: Claim, kind: Kind, error: Refused) -> None:
    with transaction.atomic():
        refused = moves.refuse(
            claim.operation,
            token=claim.token,
            by=claim.by,
            now=clock.now(),
            error_type=error.error_type,
            error_detail=error.detail,
            error_reason=error.reason,
            reply=error.evidence,
        )
        if refused:
            kind.dropped(claim.operation)


def _back_off(operation: Operation) -> float:
    return float(min(BACK_OFF * 2 ** min(operation.attempts - 1, 10), MAX_BACK_OFF))


def _give_back(claim: Claim, reason: str, *, wait: float | None = None) -> None:
    seconds = _back_off(claim.operation) if wait is None else wait

    def give_back() -> None:
        not_before = clock.now() + timedelta(seconds=seconds)
        moves.give_back(claim.operation, token=claim.token, by=claim.by, reason=reason, not_before=not_before)

    persistently(give_back)


def _hold(claim: Claim, objection: Objection) -> None:
    with transaction.atomic():
        given_back = moves.give_back(
            claim.operation,
            token=claim.token,
            by=claim.by,
            reason="Nothing was sent: a guard objects.",
            not_before=clock.now(),
        )
        if given_back:
            moves.hold(claim.operation, by=claim.by, reason=str(objection), detail=objection.detail)


# --- Record ---------------------------------------------------------------------------------------------------------


def record(claim: Claim, sent: Sent) -> None:
    """Keep what the CA said with the operation's success, in one transaction; a late answer is kept as such."""
    kind = kind_of(claim.operation)
    persistently(lambda: _record(claim, kind, sent))


def _record(claim: Claim, kind: Kind, sent: Sent) -> None:
    operation, now = claim.operation, clock.now()
    try:
        with transaction.atomic():
            if moves.succeed(operation, sent.outcome, token=claim.token, by=claim.by, now=now, reply=sent.evidence):
                kind.keep(operation, sent.effect, now=now)
                comparison.explain_by_answer(operation)
                moves.stop_order_if_overcharged(operation, by=claim.by, now=now)
                if kind.leaves_traces:
                    gate.note_answer(kind.name)
            else:
                _keep_late(claim, kind, sent, now)
    except NotUsableError as problem:
        operation.refresh_from_db()
        _hold(claim, Objection(str(problem), sent.evidence))


def _keep_late(claim: Claim, kind: Kind, sent: Sent, now: datetime) -> None:
    """Keep an answer that came after the operation was settled: it fills in an open amount, or it is a finding."""
    operation, outcome = claim.operation, sent.outcome
    contradicts = moves.keep_late_answer(operation, by=claim.by, reply=sent.evidence)
    kind.keep_late(operation, sent, by=claim.by)
    if not contradicts and not outcome.is_open and moves.fill_in_charge(operation, outcome, by=claim.by, now=now):
        comparison.explain_by_answer(operation)
        return
    is_another = outcome.ca_order_number is not None and operation.ca_order_number != outcome.ca_order_number
    if operation.binding is not None and (contradicts or is_another):
        comparison.raise_at_once(
            operation.binding,
            Finding.Sort.LATE_ANSWER,
            key=f"{operation.code}:{outcome.ca_order_number}",
            text=f"{kind.title(operation)}: the CA’s answer came after this was settled, and says that it was done.",
            operation=operation,
            outcome=outcome,
        )


def _after_success(claim: Claim) -> None:
    if claim.operation.state != State.SUCCEEDED:
        return
    try:
        kind_of(claim.operation).after_success(claim)
    except (CaasError, HeldBack) as error:
        if isinstance(error, CaasError):
            react_to_reading(error)
        # It is done and recorded; the next reading of the subscription brings what became visible by it.
        logger.warning("What operation %s brought could not be read: %s", claim.operation.code, error)


# --- Dead claims ----------------------------------------------------------------------------------------------------


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
        return _send_again(operation, token, by=by, reason=reason, wait=timedelta(0), detail={}, only=still_dead)
    return moves.lose(operation, token=token, by=by, reason=reason, evidence={}, only=still_dead)
