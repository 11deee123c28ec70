"""What readings prove of a call whose answer was lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum


class Verdict(Enum):
    """What is known of an operation whose answer was lost."""

    HAPPENED = "happened"
    DID_NOT_HAPPEN = "did not happen"
    WAIT = "wait"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Charge:
    """A new charge or refund the CA lists that nothing else explains; the amount is empty where it is not known."""

    ca_order_number: int | None
    amount: Decimal | None
    currency: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """How much time there was.

    `waited`: this reading began so long after the end of the connection that the CA has ended the call as well.
    `agreed`: an earlier complete reading, begun long enough before, showed the same; `agreed_after_waiting`: one did
    that had waited too.
    """

    waited: bool = False
    agreed: bool = False
    agreed_after_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, with the sentence that goes into the ledger, and the charge or refund that belongs to it."""

    verdict: Verdict
    reason: str
    charge: Charge | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Change:
    """What is known of a name when the addition or removal of it, whose answer was lost, is looked at.

    `was_there` is empty without a baseline, `is_there` and `charges` where their list could not be read.
    """

    was_there: bool | None
    is_there: bool | None
    charges: Sequence[Charge] | None
    is_free: bool = False


NOT_READ = Judgement(Verdict.WAIT, "The CA's list of names could not be read, which says nothing.")


def judge_addition(change: Change, timing: Timing) -> Judgement:
    """Decide whether an addition whose answer was lost took effect, from what was read at the CA."""
    if change.is_there is None:
        return NOT_READ
    if change.is_there and change.was_there is False:
        return _judge_added(change, timing)
    if change.is_there:
        if not timing.waited:
            return Judgement(Verdict.WAIT, "The readings do not fit together yet.")
        before = "The name was there before the call" if change.was_there else "What was there before is not known"
        return Judgement(Verdict.UNCLEAR, f"{before}, so its presence proves nothing.")
    if change.charges is None:
        return Judgement(Verdict.WAIT, "The name is not there, but the CA's list of charges could not be read.")
    if not timing.agreed_after_waiting:
        return Judgement(Verdict.WAIT, "The name is not there yet; the CA may still be working on it.")
    if change.charges:
        return Judgement(Verdict.UNCLEAR, "The CA lists a charge, but the name is not there.", change.charges[0])
    return Judgement(Verdict.DID_NOT_HAPPEN, "Two complete readings agree: the name is not there, nothing was charged.")


def _judge_added(change: Change, timing: Timing) -> Judgement:
    if change.charges and len(change.charges) > 1:
        return Judgement(Verdict.UNCLEAR, "The name is there, but the CA lists more than one charge for it.")
    if change.charges:
        return Judgement(Verdict.HAPPENED, "The name is there, and the CA lists the charge for it.", change.charges[0])
    if change.charges is not None and change.is_free:
        if timing.agreed:
            free = Charge(None, Decimal(0), "")
            return Judgement(Verdict.HAPPENED, "The name is there; two readings list no charge: it was free.", free)
        return Judgement(Verdict.WAIT, "The name is there; it was free if the next reading lists no charge either.")
    if not timing.waited:
        return Judgement(Verdict.WAIT, "The name is there; the CA does not list the charge yet.")
    return Judgement(Verdict.HAPPENED, "The name is there; what the CA charged for it is not known yet.")


def judge_removal(change: Change, timing: Timing) -> Judgement:
    """Decide whether a removal whose answer was lost took effect; `charges` are the new refunds that name it."""
    if change.is_there is None:
        return NOT_READ
    if change.charges and len(change.charges) > 1:
        return Judgement(Verdict.UNCLEAR, "The CA lists more than one refund for the name.")
    if not change.is_there and change.was_there is not False:
        if change.charges:
            return Judgement(Verdict.HAPPENED, "The name is gone, and the CA lists its refund.", change.charges[0])
        if timing.agreed:
            return Judgement(Verdict.HAPPENED, "Two readings agree: the name is gone.")
        return Judgement(Verdict.WAIT, "The name is gone if the next reading does not list it either.")
    if not change.is_there:
        return _after_waiting(timing, "The name was not there before the call, so its absence proves nothing.")
    if change.charges:
        return _after_waiting(timing, "The CA lists a refund, but the name is still there.")
    if change.charges is None or not timing.agreed_after_waiting:
        return Judgement(Verdict.WAIT, "The name is still there; the CA may still be working on it.")
    return Judgement(Verdict.DID_NOT_HAPPEN, "Two complete readings agree: the name is there, nothing was refunded.")


def _after_waiting(timing: Timing, reason: str) -> Judgement:
    if not timing.agreed_after_waiting:
        return Judgement(Verdict.WAIT, "The readings do not fit together yet.")
    return Judgement(Verdict.UNCLEAR, reason)
