"""Names of a subscription: taking one out. The request half."""

from django.db import IntegrityError, transaction

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.kinds import REMOVING, new_operation
from subscriptions.ledger import moves
from subscriptions.models import Domain, Operation
from subscriptions.rules.names import registrable_domain


def remove_name(*, actor: User, domain: Domain) -> Operation:
    """Write the operation that takes a name out at the CA, and give it; its free companion goes with it there.

    Raises ServiceError where the name is gone already or something is under way about it.
    """
    if domain.removed_at is not None:
        raise ServiceError("This name was removed already. Nothing was changed.")
    subscription = domain.subscription
    operation = new_operation(
        REMOVING,
        subscription=subscription,
        binding=subscription.binding,
        created_by=actor,
        domain_name=domain.name,
        registrable_domain=registrable_domain(domain.name),
        names=[domain.name],
    )
    try:
        with transaction.atomic():
            moves.queue([operation], by=moves.Author(user=actor), reason="Confirmed.")
            record_event(
                Happening.REMOVAL_CONFIRMED,
                actor=actor,
                target=operation,
                customer=subscription.customer,
                name=domain.name,
            )
            transaction.on_commit(lambda: tasks.send_due_operations(operation.binding_id), robust=True)
    except IntegrityError as error:
        raise ServiceError("Something is under way about this name already. Nothing was changed.") from error
    return operation
