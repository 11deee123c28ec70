"""UPDATEDOMAINS: move the names under one pre-validation to another ("Update assigned organization pre-validation").

It moves all names of the subscription that are under the old one, costs nothing and harms nothing when done twice: a
lost answer is sent again. It is done once LISTDOMAINS shows it: every name that was under the old one and is still
listed is no longer under it. Where the list tells no pre-validations, the CA's word is all there is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from subscriptions.caas.errors import CaasError, OutcomeUnknown
from subscriptions.caas.types import ListedDomain
from subscriptions.kinds.base import Facts, Kind, Reading, Sent, Settlement
from subscriptions.kinds.names import binding_of, list_names
from subscriptions.ledger import clock
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.clock import Instant
from subscriptions.ledger.gate import HeldBack
from subscriptions.ledger.moves import FREE
from subscriptions.ledger.objections import AlreadyThereError
from subscriptions.ledger.reading import BindingReading, CaList
from subscriptions.models import Domain, EabBinding, Operation, Prevalidation, Subscription
from subscriptions.rules.prevalidations import PrevalidationStatus
from subscriptions.rules.proof import Timing, Verdict

TOLD = 20  # names told of in evidence


@dataclass(frozen=True, slots=True)
class Anchors:
    """From which pre-validation to which, by their order numbers."""

    old: str
    new: str

    @classmethod
    def of(cls, operation: Operation) -> Self:
        """Give those of an operation."""
        return cls(operation.old_ov_anchor_order_number, operation.ov_anchor_order_number)


class MoveAnchor(Kind):
    """See the module."""

    name = Operation.Kind.MOVE_ANCHOR
    lane = Operation.Lane.BINDING
    repeatable = True
    lists = frozenset({CaList.DOMAINS})

    def exclusive(self, operation: Operation) -> str:
        """Give its binding: names are moved one way at a time."""
        return f"anchors:{operation.binding_id}"

    def prepare(self, claim: Claim) -> None:
        """Raise AlreadyThereError where a call of it was lost that has done its work: the baseline is read afresh."""
        anchors, baseline = Anchors.of(claim.operation), claim.baseline
        if not claim.operation.lost_answers or baseline is None:
            return
        under = set(baseline.anchors.values())
        if anchors.new in under and anchors.old not in under:
            raise AlreadyThereError("Not sent again: at the CA no name is under the old pre-validation any more.")

    def call(self, claim: Claim) -> Sent:
        """Call UPDATEDOMAINS once, and look at the names: until the list shows it, it is not known to be done."""
        anchors = Anchors.of(claim.operation)
        updated = claim.client.move_domains(
            acme_account_id=binding_of(claim.operation).acme_account_id,
            old_ov_anchor_order_number=anchors.old,
            ov_anchor_order_number=anchors.new,
            last_look=claim.last_look,
        )
        evidence = dict(updated.evidence)
        try:
            listed = list_names(claim)
        except (CaasError, HeldBack) as error:
            said = f"The CA says that it was done, but its list of names could not be read. {error}"
            raise OutcomeUnknown(said, evidence=evidence) from error
        if left := _left_behind(anchors, listed):
            said = f"The CA says that it was done, but lists {len(left)} of the names under the old pre-validation yet."
            raise OutcomeUnknown(said, evidence=evidence | {"names_left": left[:TOLD]})
        return Sent(FREE, evidence)

    def keep(self, operation: Operation, effect: None, *, now: Instant) -> None:
        """Have the names and the subscription follow, note what was left, and close the old one that nothing is under.

        Of two that end at once one waits for the other here, so that the last one sees that nothing is left.
        """
        anchors = Anchors.of(operation)
        old = Prevalidation.objects.select_for_update().filter(ov_anchor_order_number=anchors.old).first()
        new = Prevalidation.objects.filter(ov_anchor_order_number=anchors.new).first()
        binding = EabBinding.objects.select_for_update(no_key=True).get(pk=binding_of(operation).pk)
        left = {**binding.anchors_left, anchors.old: clock.now().isoformat()}
        EabBinding.objects.filter(pk=binding.pk).update(anchors_left=left)
        names = Domain.objects.present().filter(subscription=operation.subscription_id)
        names.filter(ov_anchor_order_number=anchors.old).update(ov_anchor_order_number=anchors.new)
        if old is None or new is None:
            return
        Subscription.objects.filter(pk=operation.subscription_id, prevalidation=old).update(prevalidation=new)
        if not _is_used(anchors.old, besides=operation):
            Prevalidation.objects.filter(pk=old.pk).update(
                recorded_status=PrevalidationStatus.REPLACED, replaced_by=new
            )

    def look(self, operation: Operation, reading: BindingReading) -> Reading:
        """How many names are under the old one yet, and how many under the new one?"""
        if reading.domains is None:
            return Reading(seen=None, unread=reading.unread)
        anchors = Anchors.of(operation)
        left = _left_behind(anchors, reading.domains)
        moved = sum(1 for one in reading.domains if one.ov_anchor_order_number == anchors.new)
        return Reading(seen=[left, moved], kept={"names_left": left[:TOLD], "moved": moved}, found=left)

    def judge(self, operation: Operation, reading: Reading, timing: Timing) -> Settlement:
        """It is done where the list leaves no name behind; one that does is enough: sent again it harms nothing."""
        left: Sequence[str] | None = reading.found
        if left is None:
            return Settlement(Verdict.WAIT, "The CA’s list of names could not be read.")
        if left:
            return Settlement(Verdict.DID_NOT_HAPPEN, "The CA lists names under the old pre-validation yet.")
        return Settlement(Verdict.HAPPENED, "The CA lists no name under the old pre-validation any more.", FREE)

    def title(self, operation: Operation) -> str:
        """Say what is done."""
        return "Move names to another pre-validation"

    def facts(self, operation: Operation) -> Facts:
        """Give from which to which, and how many the CA says it has moved."""
        anchors = Anchors.of(operation)
        facts = [("From pre-validation", anchors.old), ("To pre-validation", anchors.new)]
        reply = operation.reply if isinstance(operation.reply, dict) else {}
        moved = next((value for name, value in reply.items() if str(name).lower() == "nrecordsupdated"), None)
        return [*facts, ("Names moved", str(moved))] if moved is not None else facts

    def reading_words(self, reading: Mapping[str, Any]) -> Sequence[str]:
        """Say how many names were left behind, and how many were moved."""
        left, moved = reading.get("names_left"), reading.get("moved")
        if not isinstance(left, list):
            return ["The list of names could not be read."]
        behind = f"The CA lists under the old pre-validation: {', '.join(map(str, left))}." if left else ""
        return [behind or "The CA lists no name under the old pre-validation.", f"Under the new one: {moved}."]


def _left_behind(anchors: Anchors, listed: Collection[ListedDomain]) -> list[str]:
    """Give the names that are listed under the old pre-validation: none may be added to it while names are moved."""
    return sorted(one.name for one in listed if one.ov_anchor_order_number == anchors.old)


def _is_used(number: str, *, besides: Operation) -> bool:
    """Whether a name is under a pre-validation, or on its way to be, or yet to be moved from it."""
    present = Domain.objects.present().in_reach(clock.now())
    if present.filter(ov_anchor_order_number=number).exists():
        return True
    unsettled = Operation.objects.filter(state__in=Operation.UNSETTLED).exclude(pk=besides.pk)
    return (
        unsettled.filter(ov_anchor_order_number=number).exists()
        or unsettled.filter(old_ov_anchor_order_number=number).exists()
    )
