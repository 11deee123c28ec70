"""UNSUSPENDACCOUNT: what was suspended is again as it was before (the guide's "Reinstate an ACME account")."""

from subscriptions.caas.client import CaasClient
from subscriptions.kinds.account_states import AccountKind, AccountScope, Call
from subscriptions.models import AcmeAccount, Operation, Subscription


class ReinstateAccount(AccountKind):
    """See the module."""

    name = Operation.Kind.REINSTATE_ACCOUNT
    leaves = Subscription.AccountState.OPEN

    def method(self, client: CaasClient) -> Call:
        """Give `reinstate_account`."""
        return client.reinstate_account

    def is_reached(self, account: AcmeAccount) -> bool:
        """Whether it is not suspended: one that its client has ended stays so."""
        return not account.is_suspended

    def title(self, operation: Operation) -> str:
        """Say what it is about."""
        return "Reinstate ACME account with its key" if AccountScope.of(operation).whole_key else "Reinstate client"
