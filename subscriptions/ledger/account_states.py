"""Whether a subscription's ACME account, the key included, can be used: what was done here, and what the CA lists.

The CA has no list that tells whether a key is suspended: LISTACCOUNTS shows its accounts only ("List ACME accounts",
"Suspend an ACME account" in the CaaS guide). So what was done to the key stands until a list, asked for LISTED_LATE
after that, shows one of its accounts otherwise. One that was stopped here by itself says nothing of its key.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from subscriptions.ledger import moves
from subscriptions.ledger.clock import Instant
from subscriptions.ledger.objections import Objection
from subscriptions.models import AcmeAccount, EabBinding, Operation, Subscription
from subscriptions.rules.terms import LISTED_LATE, READINGS_APART

State = Subscription.AccountState
# What an account that was changed here is called until a list tells the CA's own word.
STATUS_AS_LEFT = {State.SUSPENDED: "suspended", State.DEACTIVATED: AcmeAccount.ENDED}
SUSPENDED = frozenset({"suspended", "revoked"})  # which of them the CA says is not public; others say too little

STOPPED = {
    State.SUSPENDED: "The ACME account is suspended with its key: nothing was sent. Reinstate it, then send this.",
    State.DEACTIVATED: "The ACME account is deactivated for good: nothing was sent, and nothing can be. Cancel this.",
}


def guard_account(operation: Operation) -> None:
    """Raise Objection where a charge would be for names that no client can use: its ACME account is stopped."""
    if reason := STOPPED.get(State(operation.subscription.account_state)):
        raise Objection(reason)


def keep_key_state(binding: EabBinding, state: State, *, at: Instant, by: moves.Author) -> None:
    """Write what was done to a key with all its accounts; charges that wait for it then wait for a person."""
    _lock(binding)
    Subscription.objects.filter(pk=binding.subscription_id).update(account_state=state, account_state_at=at)
    accounts = AcmeAccount.objects.filter(binding=binding)
    accounts.update(stopped_alone_at=None, changed_at=at)
    _keep_as_left(accounts, state)
    if reason := STOPPED.get(state):
        waiting = Operation.objects.filter(binding=binding, state=Operation.State.QUEUED, price__isnull=False)
        for charge in waiting.order_by("turn", "pk"):
            moves.hold(charge, by=by, reason=reason)


def keep_client_state(binding: EabBinding, acme_account_id: str, state: State, *, at: Instant) -> None:
    """Write that one account was stopped by itself, or let go on."""
    _lock(binding)
    account = AcmeAccount.objects.filter(binding=binding, acme_account_id=acme_account_id)
    account.update(stopped_alone_at=None if state == State.OPEN else at, changed_at=at)
    _keep_as_left(account, state)


def _keep_as_left(accounts: QuerySet[AcmeAccount], state: State) -> None:
    """Write how accounts are from now on; what was refused or asked before says nothing of them any more."""
    for account in accounts:
        as_before = "valid" if account.registered_at else "pending"  # as the CA gives back what was suspended
        left = AcmeAccount(status=STATUS_AS_LEFT.get(state, as_before))
        if not account.is_ended and not account.is_like(left):
            accounts.filter(pk=account.pk).update(status=left.status, refused_at=None, contacts_asked_at=None)


def keep_listed_state(
    binding: EabBinding, listed: Collection[AcmeAccount], *, began_at: datetime, changed: "LastChange"
) -> None:
    """Take over what a complete list of a key's accounts, asked for at `began_at`, says of the key.

    Deactivated is for good: a list that shows otherwise is for a person to look at. So soon after a change that was
    made here a list may be from before it.
    """
    telling = [row for row in listed if row.stopped_alone_at is None]
    if any(row.is_usable for row in telling):
        shown = State.OPEN
    elif any(row.status.lower() in SUSPENDED for row in telling):
        shown = State.SUSPENDED
    else:
        return  # clients end their own accounts: that says nothing of the key
    if changed.may_lag(began_at):
        return
    known_before = Q(account_state_at=None) | Q(account_state_at__lte=began_at)
    rows = Subscription.objects.filter(known_before, pk=binding.subscription_id)
    rows.exclude(account_state__in=[shown, State.DEACTIVATED]).update(account_state=shown, account_state_at=began_at)


@dataclass(frozen=True, slots=True)
class LastChange:
    """When an account of a key was last changed here, and for how long a list that shows otherwise may be older.

    Where a call for the opposite was lost, such a list may as well show what that has done since: it is to be said.
    """

    at: datetime | None = None
    listed_late: timedelta = LISTED_LATE

    def may_lag(self, began_at: datetime) -> bool:
        """Whether a list of the CA's, asked for at `began_at`, may not show yet what was changed."""
        return self.at is not None and self.at > began_at - self.listed_late


def last_change(binding: EabBinding) -> LastChange:
    """Give the last change of a binding's accounts that was made here."""
    changes = Operation.objects.filter(binding=binding, lane=Operation.Lane.ACCOUNT)
    last = changes.filter(state=Operation.State.SUCCEEDED, finished_at__isnull=False).order_by("-finished_at").first()
    if last is None or last.finished_at is None:
        return LastChange()
    opposite = changes.exclude(kind=last.kind).filter(lost_answers__gt=0)
    was_lost = opposite.filter(claimed_at__gt=last.finished_at - LISTED_LATE).exists()
    return LastChange(last.finished_at, READINGS_APART if was_lost else LISTED_LATE)


def _lock(binding: EabBinding) -> None:
    # Written first, as by claims and by readings: of two that write states one waits for the other.
    EabBinding.objects.filter(pk=binding.pk).update(claims=F("claims"))
