"""The second half of a replacement: once the new name is there, the removal of the old one is queued.

It is found by what the rows say, not by what just happened: whatever was killed in between, the sweep comes by.
"""

import logging

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from accounts.audit import record_event
from subscriptions.happenings import Happening
from subscriptions.kinds import new_removal
from subscriptions.ledger import moves
from subscriptions.ledger.kept import Given, Rows, kept
from subscriptions.models import Domain, Operation, Replacement
from subscriptions.rules.written_names import written

logger = logging.getLogger(__name__)

AT_ONCE = 100


class _TakenError(Exception):
    """Somebody has called it off, or another worker has queued the removal."""


def queue_due(addition: Operation | None = None, *, worker: str) -> set[int]:
    """Queue the removals that are due, those after one addition or all, and give the bindings they are for.

    An old name about which something else is under way waits for that.
    """
    if addition is not None and not _by_addition()(addition=addition.pk):  # as with nearly all
        return set()
    there = Domain.objects.present().filter(
        subscription=OuterRef("old__subscription"), name=OuterRef("addition__domain_name"), not_listed_since=None
    )
    due = Replacement.objects.due().filter(Exists(there))  # so that those that wait do not stand before others
    if addition is not None:
        due = due.filter(addition=addition)
    rows = due.select_related("old__subscription__binding", "old__subscription__customer", "addition", "created_by")
    oldest_first = rows.order_by("pk")[:AT_ONCE]
    return {replacement.addition.binding_id or 0 for replacement in oldest_first if _queue(replacement, worker)}


@kept
def _by_addition() -> Rows:
    return Rows(Replacement.objects.filter(addition=Given.of(Replacement, "addition")).order_by().values_list("pk"))


def _queue(replacement: Replacement, worker: str) -> bool:
    if not _new_name_is_there(replacement):
        return False
    old, person = replacement.old, replacement.created_by
    operation = new_removal(old, created_by=person)
    reason = (
        f"{written(replacement.new_name)} is there now: it takes the place of this, as {person or 'somebody'} ordered."
    )
    try:
        with transaction.atomic():
            moves.queue([operation], by=moves.Author(worker=worker), reason=reason)
            still_due = Replacement.objects.filter(pk=replacement.pk, removal=None, called_off_at=None)
            if still_due.update(removal=operation) != 1 or not Domain.objects.present().filter(pk=old.pk).exists():
                raise _TakenError
            record_event(
                Happening.REPLACEMENT_REMOVES,
                actor=None,
                target=operation,
                customer=old.subscription.customer,
                name=old.name,
                new_name=replacement.new_name,
            )
    except (IntegrityError, _TakenError):
        logger.info("Replacement %s waits: something else is under way about its old name.", replacement.code)
        return False
    return True


def _new_name_is_there(replacement: Replacement) -> bool:
    """Whether the CA still lists what was added: where it vanished, nothing takes the old name's place."""
    there = Domain.objects.present().filter(subscription=replacement.old.subscription_id, name=replacement.new_name)
    return there.filter(not_listed_since=None).exists()
