"""Moving names from one pre-validation to another: the request half. One operation for each subscription."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.kinds import MOVING, new_operation
from subscriptions.ledger import moves
from subscriptions.models import Domain, Operation, Prevalidation, Subscription
from subscriptions.selectors.anchor_moves import movable, seen_of, why_reason_wanted
from subscriptions.selectors.prevalidations import blocked_by_prevalidation


def confirm_move(
    *, actor: User, old: Prevalidation, new: Prevalidation, seen: str, reason: str = ""
) -> list[Operation]:
    """Have the names of all subscriptions that are under `old` moved to `new`, and give the operations.

    `seen` is what the page showed (`MovePlan.seen`). Those to which names are being added under `old`, or that are
    being moved already, are left out. A subscription for `old` without names is for `new` from now on. Raises
    ServiceError where that cannot be, or something changed meanwhile.
    """
    _check(old, new, reason)
    try:
        with transaction.atomic():
            # Two confirmations at one moment come one after the other: the second finds nothing left to move.
            Prevalidation.objects.select_for_update().get(pk=old.pk)
            return _write(actor, old, new, seen, reason)
    except IntegrityError as error:
        raise ServiceError("These names are being moved already. Nothing was changed.") from error


def _write(actor: User, old: Prevalidation, new: Prevalidation, seen: str, reason: str) -> list[Operation]:
    subscriptions: list[Any] = list(movable(old, timezone.now()).order_by("pk"))
    if seen != seen_of([(one.pk, one.names_under) for one in subscriptions]):
        raise ServiceError("What is under it has changed since this page was opened. Nothing was moved: look again.")
    if not subscriptions:
        raise ServiceError("There is no name to move now. Nothing was changed.")
    operations = [_operation(one, actor, old, new) for one in subscriptions]
    moves.queue(operations, by=moves.Author(user=actor), reason=f"Confirmed. {reason}".strip())
    _point_without_names(old, new)
    record_event(
        Happening.PREVALIDATION_MOVE_CONFIRMED,
        actor=actor,
        target=old,
        customer=old.customer,
        to=new.ov_anchor_order_number,
        reason=reason,
        changes={"pre-validation": [str(old), str(new)]},
        subscriptions=[str(one.code) for one in subscriptions],
    )
    bindings = [one.binding.pk for one in subscriptions]
    transaction.on_commit(lambda: _send_due(bindings), robust=True)
    return operations


def _point_without_names(old: Prevalidation, new: Prevalidation) -> None:
    """Have the subscriptions that are for `old`, with nothing under it, be for `new`: the CA knows nothing of it."""
    number = old.ov_anchor_order_number
    having = Domain.objects.present().filter(ov_anchor_order_number=number).values("subscription")
    coming = Operation.objects.filter(state__in=Operation.UNSETTLED, ov_anchor_order_number=number)
    without = Subscription.objects.filter(prevalidation=old).exclude(pk__in=having)
    without.exclude(pk__in=coming.values("subscription")).update(prevalidation=new)


def _send_due(bindings: list[int]) -> None:
    for binding_id in bindings:
        tasks.send_due_operations(binding_id)


def _operation(subscription: Subscription, actor: User, old: Prevalidation, new: Prevalidation) -> Operation:
    return new_operation(
        MOVING,
        subscription=subscription,
        binding=subscription.binding,
        created_by=actor,
        old_ov_anchor_order_number=old.ov_anchor_order_number,
        ov_anchor_order_number=new.ov_anchor_order_number,
    )


def _check(old: Prevalidation, new: Prevalidation, reason: str) -> None:
    if new == old:
        raise ServiceError("Choose another pre-validation than the one the names are under.")
    if new.customer_id != old.customer_id:
        raise ServiceError("This pre-validation belongs to another customer.")
    if new.type != old.type:
        raise ServiceError(f"This pre-validation is for {new.type}, the names are of {old.type}.")
    if why := blocked_by_prevalidation(new):
        raise ServiceError(f"{new}: {why}")
    if not reason.strip() and (why := why_reason_wanted(old, new)):
        raise ServiceError(why)
