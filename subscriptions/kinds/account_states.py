"""What suspending, reinstating and deactivating share (the guide's pages of those names). None of them costs anything.

Each is about one ACME account, which its call names, or about a key with all its accounts, whichever of them is named.
Done twice it does no harm, so a lost answer is called again without a look: no list of the CA's shows whether a key is
suspended. Where the second call is refused, LISTACCOUNTS tells of the accounts what the first one did.
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, Self

from django.conf import settings

from subscriptions.caas.client import CaasClient
from subscriptions.caas.last_look import LastLook
from subscriptions.caas.types import AccountInfo, RecordsUpdated
from subscriptions.kinds.base import Facts, Kind, Reading, Sent, Settlement, new_operation
from subscriptions.kinds.names import binding_of
from subscriptions.ledger import account_states, accounts, clock, moves
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.clock import Instant
from subscriptions.ledger.reading import BindingReading, CaList
from subscriptions.models import AcmeAccount, Operation, Subscription
from subscriptions.rules.proof import Timing, Verdict


class Call(Protocol):
    """The method of the client that makes the change."""

    def __call__(self, *, acme_account_id: str, whole_key: bool, last_look: LastLook) -> RecordsUpdated:
        """Call the CA once."""


@dataclass(frozen=True, slots=True)
class AccountScope:
    """What a change is about: the one account of this ID, or with none the key with all its accounts."""

    acme_account_id: str = ""

    @classmethod
    def of(cls, operation: Operation) -> Self:
        """Give what an operation is about."""
        return cls(**operation.arguments)

    @property
    def whole_key(self) -> bool:
        """Whether it is about the key with all its accounts."""
        return not self.acme_account_id

    def of_these(self, listed: Iterable[AccountInfo]) -> list[AccountInfo]:
        """Give those of the listed accounts that it is about."""
        return [one for one in listed if self.whole_key or one.acme_account_id == self.acme_account_id]

    @property
    def arguments(self) -> dict[str, str]:
        """The same as it is kept with an operation."""
        return asdict(self)


class AccountKind(Kind):
    """See the module. `leaves` is how an account, and a key, is afterwards."""

    lane = Operation.Lane.ACCOUNT
    repeatable = True
    repeats_may_be_refused = True
    can_be_declared_done = False  # sending it again tells, and harms nothing
    needs_baseline = False  # it goes at once: nothing that a list shows before it could stop it
    lists = frozenset({CaList.ACCOUNTS})
    leaves: ClassVar[Subscription.AccountState]

    @abstractmethod
    def method(self, client: CaasClient) -> Call:
        """Give the client's method that makes the change."""

    @abstractmethod
    def is_reached(self, account: AcmeAccount) -> bool:
        """Whether an account is as this leaves it, by the CA's word for its state."""

    def exclusive(self, operation: Operation) -> str:
        """Give its binding: two changes of one key, of whichever kind, do not cross each other."""
        return f"account:{operation.binding_id}"

    def names_any_account(self, operation: Operation) -> bool:
        """Whether any account of the key may be named: not where one is meant."""
        return AccountScope.of(operation).whole_key

    def prepare(self, claim: Claim) -> None:
        """Guard nothing: it is what a person has confirmed, and harms nothing where it is so already."""

    def call(self, claim: Claim) -> Sent:
        """Call the CA once, for exactly what was confirmed: the wide scope is its default."""
        scope, binding = AccountScope.of(claim.operation), binding_of(claim.operation)
        updated = self.method(claim.client)(
            acme_account_id=scope.acme_account_id or binding.acme_account_id,
            whole_key=scope.whole_key,
            last_look=claim.last_look,
        )
        return Sent(moves.FREE, updated.evidence)

    def keep(self, operation: Operation, effect: None, *, now: Instant) -> None:
        """Write how the key, or the account, is from now on, and do it again where a lost call may undo it."""
        scope, binding = AccountScope.of(operation), binding_of(operation)
        if scope.whole_key:
            by = moves.Author(worker=operation.worker)
            account_states.keep_key_state(binding, self.leaves, at=now, by=by)
        else:
            account_states.keep_client_state(binding, scope.acme_account_id, self.leaves, at=now)
        if self.leaves != Subscription.AccountState.DEACTIVATED:  # which nothing can undo
            _do_again_after_lost_calls(self, operation)

    def after_success(self, claim: Claim) -> None:
        """Read how the accounts are now, in the CA's own words."""
        binding, began_at = binding_of(claim.operation), clock.now()
        listed = claim.client.list_accounts(eab_key_id=binding.eab_key_id)
        accounts.keep_accounts(binding, listed, began_at=began_at)

    def look(self, operation: Operation, reading: BindingReading) -> Reading:
        """Give the states of the accounts that it is about."""
        if reading.accounts is None:
            return Reading(seen=None, unread=reading.unread)
        about = AccountScope.of(operation).of_these(reading.accounts)
        states = {one.acme_account_id: one.status for one in about}
        return Reading(seen=sorted(states.items()), kept={"accounts": states}, found=states)

    def judge(self, operation: Operation, reading: Reading, timing: Timing) -> Settlement:
        """It is done where each account is as it leaves them; a list that shows otherwise is enough to say that."""
        states: Mapping[str, str] | None = reading.found
        if states is None:
            return Settlement(Verdict.WAIT, "The CA’s list of ACME accounts could not be read.")
        if states and all(self.is_reached(AcmeAccount(status=status)) for status in states.values()):
            is_for_good = self.leaves == Subscription.AccountState.DEACTIVATED
            if not is_for_good and account_states.last_change(binding_of(operation)).may_lag(clock.now()):
                return Settlement(Verdict.WAIT, "So soon after another change the list may be from before that.")
            return Settlement(Verdict.HAPPENED, "The CA lists the state that this leaves.", moves.FREE)
        return Settlement(Verdict.DID_NOT_HAPPEN, "The CA lists another state than this leaves.")

    def left_as(self, operation: Operation, listed: Iterable[AccountInfo]) -> Mapping[str, bool]:
        """Give whether each account that it is about is as this leaves them."""
        about = AccountScope.of(operation).of_these(listed)
        return {one.acme_account_id: self.is_reached(AcmeAccount(status=one.status)) for one in about}

    def facts(self, operation: Operation) -> Facts:
        """Say which account, or that it is all of them."""
        scope = AccountScope.of(operation)
        return [("Scope", "The key with all its ACME accounts" if scope.whole_key else scope.acme_account_id)]

    def reading_words(self, reading: Mapping[str, Any]) -> Sequence[str]:
        """Say in which states the accounts were listed."""
        states = reading.get("accounts")
        if not isinstance(states, dict):
            return ["The list of ACME accounts could not be read."]
        return [f"The CA lists {account} as {status}." for account, status in states.items()]


def _do_again_after_lost_calls(kind: AccountKind, operation: Operation) -> None:
    """Queue the same once more where a call for the opposite was lost: it may still do its work, and undo this.

    Until CAAS_SETTLE_AFTER has passed since, the CA may not have ended that call.
    """
    others = Operation.objects.filter(binding=operation.binding_id, lane=kind.lane, lost_answers__gt=0)
    opposite = others.exclude(kind=kind.name).order_by("-claimed_at").first()
    over_at = _last_lost_at(opposite) + timedelta(seconds=settings.CAAS_SETTLE_AFTER) if opposite else None
    if over_at is None or over_at <= clock.now():
        return
    again = new_operation(
        kind, subscription=operation.subscription, binding=operation.binding, arguments=operation.arguments
    )
    reason = "A call for the opposite was lost shortly before: done again once that can do nothing any more."
    moves.queue([again], by=moves.Author(worker=operation.worker), reason=reason, not_before=over_at)


def _last_lost_at(operation: Operation) -> datetime:
    came_back = operation.events.filter(from_state=Operation.State.SENDING).order_by("pk").last()
    return came_back.at if came_back is not None else operation.created_at
