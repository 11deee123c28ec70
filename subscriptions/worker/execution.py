"""The worker half of the ledger: claim an operation, call the CA, record what came of it.

No database transaction is open while the CA is called. Whatever ends a worker on the way leaves a row that says how
far it got: claimed but not marked as sent (surely not sent), or marked as sent (to be settled by reading, or, where
that does no harm, to be sent again).
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import Any

from django.db import transaction

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError, LookRefused, OutcomeUnknown, Refused
from subscriptions.kinds import kind_of
from subscriptions.kinds.base import Kind, Sent
from subscriptions.ledger import accounts, charges, clock, gate, lanes, moves
from subscriptions.ledger.account_states import guard_account
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.counter import LedgerWentBackError
from subscriptions.ledger.gate import HeldBack, react_to, react_to_reading
from subscriptions.ledger.objections import AlreadyThereError, NotUsableError, Objection
from subscriptions.ledger.reading import BindingReading, CaList, keep_baseline, read_binding
from subscriptions.models import EabBinding, Finding, Operation
from subscriptions.worker import comparison, findings, process
from subscriptions.worker.claiming import baseline_to_write, claim_operation, send_again
from subscriptions.worker.persistence import persistently
from subscriptions.worker.transactions import explain_by_answer
from subscriptions.worker.unassigned import compare_before_making

logger = logging.getLogger(__name__)

State = Operation.State
BACK_OFF = 10  # seconds, doubled with each attempt
MAX_BACK_OFF = 600

AfterBaseline = Callable[[int | None], None]


def execute(
    operation_id: int, *, client: CaasClient, worker: str, after_baseline: AfterBaseline | None = None
) -> Operation | None:
    """Carry out one queued operation; give it as it is afterwards, or None where there was nothing to claim.

    `after_baseline` is called with the binding once the baseline was read that others of its order wait for.
    """
    try:
        claim = claim_operation(operation_id, client=client, worker=worker)
    except LedgerWentBackError:
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


# --- Prepare --------------------------------------------------------------------------------------------------------


def prepare(claim: Claim, after_baseline: AfterBaseline | None = None) -> Claim | None:
    """Read the baseline and let the guards look; nothing has been sent whatever goes wrong here.

    Gives the claim, with its baseline, to call by; None where it may not be called now.
    """
    kind = kind_of(claim.operation)
    try:
        _guard_stop(claim.operation)
        if kind.charges:
            guard_account(claim.operation)
        if claim.baseline is None and kind.lists and kind.needs_baseline:
            claim = _with_baseline(claim, kind)
            if after_baseline is not None:
                lanes.release_order(claim.operation)
                after_baseline(claim.operation.binding_id)
        if kind.leaves_traces:
            compare_before_making(claim)
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
    reading = read_binding(operation.binding, claim.client, kind.lists | {CaList.DOMAINS}, answered=claim.save)
    if reading.domains is None:
        why = reading.unread.get(CaList.DOMAINS, "")
        raise HeldBack(f"The names at the CA could not be read. {why}", retry_after=_back_off(operation))
    comparison.keep_reading(operation.binding, reading)
    _object_to(operation, operation.binding, reading, by=claim.by)
    baseline = keep_baseline(operation, operation.binding, reading)
    claim.save(**baseline_to_write(operation, baseline))
    return replace(claim, baseline=baseline)


def _object_to(operation: Operation, binding: EabBinding, reading: BindingReading, *, by: moves.Author) -> None:
    """Hold those of its order against which something stands that nothing explains: they are sent under this baseline.

    Raises Objection where that is the operation itself.
    """
    detail = {"names": sorted(reading.names or ())[:200]}
    waiting = Operation.objects.filter(order__isnull=False, order=operation.order_id, binding=binding)
    objections = comparison.objections(chain([operation], waiting.filter(state=State.QUEUED)), binding, reading)
    for held, reason in reversed(objections):
        if held is operation:
            raise Objection(reason, detail)
        moves.hold(held, by=by, reason=reason, detail=detail)


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
        _no(claim, kind, error)
    except OutcomeUnknown as error:
        _lost(claim, kind, error)
    except CaasError as error:
        _give_back(claim, f"Nothing was sent. {error}")
    return None


def _no(claim: Claim, kind: Kind, error: Refused) -> None:
    """Write down a refusal, which has done nothing. It goes again where it closed something, or under another account.

    Not under another account where an earlier call of it was lost: that one may be why it is refused.
    """
    if not error.is_final:
        _react(claim, error)
        _give_back(claim, f"It was not done. {error}", wait=error.retry_after)
        return
    may_be_done = _may_be_done(claim, kind)
    try:
        is_another_named = persistently(lambda: _names_another(claim, kind, error))
    except HeldBack as held:
        if not may_be_done:
            _give_back(claim, f"It was not done. {held.reason}", wait=held.retry_after)
            return
        is_another_named = False
    if is_another_named and not may_be_done:
        _give_back(claim, f"It was not done. {error} It goes again under another ACME account of the key.", wait=0)
    else:
        _refused(claim, kind, error)


def _may_be_done(claim: Claim, kind: Kind) -> bool:
    """Whether it can be refused because an earlier call, whose answer was lost, did its work after all."""
    operation = claim.operation
    is_repeated = kind.repeats_may_be_refused and operation.lost_answers > 0
    return is_repeated or (operation.was_unknown and not kind.repeatable)


def _names_another(claim: Claim, kind: Kind, error: Refused) -> bool:
    binding = claim.operation.binding
    if binding is None or not kind.names_any_account(claim.operation):
        return False
    claim.save()  # the refusal renews the lease, as each answer does
    return accounts.name_another(binding, claim.client, refused=binding.acme_account_id, refusal=error)


def _lost(claim: Claim, kind: Kind, error: OutcomeUnknown) -> None:
    operation, reason = claim.operation, f"The CA’s answer is missing or cannot be read. {error}"
    if kind.repeatable:
        wait = timedelta(seconds=_back_off(operation))
        persistently(
            lambda: send_again(operation, claim.token, by=claim.by, reason=reason, wait=wait, detail=error.evidence)
        )
    else:
        persistently(
            lambda: moves.lose(operation, token=claim.token, by=claim.by, reason=reason, evidence=error.evidence)
        )


def _refused(claim: Claim, kind: Kind, error: Refused) -> None:
    if not _may_be_done(claim, kind):
        persistently(lambda: _write_refusal(claim, kind, error))
        return
    is_lost = persistently(
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
    if not is_lost:
        persistently(lambda: _keep_late_refusal(claim, kind, error))


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
        if not refused:
            _keep_late_refusal(claim, kind, error)
            return
        kind.dropped(claim.operation)
        if kind.leaves_traces:
            gate.note_answer(kind.name)


@transaction.atomic
def _keep_late_refusal(claim: Claim, kind: Kind, error: Refused) -> None:
    """Keep a refusal that came after its call was lost: where that was settled as done, somebody else did it."""
    operation, reason = claim.operation, "The CA’s answer came after this was settled as done: it refused the call."
    operation.refresh_from_db()
    if operation.state != State.SUCCEEDED or operation.claim_token != claim.token or operation.binding is None:
        return
    moves.note(operation, by=claim.by, reason=f"{reason} {error.detail}", detail=error.evidence)
    findings.raise_at_once(
        operation.binding,
        Finding.Sort.LATE_ANSWER,
        key=f"{operation.code}:refused",
        text=f"{kind.title(operation)}: the CA’s answer came after this was settled as done, and refuses it.",
        operation=operation,
        outcome=moves.FREE,
    )


def _back_off(operation: Operation) -> float:
    return float(min(BACK_OFF * 2 ** min(operation.attempts - 1, 10), MAX_BACK_OFF))


def _give_back(claim: Claim, reason: str, *, wait: float | None = None) -> None:
    seconds = _back_off(claim.operation) if wait is None else wait

    def give_back() -> None:
        not_before = clock.now() + timedelta(seconds=seconds)
        moves.give_back(claim.operation, token=claim.token, by=claim.by, reason=reason, not_before=not_before)

    persistently(give_back)


def _hold(
    claim: Claim, objection: Objection, *, reason: str = "Nothing was sent: a guard objects.", **changes: Any
) -> None:
    with transaction.atomic():
        given_back = moves.give_back(
            claim.operation, token=claim.token, by=claim.by, reason=reason, not_before=clock.now(), **changes
        )
        if given_back:
            moves.hold(claim.operation, by=claim.by, reason=str(objection), detail=objection.detail)


# --- Record ---------------------------------------------------------------------------------------------------------


def record(claim: Claim, sent: Sent) -> None:
    """Keep what the CA said with the operation's success, in one transaction; a late answer is kept as such."""
    kind = kind_of(claim.operation)
    persistently(lambda: _record(claim, kind, sent))


def _record(claim: Claim, kind: Kind, sent: Sent) -> None:
    operation, now = claim.operation, clock.instant()
    try:
        with transaction.atomic():
            if moves.succeed(operation, sent.outcome, token=claim.token, by=claim.by, now=now, reply=sent.evidence):
                kind.keep(operation, sent.effect, now=now)
                explain_by_answer(operation)
                charges.stop_order_if_overcharged(operation, by=claim.by)
                if kind.leaves_traces:
                    gate.note_answer(kind.name)
            else:
                _keep_late(claim, kind, sent)
    except NotUsableError as problem:
        operation.refresh_from_db()
        reason, lost = "The CA did it, but what its answer brings cannot be kept.", operation.lost_answers + 1
        _hold(claim, Objection(str(problem), sent.evidence), reason=reason, lost_answers=lost)


def _keep_late(claim: Claim, kind: Kind, sent: Sent) -> None:
    """Keep an answer that came after the operation was settled: it fills in an open amount, or it is a finding."""
    operation, outcome = claim.operation, sent.outcome
    operation.refresh_from_db()
    if operation.state == State.SUCCEEDED and operation.reply == dict(sent.evidence):
        return  # this very answer was written, but the database's word that it was got lost
    contradicts = moves.keep_late_answer(operation, by=claim.by, reply=sent.evidence)
    kind.keep_late(operation, sent, by=claim.by)
    if not contradicts and not outcome.is_open and charges.fill_in_charge(operation, outcome, by=claim.by):
        explain_by_answer(operation)
        return
    is_another = outcome.ca_order_number is not None and operation.ca_order_number != outcome.ca_order_number
    if operation.binding is not None and (contradicts or is_another):
        findings.raise_at_once(
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
