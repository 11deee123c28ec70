"""Every move an operation can make. Nothing else writes `Operation.state`.

    –         → queued                        a person confirmed
    queued    → sending · canceled · attention
    sending   → succeeded · refused · queued · unknown
    unknown   → succeeded · queued · attention
    attention → succeeded · queued · canceled

Each function checks the old state by a conditional update, writes an append-only event beside it, and gives whether
the move was made. A function that belongs to a claim also checks the claim's token: a worker that lost its claim
changes nothing. Callers hold no transaction open across a call to the CA.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from accounts.models import User
from subscriptions.models import Operation, OperationEvent, Order

State = Operation.State

MOVES = frozenset(
    {
        (State.QUEUED, State.SENDING),
        (State.QUEUED, State.CANCELED),
        (State.QUEUED, State.ATTENTION),
        (State.SENDING, State.SUCCEEDED),
        (State.SENDING, State.REFUSED),
        (State.SENDING, State.QUEUED),
        (State.SENDING, State.UNKNOWN),
        (State.UNKNOWN, State.SUCCEEDED),
        (State.UNKNOWN, State.QUEUED),
        (State.UNKNOWN, State.ATTENTION),
        (State.ATTENTION, State.SUCCEEDED),
        (State.ATTENTION, State.QUEUED),
        (State.ATTENTION, State.CANCELED),
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the CA said (or what reading proved) it did, and charged."""

    charged: Decimal | None
    currency: str
    ca_order_number: int | None
    is_charge_confirmed: bool


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a move: a person, or a worker by name."""

    user: User | None = None
    worker: str = ""


def _move(
    operation: Operation,
    from_state: Operation.State,
    to_state: Operation.State,
    *,
    by: Author,
    reason: str,
    detail: Mapping[str, Any] | None = None,
    token: UUID | None = None,
    only_unsent: bool = False,
    **changes: Any,
) -> bool:
    if (from_state, to_state) not in MOVES:
        raise ValueError(f"An operation cannot go from {from_state} to {to_state}.")
    rows = Operation.objects.filter(pk=operation.pk, state=from_state)
    if token is not None:
        rows = rows.filter(claim_token=token)
    if only_unsent:
        rows = rows.filter(sent_at=None)
    with transaction.atomic():
        if rows.update(state=to_state, **changes) != 1:
            return False
        _write_event(operation, from_state, to_state, by=by, reason=reason, detail=detail)
    operation.refresh_from_db()
    return True


def _write_event(
    operation: Operation, from_state: str, to_state: str, *, by: Author, reason: str, detail: Mapping[str, Any] | None
) -> None:
    OperationEvent.objects.create(
        operation=operation,
        from_state=from_state,
        to_state=to_state,
        actor=by.user,
        worker=by.worker,
        reason=reason[:500],
        detail=dict(detail or {}),
    )


def note(operation: Operation, *, by: Author, reason: str, detail: Mapping[str, Any] | None = None) -> None:
    """Write an event that moves nothing: something worth knowing happened on the way."""
    _write_event(operation, operation.state, operation.state, by=by, reason=reason, detail=detail)


def queue(operations: list[Operation], *, by: Author, reason: str) -> None:
    """Write new operations as queued; call within the transaction that writes what they belong to."""
    Operation.objects.bulk_create(operations)
    OperationEvent.objects.bulk_create(
        OperationEvent(operation=one, to_state=State.QUEUED, actor=by.user, worker=by.worker, reason=reason[:500])
        for one in operations
    )


def cancel(operation: Operation, *, by: Author, reason: str, now: datetime) -> bool:
    """Move queued → canceled: a person does not want it any more."""
    return _move(operation, State.QUEUED, State.CANCELED, by=by, reason=reason, finished_at=now)


def claim(operation: Operation, *, worker: str, now: datetime, lease: timedelta) -> UUID | None:
    """Move queued → sending for one worker and give the claim's token; None where someone else was first."""
    token = uuid4()
    moved = _move(
        operation,
        State.QUEUED,
        State.SENDING,
        by=Author(worker=worker),
        reason="Claimed by a worker.",
        claim_token=token,
        worker=worker,
        claimed_at=now,
        lease_expires_at=now + lease,
        sent_at=None,
        connection_ended_at=None,
        attempts=F("attempts") + 1,
    )
    return token if moved else None


def mark_sent(operation: Operation, *, token: UUID, now: datetime, lease: timedelta) -> bool:
    """Write, right before the call, that it is being sent; False where the claim was lost, and nothing may be sent."""
    rows = Operation.objects.filter(pk=operation.pk, state=State.SENDING, claim_token=token, sent_at=None)
    if rows.update(sent_at=now, lease_expires_at=now + lease) != 1:
        return False
    operation.refresh_from_db()
    return True


def succeed(
    operation: Operation, outcome: Outcome, *, token: UUID, by: Author, now: datetime, reply: Mapping[str, Any]
) -> bool:
    """Move sending (or, for an answer that came late, unknown) → succeeded with what the CA said."""
    changes = _outcome_fields(outcome) | {"reply": dict(reply), "finished_at": now, "connection_ended_at": now}
    return _move(
        operation, State.SENDING, State.SUCCEEDED, by=by, reason="The CA did it.", token=token, **changes
    ) or _move(
        operation, State.UNKNOWN, State.SUCCEEDED, by=by, reason="The CA's answer came late.", token=token, **changes
    )


def _outcome_fields(outcome: Outcome) -> dict[str, Any]:
    return {
        "charged": outcome.charged,
        "charged_currency": outcome.currency,
        "ca_order_number": outcome.ca_order_number,
        "is_charge_confirmed": outcome.is_charge_confirmed,
        "error_type": "",
        "error_detail": "",
    }


def keep_late_answer(operation: Operation, *, by: Author, reply: Mapping[str, Any]) -> None:
    """Keep a success that came after the operation was settled otherwise.

    One queued again is held for a person, and so is one that a worker has claimed again and not yet sent.
    """
    operation.refresh_from_db()
    note(
        operation, by=by, reason="The CA's answer came after this was settled: it says that it was done.", detail=reply
    )
    reason = "The CA says that an earlier call of this was done."
    give_back(operation, token=None, by=by, reason=reason, not_before=operation.not_before, only_unsent=True)
    hold(operation, by=by, reason=reason, detail=reply)


def refuse(
    operation: Operation,
    *,
    token: UUID,
    by: Author,
    now: datetime,
    error_type: str,
    error_detail: str,
    error_reason: str,
    reply: Mapping[str, Any],
) -> bool:
    """Move sending → refused: the CA's own words said no. Final."""
    return _move(
        operation,
        State.SENDING,
        State.REFUSED,
        by=by,
        reason="The CA refused it.",
        token=token,
        error_type=error_type[:120],
        error_detail=error_detail,
        error_reason=error_reason,
        reply=dict(reply),
        finished_at=now,
        connection_ended_at=now,
    )


def give_back(
    operation: Operation,
    *,
    token: UUID | None,
    by: Author,
    reason: str,
    not_before: datetime,
    only_unsent: bool = False,
) -> bool:
    """Move sending → queued: surely not done. It is not claimed again before `not_before`.

    With `only_unsent` nothing is moved once it is marked as sent: for whoever ends a claim that is another's.
    """
    return _move(
        operation,
        State.SENDING,
        State.QUEUED,
        by=by,
        reason=reason,
        token=token,
        only_unsent=only_unsent,
        claim_token=None,
        lease_expires_at=None,
        sent_at=None,
        dispatched_at=None,
        not_before=not_before,
    )


def lose(
    operation: Operation,
    *,
    token: UUID,
    by: Author,
    reason: str,
    ended_at: datetime,
    evidence: Mapping[str, Any],
    error_type: str = "",
    error_detail: str = "",
) -> bool:
    """Move sending → unknown: it may or may not have happened. It keeps its claim's token for a late answer.

    `error_type` and `error_detail` are the CA's words where this call was refused and an earlier one was lost.
    """
    return _move(
        operation,
        State.SENDING,
        State.UNKNOWN,
        by=by,
        reason=reason,
        detail=evidence,
        token=token,
        was_unknown=True,
        connection_ended_at=ended_at,
        next_reading_at=ended_at,
        readings=[],
        error_type=error_type[:120],
        error_detail=error_detail,
    )


def hold(operation: Operation, *, by: Author, reason: str, detail: Mapping[str, Any] | None = None) -> bool:
    """Move queued → attention: a person must look before anything is sent."""
    return _move(operation, State.QUEUED, State.ATTENTION, by=by, reason=reason, detail=detail)


def settle_as_done(operation: Operation, outcome: Outcome, *, by: Author, reason: str, now: datetime) -> bool:
    """Move unknown → succeeded: reading proved it.

    What was read is about the claim `operation` shows: like its two siblings this leaves a later claim alone.
    """
    return _move(
        operation,
        State.UNKNOWN,
        State.SUCCEEDED,
        by=by,
        reason=reason,
        token=operation.claim_token,
        finished_at=now,
        **_outcome_fields(outcome),
    )


def settle_as_not_done(operation: Operation, *, by: Author, reason: str, now: datetime) -> bool:
    """Move unknown → queued: reading proved that it did not happen."""
    token = operation.claim_token
    return _move(operation, State.UNKNOWN, State.QUEUED, by=by, reason=reason, token=token, **_fresh_start(now))


def _fresh_start(now: datetime) -> dict[str, Any]:
    # The old baseline and claim belong to the call that is now settled: a new call reads its own.
    cleared = ("claim_token", "lease_expires_at", "sent_at", "baseline", "dispatched_at")
    return dict.fromkeys(cleared, None) | {"not_before": now, "error_type": "", "error_detail": ""}


def settle_as_unclear(operation: Operation, *, by: Author, reason: str, detail: Mapping[str, Any]) -> bool:
    """Move unknown → attention: reading proves neither."""
    token = operation.claim_token
    return _move(operation, State.UNKNOWN, State.ATTENTION, by=by, reason=reason, detail=detail, token=token)


def decide_done(operation: Operation, outcome: Outcome, *, by: Author, reason: str, now: datetime) -> bool:
    """Move attention → succeeded: a reseller admin says that it happened."""
    return _move(
        operation, State.ATTENTION, State.SUCCEEDED, by=by, reason=reason, finished_at=now, **_outcome_fields(outcome)
    )


def decide_send(operation: Operation, *, by: Author, reason: str, now: datetime, **price: Any) -> bool:
    """Move attention → queued: a reseller admin says that it is to be sent; `price` replaces what was confirmed."""
    return _move(operation, State.ATTENTION, State.QUEUED, by=by, reason=reason, **_fresh_start(now), **price)


def decide_cancel(operation: Operation, *, by: Author, reason: str, now: datetime) -> bool:
    """Move attention → canceled: a reseller admin says that it did not happen and is not to."""
    return _move(operation, State.ATTENTION, State.CANCELED, by=by, reason=reason, finished_at=now)


def stop_order_if_overcharged(operation: Operation, *, by: Author, now: datetime) -> None:
    """Hold the rest of an order where the CA charged more than a person confirmed; the charge stands as it is."""
    if operation.charged is None or operation.price is None or operation.order is None:
        return
    same_currency = operation.charged_currency == operation.currency
    if same_currency and operation.charged <= operation.price:
        return
    reason = (
        f"The CA charged {operation.charged_currency} {operation.charged:,.2f} for {operation.domain_name}; "
        f"{operation.currency} {operation.price:,.2f} was confirmed."
    )
    Order.objects.filter(pk=operation.order.pk, stopped_at=None).update(stopped_at=now, stop_reason=reason[:300])
    for waiting in Operation.objects.filter(order=operation.order_id, state=State.QUEUED):
        hold(waiting, by=by, reason=f"The order was stopped. {reason}")
