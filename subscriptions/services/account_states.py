"""Suspending, reinstating and deactivating ACME accounts: a person confirms it. The request half."""

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from accounts.roles import Permission
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.kinds import DEACTIVATING, REINSTATING, SUSPENDING, AccountKind, AccountScope, new_operation
from subscriptions.ledger import clock, moves
from subscriptions.models import AcmeAccount, EabBinding, Operation, Subscription
from subscriptions.selectors.account_states import (
    NO_REASON,
    may_deactivate,
    may_reinstate,
    may_suspend,
    unsettled_change_of,
)

State = Operation.State
REPLACED = "A person confirmed another change of the same ACME account."


def suspend(
    *, actor: User, subscription: Subscription, account: AcmeAccount | None = None, reason: str = ""
) -> Operation:
    """Have one client, or with None the whole ACME account with its key, get no certificates until it is reinstated.

    Raises ServiceError where it is over for good, and what `_confirm` raises.
    """
    if not may_suspend(subscription, account):
        raise ServiceError("There is nothing to suspend: it is deactivated, or not there yet. Nothing was changed.")
    return _confirm(SUSPENDING, Happening.SUSPENSION_CONFIRMED, actor, subscription, account, reason)


def reinstate(
    *, actor: User, subscription: Subscription, account: AcmeAccount | None = None, reason: str = ""
) -> Operation:
    """Have one client, or the whole ACME account with its key, get certificates again.

    Raises ServiceError where it is not suspended, and what `_confirm` raises.
    """
    if not may_reinstate(subscription, account):
        raise ServiceError("There is nothing to reinstate: it is not suspended. Nothing was changed.")
    return _confirm(REINSTATING, Happening.REINSTATEMENT_CONFIRMED, actor, subscription, account, reason)


def deactivate(
    *, actor: User, subscription: Subscription, account: AcmeAccount | None = None, reason: str = ""
) -> Operation:
    """End one client, or the whole ACME account with its key, for good.

    Raises ServiceError where it is over already, and what `_confirm` raises.
    """
    if not may_deactivate(subscription, account):
        raise ServiceError("It is deactivated already, or not there yet. Nothing was changed.")
    return _confirm(DEACTIVATING, Happening.DEACTIVATION_CONFIRMED, actor, subscription, account, reason)


def _confirm(
    kind: AccountKind,
    happening: Happening,
    actor: User,
    subscription: Subscription,
    account: AcmeAccount | None,
    reason: str,
) -> Operation:
    """Write the operation, in place of what waits about the same, and give it; it goes before all that is queued.

    The same confirmed twice gives the operation that is under way. Raises ServiceError where another change of the
    account is at the CA at this moment, or is about another client.
    """
    binding, scope = subscription.binding, AccountScope(account.acme_account_id if account else "")
    try:
        with transaction.atomic():
            # Written first, as by claims: whatever is queued here stays so until this is done.
            EabBinding.objects.filter(pk=binding.pk).update(claims=F("claims") + 1)
            earlier = unsettled_change_of(subscription)
            if earlier is not None:
                if _is_the_same(earlier, kind, scope):
                    return earlier
                _replace(earlier, scope, actor)
            operation = new_operation(
                kind, subscription=subscription, binding=binding, created_by=actor, arguments=scope.arguments
            )
            moves.queue([operation], by=moves.Author(user=actor), reason=reason or NO_REASON)
            record_event(
                happening,
                actor=actor,
                target=subscription,
                customer=subscription.customer,
                scope=kind.title(operation),
                client=_client_of(account),
                acme_account_id=scope.acme_account_id,
                reason=reason,
            )
            transaction.on_commit(lambda: tasks.send_due_operations(binding.pk), robust=True)
    except IntegrityError as error:
        raise _under_way() from error
    return operation


def _is_the_same(earlier: Operation, kind: AccountKind, scope: AccountScope) -> bool:
    """Whether it is what is asked for, and goes on by itself: not one that is only done again later."""
    is_due = earlier.state in Operation.WORKING and earlier.not_before <= clock.now()
    return is_due and earlier.kind == kind.name and AccountScope.of(earlier) == scope


def _replace(earlier: Operation, scope: AccountScope, actor: User) -> None:
    """Take back what waits about the same account, however its earlier calls ended: the new change is the last one."""
    if not scope.whole_key and AccountScope.of(earlier) != scope:
        raise _under_way()
    if earlier.kind == DEACTIVATING.name and not actor.may(Permission.SETTLE):
        raise ServiceError(
            "A reseller admin has had this ACME account deactivated for good, which waits: only a reseller admin takes "
            "that back. Nothing was changed."
        )
    by, now = moves.Author(user=actor), clock.now()
    if earlier.state == State.UNKNOWN:
        moves.settle_as_unclear(earlier, by=by, reason=REPLACED, detail={})
    if earlier.state == State.ATTENTION:
        is_gone = moves.decide_cancel(earlier, by=by, reason=REPLACED, now=now)
    else:
        is_gone = moves.cancel(earlier, by=by, reason=REPLACED, now=now)
    if not is_gone:
        raise _under_way()
    record_event(
        Happening.OPERATION_CANCELED,
        actor=actor,
        target=earlier,
        customer=earlier.subscription.customer,
        reason=REPLACED,
    )


def _under_way() -> ServiceError:
    return ServiceError(
        "Another change of this ACME account is at the CA at this moment, or is queued for another of its clients. "
        "Nothing was changed by this. Wait until that is done, and confirm again."
    )


def _client_of(account: AcmeAccount | None) -> str:
    return (account.user_agent or account.acme_account_id) if account else ""
