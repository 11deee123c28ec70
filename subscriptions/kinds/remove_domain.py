"""REMOVEDOMAIN: take a name out, a paid one with its free companion (the guide's "Remove a domain").

In the first 30 days the CA gives the price back, which shows among its transactions; its answer tells no amount.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from subscriptions.kinds.base import Facts, Kind, Reading, Sent, Settlement
from subscriptions.kinds.names import Found, binding_of, look_for_name, name_words
from subscriptions.ledger import clock, moves
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.clock import Instant
from subscriptions.ledger.moves import FREE
from subscriptions.ledger.objections import AlreadyThereError, Objection
from subscriptions.ledger.reading import BindingReading, CaList, names_before
from subscriptions.models import Domain, Operation, Replacement, Transaction
from subscriptions.rules.names import companion_stem
from subscriptions.rules.proof import Timing, judge_removal
from subscriptions.rules.written_names import written, written_list


class RemoveDomain(Kind):
    """See the module."""

    name = Operation.Kind.REMOVE_DOMAIN
    takes_away = True
    lists = frozenset({CaList.DOMAINS, CaList.TRANSACTIONS})
    transaction = Transaction.REFUND

    def prepare(self, claim: Claim) -> None:
        """Make sure that the name is there; raise where an earlier call, or somebody else, has removed it.

        Unless a person has had it sent all the same, also that no more goes with it than was there when it was
        confirmed, and that the name which takes its place is there, for no more than its price.
        """
        operation, baseline = claim.operation, claim.baseline
        if baseline is None:
            return
        there = names_before(operation, baseline)
        if operation.domain_name in there:
            if operation.decided_at is None:
                _guard_what_goes_along(operation)
                _guard_replacement(operation, there)
            return
        if operation.was_unknown:
            raise AlreadyThereError(f"Not sent again: {written(operation.domain_name)} is no longer at the CA.")
        raise Objection(f"{written(operation.domain_name)} is not at the CA.")

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
        _drop_what_went_along(operation)

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
        return f"Remove {written(operation.domain_name)}"

    def facts(self, operation: Operation) -> Facts:
        """Give the names that went with it."""
        return [("Names", written_list(operation.names))] if len(operation.names) > 1 else []

    def reading_words(self, reading: Mapping[str, Any]) -> Sequence[str]:
        """Say whether the name and a refund for it were listed."""
        return name_words(reading, what="refund")


def _guard_replacement(operation: Operation, there: Collection[str]) -> None:
    planned = Replacement.objects.filter(removal=operation).select_related("addition").first()
    if planned is None:
        return
    new = f"{written(planned.new_name)}, which takes its place,"
    if planned.new_name not in there:
        raise Objection(f"{new} is not at the CA. Nothing was removed.")
    if planned.addition.is_overcharged:
        raise Objection(f"The CA charged more than was confirmed for {new} so its order was stopped.")


def _guard_what_goes_along(operation: Operation) -> None:
    """Object where a free name was added since that may be its companion: nobody was told that it would go too."""
    stem = companion_stem(operation.domain_name)
    later = Domain.objects.present().filter(
        subscription=operation.subscription_id, added_at__gt=operation.created_at, companion_of=None
    )
    others = later.exclude(is_free=False).filter(name__endswith=stem).exclude(name=operation.domain_name)
    if came := sorted(name for name in others.values_list("name", flat=True) if companion_stem(name) == stem):
        raise Objection(f"Added since this was confirmed, and it may go with it: {written_list(came)}.")


def _drop_what_went_along(operation: Operation) -> None:
    """Cancel what was to remove a name that the CA has taken out with this one: there is nothing left to do."""
    along = [name for name in operation.names if name != operation.domain_name]
    waiting = Operation.objects.filter(
        binding=operation.binding_id, kind=operation.kind, state=Operation.State.QUEUED, domain_name__in=along
    )
    for other in waiting:
        reason = f"It went with {written(operation.domain_name)}."
        moves.cancel(other, by=moves.Author(worker=operation.worker), reason=reason, now=clock.now())
