"""Replacing misspelt names: written with the order of the new name, called off by a person. The request half."""

from collections.abc import Sequence

from django.db import transaction

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions.happenings import Happening
from subscriptions.ledger import clock, moves
from subscriptions.models import Domain, Operation, Replacement
from subscriptions.rules.written_names import written
from subscriptions.selectors.companions import may_be_companion
from subscriptions.selectors.replacements import replacements_by_name, why_not_replaceable


def check_can_replace(domain: Domain) -> None:
    """Raise ServiceError where a name cannot be replaced now."""
    if reason := why_not_replaceable(domain, clock.now()):
        raise ServiceError(f"{written(domain.name)} cannot be replaced. {reason}")


def plan_replacements(operations: Sequence[Operation], *, actor: User) -> None:
    """Write, in the order's transaction, which old name goes once which new one is there.

    Raises ServiceError where the old one cannot be replaced any more, IntegrityError where another order was faster.
    """
    for operation in operations:
        old = operation.quote_line.replaces if operation.quote_line else None
        if old is None:
            continue
        check_can_replace(old)
        _check_stays_without(old, operation)
        if earlier := replacements_by_name([old]).get(old.pk):
            _give_up(earlier, actor)  # its new name was not added
        replacement = Replacement.objects.create(old=old, addition=operation, created_by=actor, created_at=clock.now())
        _record(Happening.REPLACEMENT_ORDERED, replacement, actor)


def _check_stays_without(old: Domain, operation: Operation) -> None:
    """Raise ServiceError where the new name may be the old one's free companion: the CA takes those out together."""
    if operation.price == 0 and may_be_companion(operation.domain_name, of=old):
        new, gone = written(operation.domain_name), written(old.name)
        raise ServiceError(
            f"The CA adds {new} at no cost, so it may be the companion of {gone} and go with it. Nothing was ordered. "
            f"Remove {gone} first, then add {new} by itself."
        )


@transaction.atomic
def call_off(*, actor: User, replacement: Replacement) -> None:
    """Keep the old name: a removal that is queued is canceled, and none is queued any more.

    What became of the new name stays as it is. Raises ServiceError where the old name is at the CA to be removed.
    """
    if replacement.old.removed_at is not None:
        raise ServiceError("The old name was removed already.")
    removal = replacement.removal
    if removal is not None and removal.state == Operation.State.QUEUED:
        by, now = moves.Author(user=actor), clock.now()
        if not moves.cancel(removal, by=by, reason="The replacement was called off.", now=now):
            raise ServiceError("The old name is being removed at the CA by now. Nothing was changed.")
    elif removal is not None and removal.state == Operation.State.ATTENTION:
        raise ServiceError("Removing the old name waits for a decision: cancel it there. Nothing was changed.")
    elif removal is not None and removal.state in Operation.UNSETTLED:
        raise ServiceError("The old name is being removed at the CA by now. Nothing was changed.")
    if not _give_up(replacement, actor):
        raise ServiceError("Something happened to it since this page was opened. Nothing was changed: look again.")
    _record(Happening.REPLACEMENT_CALLED_OFF, replacement, actor)


def _give_up(replacement: Replacement, actor: User) -> bool:
    """Have a replacement remove nothing any more, where its removal is still the one that is known here."""
    same = Replacement.objects.filter(pk=replacement.pk, called_off_at=None, removal=replacement.removal_id)
    return same.update(called_off_at=clock.now(), called_off_by=actor) == 1


def _record(happening: Happening, replacement: Replacement, actor: User) -> None:
    subscription = replacement.old.subscription
    record_event(
        happening,
        actor=actor,
        target=subscription,
        customer=subscription.customer,
        name=replacement.old.name,
        new_name=replacement.new_name,
    )
