"""SUSPENDACCOUNT: no certificates until it is reinstated (the guide's "Suspend an ACME account")."""

from subscriptions.caas.client import CaasClient
from subscriptions.kinds.account_states import AccountKind, AccountScope, Call
from subscriptions.models import AcmeAccount, Operation, Subscription


class SuspendAccount(AccountKind):
    """See the module."""

    name = Operation.Kind.SUSPEND_ACCOUNT
    leaves = Subscription.AccountState.SUSPENDED

    def method(self, client: CaasClient) -> Call:
        """Give `suspend_account`."""
        return client.suspend_account

    def is_reached(self, account: AcmeAccount) -> bool:
        """Whether it can be used no more."""
        return not account.is_usable

    def title(self, operation: Operation) -> str:
        """Say what it is about."""
        return "Suspend ACME account with its key" if AccountScope.of(operation).whole_key else "Suspend client"
