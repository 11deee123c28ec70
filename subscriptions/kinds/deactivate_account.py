"""DEACTIVATEACCOUNT: over for good; nothing is refunded by it (the guide's "Deactivate an ACME account")."""

from subscriptions.caas.client import CaasClient
from subscriptions.kinds.account_states import AccountKind, AccountScope, Call
from subscriptions.models import AcmeAccount, Operation, Subscription


class DeactivateAccount(AccountKind):
    """See the module."""

    name = Operation.Kind.DEACTIVATE_ACCOUNT
    leaves = Subscription.AccountState.DEACTIVATED

    def method(self, client: CaasClient) -> Call:
        """Give `deactivate_account`."""
        return client.deactivate_account

    def is_reached(self, account: AcmeAccount) -> bool:
        """Whether it is over for good."""
        return account.is_ended

    def title(self, operation: Operation) -> str:
        """Say what it is about."""
        return "Deactivate ACME account with its key" if AccountScope.of(operation).whole_key else "Deactivate client"
