"""Decisions of people about the ledger and the gate: the request half."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.ledger import moves
from subscriptions.models import Gate, Operation, Order, Subscription
from subscriptions.selectors.operations import AskedPrice, last_event_of


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
    now = timezone.now()
    if not moves.cancel(operation, by=moves.Author(user=actor), reason=reason or "Canceled.", now=now):
        raise _stale(operation)
    _after_end(operation)
    record_event(
        Happening.OPERATION_CANCELED,
        actor=actor,
        target=operation,
        customer=operation.subscription.customer,
        reason=reason,
    )


def _after_end(operation: Operation) -> None:
    if operation.kind == Operation.Kind.PREREGISTER:
        Subscription.objects.filter(pk=operation.subscription_id, creation=Subscription.Creation.CREATING).update(
            creation=Subscription.Creation.FAILED
        )
    transaction.on_commit(tasks.send_due_operations, robust=True)


@transaction.atomic
def settle_as_done(
    *,
    actor: User,
    operation: Operation,
    seen_event: int | None,
    reason: str,
    charged: Decimal | None,
    ca_order_number: int | None,
) -> None:
    """A reseller admin says that an operation in attention happened, with what the CA charged.

    A charge above the confirmed price stops the rest of the order, as it does when the CA's answer names it.
    Raises ServiceError for a PREREGISTER (its keys must come from the CA), for an order number that another
    operation holds, and where someone else decided first.
    """
    if operation.kind == Operation.Kind.PREREGISTER:
        raise ServiceError("An ACME account needs its keys from the CA: send it again, or cancel it.")
    _check_seen(operation, seen_event)
    held = Operation.objects.filter(ca_order_number=ca_order_number).exclude(ca_order_number=None)
    if held.exclude(pk=operation.pk).exists():
        raise ServiceError("Another operation holds this order number of the CA already.")
    currency = operation.currency if charged is not None else ""
    outcome = moves.Outcome(charged, currency, ca_order_number, is_charge_confirmed=False)
    by, now = moves.Author(user=actor), timezone.now()
    if not moves.decide_done(operation, outcome, by=by, reason=reason, now=now):
        raise _stale(operation)
    moves.stop_order_if_overcharged(operation, by=by, now=now)
    _record_decision(actor, operation, "done", reason)
    transaction.on_commit(lambda: tasks.sync_subscription.delay(operation.subscription_id), robust=True)


@transaction.atomic
def settle_as_send(*, actor: User, operation: Operation, seen_event: int | None, reason: str) -> None:
    """A reseller admin says that an operation in attention did not happen and is to be sent.

    The confirmed price stays: a higher one brings it back to attention.
    """
    _check_seen(operation, seen_event)
    if not moves.decide_send(operation, by=moves.Author(user=actor), reason=reason, now=timezone.now()):
        raise _stale(operation)
    _record_decision(actor, operation, "send", reason)
    transaction.on_commit(tasks.send_due_operations, robust=True)


@transaction.atomic
def settle_at_asked_price(
    *, actor: User, operation: Operation, seen_event: int | None, reason: str, asked: AskedPrice
) -> None:
    """A reseller admin confirms what the CA asks now, in place of the price confirmed before, and has it sent.

    The price holds as long as any quote does: one that is older than that is asked for again before the charge.
    """
    _check_seen(operation, seen_event)
    price = {
        "price": asked.amount,
        "currency": asked.currency,
        "names": list(asked.names),
        "quoted_at": asked.asked_at,
    }
    by = moves.Author(user=actor)
    if not moves.decide_send(operation, by=by, reason=reason, now=timezone.now(), **price):
        raise _stale(operation)
    _record_decision(actor, operation, f"send at {asked.currency} {asked.amount}", reason)
    transaction.on_commit(tasks.send_due_operations, robust=True)


@transaction.atomic
def settle_as_canceled(*, actor: User, operation: Operation, seen_event: int | None, reason: str) -> None:
    """A reseller admin says that an operation in attention did not happen and is not to."""
    _check_seen(operation, seen_event)
    if not moves.decide_cancel(operation, by=moves.Author(user=actor), reason=reason, now=timezone.now()):
        raise _stale(operation)
    _after_end(operation)
    _record_decision(actor, operation, "cancel", reason)


def _record_decision(actor: User, operation: Operation, decision: str, reason: str) -> None:
    record_event(
        Happening.OPERATION_SETTLED,
        actor=actor,
        target=operation,
        customer=operation.subscription.customer,
        decision=decision,
        reason=reason,
    )


RESTORED = "The database was restored from a backup: look at the comparison with the CA first."


@transaction.atomic
def hold_after_restore() -> None:
    """Hold every call that changes something at the CA until a comparison with it has been looked at."""
    held = {
        "closed_for": Gate.Closed.CHANGES,
        "reason": RESTORED,
        "closed_at": timezone.now(),
        "needs_probe": True,
        "needs_comparison": True,
        "comparison": None,
        "compared_at": None,
        "comparing_until": None,
    }
    Gate.objects.update_or_create(pk=Gate.SINGLETON, defaults=held)
    _forget_baselines()
    record_event(Happening.GATE_CLOSED, actor=None, closed_for=Gate.Closed.CHANGES, reason=RESTORED)


def _forget_baselines() -> None:
    """Have the CA read again before what the backup has as not yet sent: it may have been done after the backup."""
    states = (Operation.State.QUEUED, Operation.State.SENDING, Operation.State.ATTENTION)
    unsent = Operation.objects.filter(state__in=states, sent_at=None)
    Order.objects.filter(pk__in=unsent.values("order")).update(baseline=None)
    unsent.update(baseline=None)
    # A key ID that is new since the baseline may be another subscription's, made after the backup.
    lost = Operation.objects.filter(state__in=(Operation.State.SENDING, Operation.State.UNKNOWN))
    lost.filter(kind=Operation.Kind.PREREGISTER).update(baseline=None)


@transaction.atomic
def reopen_gate(*, actor: User) -> Gate.Closed:
    """Open the gate to the CA, and give what it still keeps back; one LISTSERVERS goes first, alone.

    After a restore a gate closed for all opens for reading only, so that the CA can be compared with the database.
    Raises ServiceError where that comparison has not been made yet.
    """
    gate, _ = Gate.objects.select_for_update().get_or_create(pk=Gate.SINGLETON)
    still_held = _held_after_reopening(gate)
    is_held = still_held != Gate.Closed.NOTHING
    gate.closed_for, gate.reason = still_held, RESTORED if is_held else ""
    gate.closed_at = timezone.now() if is_held else None
    gate.needs_comparison, gate.needs_probe = is_held, True
    gate.save(update_fields=["closed_for", "reason", "closed_at", "needs_comparison", "needs_probe"])
    Operation.objects.filter(state=Operation.State.QUEUED).update(dispatched_at=None, not_before=timezone.now())
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
