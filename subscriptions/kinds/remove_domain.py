"""REMOVEDOMAIN: take a name out, a paid one with its free companion (the guide's "Remove a domain").

In the first 30 days the CA gives the price back, which shows among its transactions; its answer tells no amount.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from subscriptions.kinds.base import Facts, Kind, Reading, Sent, Settlement
from subscriptions.kinds.names import Found, binding_of, charge_words, look_for_name
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.clock import Instant
from subscriptions.ledger.moves import FREE
from subscriptions.ledger.objections import AlreadyThereError, Objection
from subscriptions.ledger.reading import BindingReading, CaList, names_before
from subscriptions.models import Domain, Operation, Transaction
from subscriptions.rules.proof import Timing, judge_removal


class RemoveDomain(Kind):
    """See the module."""

    name = Operation.Kind.REMOVE_DOMAIN
    takes_away = True
    lists = frozenset({CaList.DOMAINS, CaList.TRANSACTIONS})
    transaction = Transaction.REFUND

    def prepare(self, claim: Claim) -> None:
        """Make sure that the name is there; raise where an earlier call, or somebody else, has removed it."""
        operation, baseline = claim.operation, claim.baseline
        if baseline is None or operation.domain_name in names_before(operation, baseline):
            return
        if operation.was_unknown:
            raise AlreadyThereError(f"Not sent again: {operation.domain_name} is no longer at the CA.")
        raise Objection(f"{operation.domain_name} is not at the CA.")

    def call(self, claim: Claim) -> Sent:
        """Call REMOVEDOMAIN once."""
        operation = claim.operation
        removed = claim.client.remove_domain(
            acme_account_id=binding_of(operation).acme_account_id,
            name=operation.domain_name,
            last_look=claim.last_look,
        )
        return Sent(FREE, removed.evidence, removed.names)

    def keep(self, operation: Operation, effect: Iterable[str], *, now: Instant) -> None:
        """Mark the names as removed by this operation, and note all that went with it."""
        names = sorted({operation.domain_name, *effect})
        there = Domain.objects.present().filter(subscription=operation.subscription_id, name__in=names)
        there.update(removed_at=now, removal=operation, not_listed_since=None)
        Operation.objects.filter(pk=operation.pk).update(names=names)
        operation.names = names

    def look(self, operation: Operation, reading: BindingReading) -> Reading:
        """Is the name still listed, and a new refund that names it?"""
        return look_for_name(operation, reading, self.transaction)

    def judge(self, operation: Operation, reading: Reading, timing: Timing) -> Settlement:
        """See `rules.proof.judge_removal`."""
        found: Found = reading.found
        judgement = judge_removal(found.change, timing)
        companions = Domain.objects.present().filter(
            subscription=operation.subscription_id, companion_of__name=operation.domain_name
        )
        names = {*operation.names, *companions.values_list("name", flat=True)}
        gone = sorted(names - found.names)
        return Settlement(judgement.verdict, judgement.reason, FREE, gone)

    def title(self, operation: Operation) -> str:
        """Name the name."""
        return f"Remove {operation.domain_name}"

    def facts(self, operation: Operation) -> Facts:
        """Give the names that went with it."""
        return [("Names", ", ".join(operation.names))] if len(operation.names) > 1 else []

    def reading_words(self, reading: Mapping[str, Any]) -> Sequence[str]:
        """Say whether the name and a refund for it were listed."""
        return charge_words(reading, what="refund")
