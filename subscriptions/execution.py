"""The worker half of the ledger: claim an operation, call the CA, record what came of it.

No database transaction is open while the CA is called. Whatever ends a worker on the way leaves a row that says how
far it got: claimed but not marked as sent (surely not sent), or marked as sent (to be settled by reading).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from subscriptions import additions, lanes, ledger, preregistrations
from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import (
    CaasError,
    NotSent,
    OutcomeUnknown,
    Refused,
)
from subscriptions.claims import Claim
from subscriptions.gate import HeldBack, lets_through, react_to
from subscriptions.models import EabBinding, Gate, Operation, Subscription
from subscriptions.objections import AlreadyThereError, Objection

logger = logging.getLogger(__name__)

BACK_OFF = 10  # seconds, doubled with each attempt
MAX_BACK_OFF = 600

# What each kind of operation does before its call, and the call itself. A new action of the CA is one more entry.
PREPARE: dict[str, Callable[[Claim], None]] = {
    Operation.Kind.PREREGISTER: preregistrations.prepare,
    Operation.Kind.ADD_DOMAIN: additions.prepare,
}
SEND: dict[str, Callable[[Claim], None]] = {
    Operation.Kind.PREREGISTER: preregistrations.send,
    Operation.Kind.ADD_DOMAIN: additions.send,
}


def execute(operation_id: int, *, client: CaasClient, worker: str) -> Operation | None:
    """Carry out one queued operation; give it as it is afterwards, or None where there was nothing to claim."""
    claim = claim_operation(operation_id, client=client, worker=worker)
    if claim is None:
        return None
    if _prepare(claim) and claim.mark_sent():
        _send(claim)
    claim.operation.refresh_from_db()
    _learn_expiry(claim)
    return claim.operation


def _learn_expiry(claim: Claim) -> None:
    operation = claim.operation
    added = operation.kind == Operation.Kind.ADD_DOMAIN and operation.state == Operation.State.SUCCEEDED
    if not added or operation.subscription.is_running(timezone.now()):
        return
    try:
        additions.refresh_expiry(claim)
    except (CaasError, HeldBack) as error:
        if isinstance(error, CaasError):
            react_to(error)
        # The name is there and recorded; the next reading of the subscription brings the expiry.
        logger.warning("The expiry after operation %s could not be read: %s", operation.code, error)


def claim_operation(operation_id: int, *, client: CaasClient, worker: str) -> Claim | None:
    """Claim a queued operation for this worker; None where it is not queued, not due, or its lane or the gate is shut.

    The row that serializes claims (the binding's, or for PREREGISTER the gate's) is written first, so that of two
    workers the second sees what the first did, on SQLite and PostgreSQL alike.
    """
    lease = timedelta(seconds=settings.CAAS_LEASE)
    with transaction.atomic():
        operation = Operation.objects.get(pk=operation_id)
        if operation.state != Operation.State.QUEUED or not _may_pass(operation):
            return None
        _serialize(operation)
        operation = Operation.objects.select_related("subscription__server", "binding", "order").get(pk=operation_id)
        now = timezone.now()
        if operation.not_before > now or not lanes.is_free(operation, now):
            return None
        token = ledger.claim(operation, worker=worker, now=now, lease=lease)
    return None if token is None else Claim(operation, token, client, worker, lease)


def _may_pass(operation: Operation) -> bool:
    if lets_through(charges=operation.kind in Operation.CHARGING):
        return True
    # Its message is used up: the next sweep after the gate opens sends another.
    Operation.objects.filter(pk=operation.pk, state=Operation.State.QUEUED).update(dispatched_at=None)
    return False


def _serialize(operation: Operation) -> None:
    if operation.kind == Operation.Kind.PREREGISTER:
        Gate.objects.get_or_create(pk=Gate.SINGLETON)
        Gate.objects.filter(pk=Gate.SINGLETON).update(claims=F("claims") + 1)
    elif operation.binding_id is not None:
        EabBinding.objects.filter(pk=operation.binding_id).update(claims=F("claims") + 1)


def _prepare(claim: Claim) -> bool:
    """Read the baseline and guard the price; nothing has been sent whatever goes wrong here."""
    try:
        PREPARE[claim.operation.kind](claim)
    except HeldBack as held:
        _give_back(claim, held.reason, wait=held.retry_after)
    except Objection as objection:
        _hold(claim, objection)
    except AlreadyThereError as found:
        now = timezone.now()
        ledger.lose(claim.operation, token=claim.token, by=claim.by, reason=str(found), ended_at=now, evidence={})
    except CaasError as error:
        react_to(error)
        _give_back(claim, f"Nothing was sent, because a reading before it failed: {error}")
    else:
        return True
    return False


def _send(claim: Claim) -> None:
    try:
        SEND[claim.operation.kind](claim)
    except HeldBack as held:
        _give_back(claim, held.reason, wait=held.retry_after)
    except (NotSent, Refused) as error:
        if isinstance(error, Refused) and error.is_final:
            _refused(claim, error)
            return
        react_to(error)
        _give_back(claim, f"It was not done: {error}", wait=error.retry_after)
    except OutcomeUnknown as error:
        ledger.lose(
            claim.operation,
            token=claim.token,
            by=claim.by,
            reason=f"The CA's answer is missing or unreadable: {error}",
            ended_at=timezone.now(),
            evidence=error.evidence,
        )


def _refused(claim: Claim, error: Refused) -> None:
    now = timezone.now()
    if claim.operation.was_unknown:
        # It may be refused because the earlier call, whose answer was lost, did its work after all.
        reason = f"Refused after an earlier call of it was lost: {error.detail}"
        ledger.lose(
            claim.operation,
            token=claim.token,
            by=claim.by,
            reason=reason,
            ended_at=now,
            evidence=error.evidence,
            error_type=error.error_type,
            error_detail=error.detail or str(error),
        )
        return
    with transaction.atomic():
        refused = ledger.refuse(
            claim.operation,
            token=claim.token,
            by=claim.by,
            now=now,
            error_type=error.error_type,
            error_detail=error.detail,
            error_reason=error.reason,
            reply=error.evidence,
        )
        if refused and claim.operation.kind == Operation.Kind.PREREGISTER:
            Subscription.objects.filter(pk=claim.operation.subscription_id).update(
                creation=Subscription.Creation.FAILED
            )


def _give_back(claim: Claim, reason: str, *, wait: float | None = None) -> None:
    seconds = min(BACK_OFF * 2 ** min(claim.operation.attempts - 1, 10), MAX_BACK_OFF) if wait is None else wait
    not_before = timezone.now() + timedelta(seconds=seconds)
    ledger.give_back(claim.operation, token=claim.token, by=claim.by, reason=reason, not_before=not_before)


def _hold(claim: Claim, objection: Objection) -> None:
    with transaction.atomic():
        given_back = ledger.give_back(
            claim.operation,
            token=claim.token,
            by=claim.by,
            reason="Nothing was sent: the price guard objects.",
            not_before=timezone.now(),
        )
        if given_back:
            ledger.hold(claim.operation, by=claim.by, reason=str(objection), detail=objection.detail)


def reap_dead_claims(now: datetime) -> int:
    """End the claims whose lease ran out and give their number.

    One that was not marked as sent was surely not sent and goes back to the queue; one that was is unknown.
    """
    dead = Operation.objects.filter(state=Operation.State.SENDING, lease_expires_at__lt=now)
    by = ledger.Author(worker="sweep")
    ended = 0
    for operation in dead:
        token = operation.claim_token
        if token is None:
            continue
        if operation.sent_at is None:
            reason = "Its worker ended before anything was sent."
            # Its worker may be slow, not dead, and mark it as sent between the look and the move.
            ended += ledger.give_back(operation, token=token, by=by, reason=reason, not_before=now, only_unsent=True)
        else:
            reason = "Its worker ended while the call was under way."
            lease_end = operation.lease_expires_at or now
            ended += ledger.lose(operation, token=token, by=by, reason=reason, ended_at=lease_end, evidence={})
    return ended
