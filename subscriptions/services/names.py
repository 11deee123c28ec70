"""Names of a subscription: taking them out. The request half."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.kinds import new_removal
from subscriptions.ledger import clock, moves
from subscriptions.models import CustomerRequest, Domain, Operation
from subscriptions.selectors.removals import why_not_removable
from subscriptions.services.requests import note_ordered


def remove_names(
    *, actor: User, domains: Sequence[Domain], asked_for: CustomerRequest | None = None
) -> list[Operation]:
    """Write the operations that take names of one subscription out at the CA, and give them: all of them or none.

    A free companion goes with its name at the CA: it needs no operation of its own where both are named. Raises
    ServiceError where one is gone already or something is under way about it, where the CA removes none any more, and
    where the customer's request that they are `asked_for` by is not open any more.
    """
    if not domains:
        raise ServiceError("No name was chosen. Nothing was changed.")
    subscription = domains[0].subscription
    if any(domain.subscription_id != subscription.pk for domain in domains):
        raise ServiceError("The names are not all of one subscription. Nothing was changed.")
    if reason := why_not_removable(subscription, clock.now()):
        raise ServiceError(reason)
    try:
        with transaction.atomic():
            operations = _write(actor, _still_there(domains))
            if asked_for is not None:
                note_ordered(asked_for, operations, actor=actor)
            return operations
    except IntegrityError as error:
        which = "this name" if len(domains) == 1 else "one of these names"
        raise ServiceError(f"Something is under way about {which} already. Nothing was changed.") from error


def _still_there(domains: Sequence[Domain]) -> list[Domain]:
    keys = [domain.pk for domain in domains]
    there = list(Domain.objects.present().filter(pk__in=keys).select_related("subscription__binding"))
    if len(there) != len(keys):
        which = "This name" if len(keys) == 1 else "One of these names"
        raise ServiceError(f"{which} was removed already. Nothing was changed.")
    return [domain for domain in there if domain.companion_of_id not in keys]


def _write(actor: User, domains: Sequence[Domain]) -> list[Operation]:
    operations = [new_removal(domain, created_by=actor, turn=turn) for turn, domain in enumerate(domains)]
    moves.queue(operations, by=moves.Author(user=actor), reason="Confirmed.")
    for operation in operations:
        record_event(
            Happening.REMOVAL_CONFIRMED,
            actor=actor,
            target=operation,
            customer=operation.subscription.customer,
            name=operation.domain_name,
        )
    binding_id = operations[0].binding_id
    transaction.on_commit(lambda: tasks.send_due_operations(binding_id), robust=True)
    return operations
