"""PREREGISTER: make an ACME account with its EAB pair (the guide's "Create an ACME account"). It costs nothing.

Made twice it does no harm: where its answer was lost it is called again, and what the lost call left at the CA is an
unassigned account, for a person to judge. No machine adopts a key.
"""

from subscriptions.caas.types import PreregisteredAccount
from subscriptions.kinds.base import Facts, Kind, Sent
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.clock import Instant
from subscriptions.ledger.moves import FREE, Author
from subscriptions.ledger.objections import NotUsableError
from subscriptions.models import AcmeAccount, EabBinding, Operation, Subscription, UnassignedAccount
from subscriptions.rules.terms import years_text


class Preregister(Kind):
    """See the module."""

    name = Operation.Kind.PREREGISTER
    lane = Operation.Lane.ALONE
    repeatable = True
    leaves_traces = True
    can_be_declared_done = False

    def exclusive(self, operation: Operation) -> str:
        """Give its subscription: there is no binding yet."""
        return f"made:{operation.subscription_id}"

    def prepare(self, claim: Claim) -> None:
        """Nothing can be looked at first: nothing tells the account of a lost call from anybody else's."""

    def call(self, claim: Claim) -> Sent:
        """Call PREREGISTER once."""
        subscription = claim.operation.subscription
        made = claim.client.preregister(
            directory_url=subscription.server.directory_url,
            years=subscription.term_years,
            last_look=claim.last_look,
        )
        return Sent(FREE, made.evidence, made)

    def keep(self, operation: Operation, effect: PreregisteredAccount, *, now: Instant) -> None:
        """Write the EAB pair of the subscription and that its ACME account is created.

        Raises NotUsableError where the CA's answer names a key ID that a person has assigned, or that is known.
        """
        # Deleted first: of an assignment at the same moment one waits for the other, and sees what it did.
        seen = UnassignedAccount.objects.filter(eab_key_id=effect.eab_key_id)
        seen.exclude(state=UnassignedAccount.State.ASSIGNED).delete()
        if EabBinding.objects.filter(eab_key_id=effect.eab_key_id).exists() or seen.exists():
            raise NotUsableError(f"The CA’s answer names an EAB key ID that is held already: {effect.eab_key_id}.")
        subscription = operation.subscription
        binding = EabBinding.objects.create(
            subscription=subscription,
            directory_url=subscription.server.directory_url,
            eab_key_id=effect.eab_key_id,
            eab_hmac_key=effect.eab_hmac_key.reveal(),
            acme_account_id=effect.acme_account_id,
        )
        AcmeAccount.objects.create(
            binding=binding, acme_account_id=effect.acme_account_id, status=effect.status or "pending"
        )
        Operation.objects.filter(pk=operation.pk).update(binding=binding)
        operation.binding = binding
        Subscription.objects.filter(pk=subscription.pk).update(creation=Subscription.Creation.CREATED)

    def keep_late(self, operation: Operation, sent: Sent, *, by: Author) -> None:
        """Note the account that nobody waits for any more, so that a person finds it without waiting for a list."""
        made: PreregisteredAccount = sent.effect
        if not EabBinding.objects.filter(eab_key_id=made.eab_key_id).exists():
            UnassignedAccount.objects.get_or_create(
                eab_key_id=made.eab_key_id, defaults={"acme_account_id": made.acme_account_id}
            )

    def dropped(self, operation: Operation) -> None:
        """Say that the subscription has got no ACME account."""
        waiting = Subscription.objects.filter(
            pk=operation.subscription_id, creation=Subscription.Creation.CREATING, assigned_account=None
        )
        waiting.update(creation=Subscription.Creation.FAILED)

    def title(self, operation: Operation) -> str:
        """Say what is made."""
        return "Create ACME account"

    def facts(self, operation: Operation) -> Facts:
        """Give the server and the term."""
        years = operation.subscription.term_years
        return [
            ("ACME server", operation.subscription.server.directory_url),
            ("Term", years_text(years)),
        ]
