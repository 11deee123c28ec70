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
from django.db.models import Expression, F, Q, Value
from django.db.models.expressions import Combinable

from accounts.models import User
from subscriptions.ledger import clock
from subscriptions.ledger.clock import Instant
from subscriptions.ledger.counter import Counter, LedgerWentBackError
from subscriptions.ledger.kept import Change, Given, kept
from subscriptions.models import Operation, OperationEvent

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
    """What the CA said, or reading proved, that it did and charged; `is_open` where the amount is not known yet."""

    charged: Decimal | None = None
    currency: str = ""
    ca_order_number: int | None = None
    text: str = ""
    is_open: bool = False


FREE = Outcome()


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
    only: Q | None = None,
    **changes: Any,
) -> bool:
    if (from_state, to_state) not in MOVES:
        raise ValueError(f"An operation cannot go from {from_state} to {to_state}.")
    # What is raised within ends the caller's transaction too, so it needs no savepoint of its own.
    with transaction.atomic(savepoint=False):
        if _write(operation, from_state, to_state, token=token, only=only, changes=changes) != 1:
            return False
        _write_event(operation, from_state, to_state, by=by, reason=reason, detail=detail)
    take_over(operation, changes | {"state": to_state})
    return True


def _write(
    operation: Operation, from_state: str, to_state: str, *, token: UUID | None, only: Q | None, changes: dict[str, Any]
) -> int:
    """Write a move where the operation is as it is to be, and give how many rows that were."""
    if only is not None:
        candidates = Operation.objects.filter(only, pk=operation.pk, state=from_state)
        if token is not None:
            candidates = candidates.filter(claim_token=token)
        return candidates.update(state=to_state, **changes)
    values = {name: value.value if isinstance(value, Value) else value for name, value in changes.items()}
    worked_out = tuple((name, value if isinstance(value, Combinable) else None) for name, value in values.items())
    moving = _moving(from_state, to_state, worked_out, is_claimed=token is not None)
    return moving(id=operation.pk, token=token, **values)


@kept
def _moving(
    from_state: str, to_state: str, changes: tuple[tuple[str, Combinable | None], ...], *, is_claimed: bool
) -> Change:
    """Give the statement of a move by the names of what it changes, each with what the database works out of it."""
    candidates = Operation.objects.filter(pk=Given.of(Operation, "id"), state=from_state)
    if is_claimed:
        candidates = candidates.filter(claim_token=Given.of(Operation, "claim_token", "token"))
    return Change(candidates, state=to_state, **{name: value or Given.of(Operation, name) for name, value in changes})


def take_over(operation: Operation, changes: Mapping[str, Any]) -> None:
    """Have the object show what was written; what the database worked out is read where it is asked for."""
    for name, value in changes.items():
        if isinstance(value, Combinable):
            operation.__dict__.pop(name, None)
        else:
            setattr(operation, name, value)


def _write_event(
    operation: Operation, from_state: str, to_state: str, *, by: Author, reason: str, detail: Mapping[str, Any] | None
) -> None:
    newest = Counter.newest
    event = OperationEvent.objects.create(
        operation=operation,
        at=clock.instant(),
        from_state=from_state,
        to_state=to_state,
        actor=by.user,
        worker=by.worker,
        reason=reason[:500],
        detail=dict(detail or {}),
    )
    if to_state == State.SENDING and event.pk <= newest:
        raise LedgerWentBackError
    # What is rolled back was never there: SQLite gives its number again.
    transaction.on_commit(lambda: Counter.note(event.pk))


def note(operation: Operation, *, by: Author, reason: str, detail: Mapping[str, Any] | None = None) -> None:
    """Write an event that moves nothing: something worth knowing happened on the way."""
    _write_event(operation, operation.state, operation.state, by=by, reason=reason, detail=detail)


def queue(operations: list[Operation], *, by: Author, reason: str, not_before: datetime | None = None) -> None:
    """Write new operations as queued; call within the transaction that writes what they belong to.

    None is sent before `not_before`. Raises IntegrityError where another unsettled operation is about the same
    (`exclusive`).
    """
    now = clock.now()
    for new in operations:
        new.created_at, new.not_before = now, not_before or now
    Operation.objects.bulk_create(operations)
    OperationEvent.objects.bulk_create(
        OperationEvent(
            operation=new, at=now, to_state=State.QUEUED, actor=by.user, worker=by.worker, reason=reason[:500]
        )
        for new in operations
    )


def cancel(operation: Operation, *, by: Author, reason: str, now: datetime) -> bool:
    """Move queued → canceled: a person does not want it any more."""
    return _move(operation, State.QUEUED, State.CANCELED, by=by, reason=reason, finished_at=now)


def claim(operation: Operation, *, worker: str, now: datetime, lease: timedelta, **changes: Any) -> UUID | None:
    """Move queued → sending for one worker and give the claim's token; None where someone else was first.

    `changes` are fields written with it, such as the baseline it is sent under.
    """
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
        attempts=operation.attempts + 1,
        **changes,
    )
    return token if moved else None


def succeed(
    operation: Operation, outcome: Outcome, *, token: UUID, by: Author, now: Instant, reply: Mapping[str, Any]
) -> bool:
    """Move sending (or, for an answer that came late, unknown) → succeeded with what the CA said."""
    changes = outcome_fields(outcome) | {"reply": dict(reply), "finished_at": now, "connection_ended_at": now}
    return _move(
        operation, State.SENDING, State.SUCCEEDED, by=by, reason="The CA did it.", token=token, **changes
    ) or _move(
        operation, State.UNKNOWN, State.SUCCEEDED, by=by, reason="The CA's answer came late.", token=token, **changes
    )


def outcome_fields(outcome: Outcome) -> dict[str, Any]:
    """Give what an outcome comes to on the row."""
    return {
        "charged": outcome.charged,
        "charged_currency": outcome.currency,
        "charged_text": outcome.text,
        "ca_order_number": outcome.ca_order_number,
        "is_charge_open": outcome.is_open,
        "error_type": "",
        "error_detail": "",
    }


def keep_late_answer(operation: Operation, *, by: Author, reply: Mapping[str, Any]) -> bool:
    """Keep a success that came after the operation was settled otherwise, and give whether it contradicts that.

    One queued again is held for a person, and so is one that a worker has claimed again and not yet sent.
    """
    operation.refresh_from_db()
    note(
        operation, by=by, reason="The CA's answer came after this was settled: it says that it was done.", detail=reply
    )
    if operation.state == State.SUCCEEDED:
        return False
    reason = "The CA says that an earlier call of this was done."
    give_back(operation, token=None, by=by, reason=reason, not_before=operation.not_before, only=Q(sent_at=None))
    hold(operation, by=by, reason=reason, detail=reply)
    return True


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
    not_before: datetime | Expression,
    only: Q | None = None,
    **changes: Any,
) -> bool:
    """Move sending → queued: surely not done, or harmless to do again. It is not claimed again before `not_before`.

    `only` is a condition more, for whoever ends a claim that is another's: nothing is moved once it was sent.
    """
    return _move(
        operation,
        State.SENDING,
        State.QUEUED,
        by=by,
        reason=reason,
        token=token,
        only=only,
        claim_token=None,
        lease_expires_at=None,
        sent_at=None,
        dispatched_at=None,
        not_before=not_before,
        **changes,
    )


def lose(
    operation: Operation,
    *,
    token: UUID,
    by: Author,
    reason: str,
    evidence: Mapping[str, Any],
    only: Q | None = None,
    error_type: str = "",
    error_detail: str = "",
) -> bool:
    """Move sending → unknown: it may or may not have happened. It keeps its claim's token for a late answer.

    The end of the connection counts from this statement: what waits for it waits longer where the worker was slow.
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
        only=only,
        was_unknown=True,
        lost_answers=F("lost_answers") + 1,
        connection_ended_at=clock.instant(),
        ended_mark=clock.mark(),
        next_reading_at=clock.instant(),
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
        **outcome_fields(outcome),
    )


def settle_as_not_done(operation: Operation, *, by: Author, reason: str, now: datetime) -> bool:
    """Move unknown → queued: reading proved that it did not happen."""
    again = _fresh_start(now) | {"times_not_done": operation.times_not_done + 1}
    return _move(operation, State.UNKNOWN, State.QUEUED, by=by, reason=reason, token=operation.claim_token, **again)


def _fresh_start(now: datetime) -> dict[str, Any]:
    # The claim belongs to the call that is now settled. The baseline stays: what a lost call did late is new to it.
    cleared = ("claim_token", "lease_expires_at", "sent_at", "dispatched_at")
    return dict.fromkeys(cleared, None) | {"not_before": now, "error_type": "", "error_detail": ""}


def settle_as_unclear(
    operation: Operation, *, by: Author, reason: str, detail: Mapping[str, Any], only: Q | None = None
) -> bool:
    """Move unknown → attention: reading proves neither, or a person is to decide without waiting for it."""
    token = operation.claim_token
    return _move(operation, State.UNKNOWN, State.ATTENTION, by=by, reason=reason, detail=detail, token=token, only=only)


def decide_done(operation: Operation, outcome: Outcome, *, by: Author, reason: str, now: datetime) -> bool:
    """Move attention → succeeded: a reseller admin says that it happened."""
    return _move(
        operation, State.ATTENTION, State.SUCCEEDED, by=by, reason=reason, finished_at=now, **outcome_fields(outcome)
    )


def decide_send(operation: Operation, *, by: Author, reason: str, now: datetime, **price: Any) -> bool:
    """Move attention → queued: a reseller admin says that it is to be sent; `price` replaces what was confirmed."""
    again = _fresh_start(now) | {"decided_at": now, "lost_answers": 0, "times_not_done": 0} | price
    return _move(operation, State.ATTENTION, State.QUEUED, by=by, reason=reason, **again)


def decide_cancel(operation: Operation, *, by: Author, reason: str, now: datetime) -> bool:
    """Move attention → canceled: a reseller admin says that it did not happen and is not to."""
    return _move(operation, State.ATTENTION, State.CANCELED, by=by, reason=reason, finished_at=now)
