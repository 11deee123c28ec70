"""Decisions of people about the ledger and the gate: the request half."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.kinds import kind_of
from subscriptions.ledger import charges, clock, moves
from subscriptions.ledger.restored import RESTORED, hold_after_restore
from subscriptions.models import AcmeServer, Gate, HeldKind, Operation, Order, Transaction
from subscriptions.rules.prices import shown
from subscriptions.selectors.operations import (
    AskedPrice,
    asked_price_of,
    charges_to_choose,
    last_event_of,
    lines_to_decide,
    names_at_the_ca,
    shows_its_name,
)


@dataclass(frozen=True, slots=True)
class DecidedLines:
    """For how many lines of an order a decision was taken, and the names of those that were left as they are."""

    decided: int
    left: Sequence[str]


def _stale(operation: Operation) -> ServiceError:
    operation.refresh_from_db()
    return ServiceError(f"It is “{operation.get_state_display()}” by now, so nothing was changed.")


def _check_seen(operation: Operation, seen_event: int | None) -> None:
    """Raise ServiceError where something happened to an operation since its page, with its last step, was shown."""
    operation.refresh_from_db()
    if operation.state != Operation.State.ATTENTION:
        raise _stale(operation)
    if last_event_of(operation) != seen_event:
        raise ServiceError("Something happened to it since this page was opened. Nothing was changed: look again.")


@transaction.atomic
def cancel_operation(*, actor: User, operation: Operation, reason: str) -> None:
    """Cancel a queued operation; raise ServiceError where a worker was faster."""
    now = clock.now()
    if not moves.cancel(operation, by=moves.Author(user=actor), reason=reason or "Canceled.", now=now):
        raise _stale(operation)
    _dropped(operation)
    _record(Happening.OPERATION_CANCELED, actor, operation, reason=reason)


def _dropped(operation: Operation) -> None:
    kind_of(operation).dropped(operation)
    _send_what_is_due()


def _send_what_is_due() -> None:
    transaction.on_commit(tasks.send_due_operations, robust=True)


@transaction.atomic
def take_to_attention(*, actor: User, operation: Operation, reason: str) -> None:
    """A reseller admin does not wait any longer for readings to settle an operation whose answer was lost.

    Raises ServiceError where it is settled by now, and before CAAS_SETTLE_AFTER has passed since its connection ended:
    until then the call may still do its work.
    """
    operation.refresh_from_db()
    if operation.state != Operation.State.UNKNOWN:
        raise _stale(operation)
    wait, now = timedelta(seconds=settings.CAAS_SETTLE_AFTER), clock.stamp()
    if not clock.has_passed(wait, since=clock.Stamp(operation.last_contact_at, operation.ended_mark), until=now):
        left = max(1, ceil((operation.last_contact_at + wait - now.at) / timedelta(minutes=1)))
        minutes = "1 minute" if left == 1 else f"{left} minutes"
        raise ServiceError(f"The lost call may still do its work at the CA. It can be decided about in {minutes}.")
    if not moves.settle_as_unclear(operation, by=moves.Author(user=actor), reason=reason, detail={}):
        raise _stale(operation)
    _record(Happening.OPERATION_TAKEN, actor, operation, reason=reason)


@transaction.atomic
def decide_done(
    *, actor: User, operation: Operation, seen_event: int | None, reason: str, charge: Transaction | None = None
) -> None:
    """A reseller admin says that an operation in attention happened: by what the CA shows, never by a typed amount.

    `charge` is one that the CA lists and that nothing else explains. Without one the amount stays open and the next
    reading fills it in, or a finding asks about it; that is only allowed of a call that was sent. A charge above the
    confirmed price stops the rest of the order. Raises ServiceError where that does not fit what is known.
    """
    kind = kind_of(operation)
    if not kind.can_be_declared_done:
        raise ServiceError("Only the CA’s answer tells that this is done: send it again, or cancel it.")
    _check_seen(operation, seen_event)
    if charge is None and not operation.was_unknown and not shows_its_name(operation):
        raise ServiceError("It was never sent, and the CA shows nothing of what it was to bring. Nothing was changed.")
    # Taken first, by one conditional update: of two decisions on one charge, or a reading's link, one comes too late.
    if charge is not None and (charge not in charges_to_choose(operation) or not charges.link(charge, operation)):
        raise ServiceError("This charge is explained by something else by now. Nothing was changed: look again.")
    by, now = moves.Author(user=actor), clock.now()
    if not moves.decide_done(operation, _outcome(operation, charge), by=by, reason=reason, now=now):
        raise _stale(operation)
    kind.keep(operation, kind.declared(operation, names_at_the_ca(operation)), now=now)
    charges.stop_order_if_overcharged(operation, by=by)
    _record(Happening.OPERATION_SETTLED, actor, operation, decision="done", reason=reason)
    transaction.on_commit(lambda: tasks.sync_subscription.delay(operation.subscription_id), robust=True)


def _outcome(operation: Operation, charge: Transaction | None) -> moves.Outcome:
    if not kind_of(operation).charges:
        return moves.FREE
    if charge is None or charge.cost is None:
        return moves.Outcome(ca_order_number=charge.ca_order_number if charge else None, is_open=True)
    return moves.Outcome(charge.cost, charge.currency, charge.ca_order_number, charge.cost_text)


@transaction.atomic
def decide_send(*, actor: User, operation: Operation, seen_event: int | None, reason: str) -> None:
    """A reseller admin says that an operation in attention did not happen and is to be sent.

    The confirmed price stays: a higher one brings it back to attention.
    """
    _send(actor, operation, seen_event, reason, None)
    _send_what_is_due()


@transaction.atomic
def accept_asked_price(
    *, actor: User, operation: Operation, seen_event: int | None, reason: str, asked: AskedPrice
) -> None:
    """A reseller admin confirms what the CA asks now, in place of the price confirmed before, and has it sent.

    The price holds as long as any quote does: one that is older than that is asked for again before the charge.
    """
    _send(actor, operation, seen_event, reason, asked)
    _send_what_is_due()


def _send(actor: User, operation: Operation, seen_event: int | None, reason: str, asked: AskedPrice | None) -> None:
    _check_seen(operation, seen_event)
    price: dict[str, Any] = {}
    if asked is not None:
        names = list(asked.names)
        price = {"price": asked.amount, "currency": asked.currency, "names": names, "quoted_at": asked.asked_at}
    if not moves.decide_send(operation, by=moves.Author(user=actor), reason=reason, now=clock.now(), **price):
        raise _stale(operation)
    decision = "send" if asked is None else f"send at {shown(asked.amount, asked.currency)}"
    _record(Happening.OPERATION_SETTLED, actor, operation, decision=decision, reason=reason)


@transaction.atomic
def decide_cancel(*, actor: User, operation: Operation, seen_event: int | None, reason: str) -> None:
    """A reseller admin says that an operation in attention did not happen and is not to."""
    _check_seen(operation, seen_event)
    if not moves.decide_cancel(operation, by=moves.Author(user=actor), reason=reason, now=clock.now()):
        raise _stale(operation)
    _dropped(operation)
    _record(Happening.OPERATION_SETTLED, actor, operation, decision="cancel", reason=reason)


@transaction.atomic
def decide_lines(
    *, actor: User, order: Order, is_to_send: bool, seen: Mapping[UUID, int | None], reason: str
) -> DecidedLines:
    """A reseller admin decides for all lines of an order that wait for it and were surely not sent, at once.

    Each is sent at what the CA asked at its guard, or at its confirmed price where that is not known; or each is
    canceled. `seen` are the lines that the page showed, by code, with the last step of each: a line to which something
    happened since is left as it is, and named.
    """
    # Serializes decisions about one order on SQLite and PostgreSQL alike.
    Order.objects.filter(pk=order.pk).update(stop_reason=F("stop_reason"))
    decided, left = 0, []
    operations = {line.operation.code: line.operation for line in lines_to_decide(order).lines}
    for code, seen_event in seen.items():
        operation = operations.get(code)
        try:
            if operation is None:
                raise ServiceError("It is decided by now.")
            with transaction.atomic():
                if is_to_send:
                    _send(actor, operation, seen_event, reason, asked_price_of(operation))
                else:
                    decide_cancel(actor=actor, operation=operation, seen_event=seen_event, reason=reason)
        except ServiceError:
            left.append(code)
        else:
            decided += 1
    _send_what_is_due()
    names = order.operations.filter(code__in=left).order_by("quote_line__position", "pk")
    return DecidedLines(decided, list(names.values_list("domain_name", flat=True)))


def _record(happening: Happening, actor: User, operation: Operation, **detail: str) -> None:
    record_event(happening, actor=actor, target=operation, customer=operation.subscription.customer, **detail)


@transaction.atomic
def reopen_gate(*, actor: User) -> Gate.Closed:
    """Open the gate to the CA, and give what it still keeps back; one LISTSERVERS goes first, alone.

    After a restore a gate closed for all opens for reading only, so that the CA can be compared with the database.
    Raises ServiceError where that comparison has not been made yet.
    """
    gate, _ = Gate.objects.select_for_update().get_or_create(pk=Gate.SINGLETON)
    AcmeServer.objects.update(charges_closed_at=None, charges_closed_reason="")
    HeldKind.objects.update(held_until=None, lost_in_a_row=0)
    still_held = _held_after_reopening(gate)
    is_held = still_held != Gate.Closed.NOTHING
    gate.closed_for, gate.reason = still_held, RESTORED if is_held else ""
    gate.closed_at = clock.now() if is_held else None
    gate.needs_comparison, gate.needs_probe = is_held, True
    gate.save(update_fields=["closed_for", "reason", "closed_at", "needs_comparison", "needs_probe"])
    Operation.objects.filter(state=Operation.State.QUEUED).update(dispatched_at=None, not_before=clock.now())
    record_event(Happening.GATE_REOPENED, actor=actor, closed_for=still_held)
    transaction.on_commit(tasks.probe_ca.delay, robust=True)
    return still_held


def _held_after_reopening(gate: Gate) -> Gate.Closed:
    if not gate.needs_comparison:
        return Gate.Closed.NOTHING
    if gate.closed_for == Gate.Closed.ALL:
        return Gate.Closed.CHANGES
    if gate.compared_at is None:
        raise ServiceError("The CA has not been compared with this database yet. Nothing was reopened.")
    return Gate.Closed.NOTHING


def note_restore() -> None:
    """An admin says that the database was restored from a backup: every change at the CA is held until it is looked at.

    It closes the gate for changes and asks for a comparison with the CA.
    """
    hold_after_restore()
