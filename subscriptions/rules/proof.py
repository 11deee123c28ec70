"""What readings prove of a call whose answer was lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from subscriptions.rules.terms import TERM_DAYS, TERM_TOLERANCE_DAYS

ONE_DAY = timedelta(days=1)


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
        return _judge_charge(change, timing, done="The name is there", charge="charge for it")
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


@dataclass(frozen=True, slots=True)
class TermChange:
    """What is known of a term when the extension of it, whose answer was lost, is looked at.

    `before` and `after` are its ends before the call and as listed now; `charges` the new extensions, empty where their
    list could not be read.
    """

    before: datetime | None
    after: datetime | None
    years: int
    charges: Sequence[Charge] | None
    is_free: bool = False

    @property
    def days(self) -> int | None:
        """By how many days its end moved; None where either is not known."""
        return None if self.before is None or self.after is None else round((self.after - self.before) / ONE_DAY)


def judge_extension(change: TermChange, timing: Timing) -> Judgement:
    """Decide whether an extension whose answer was lost took effect, from what was read at the CA."""
    if change.days is None:
        return Judgement(Verdict.WAIT, "The end of the term could not be read, which says nothing.")
    if abs(change.days) <= TERM_TOLERANCE_DAYS:
        return _judge_not_moved(change, timing)
    if abs(change.days - TERM_DAYS[change.years]) > TERM_TOLERANCE_DAYS:
        return _after_waiting(timing, f"The end of the term moved by {change.days} days, which nobody ordered.")
    return _judge_charge(change, timing, done="The term ends later", charge="extension")


def _judge_charge(change: Change | TermChange, timing: Timing, *, done: str, charge: str) -> Judgement:
    """Decide what was charged for a change that the CA shows, in the words for it and for its charge."""
    if change.charges and len(change.charges) > 1:
        return Judgement(Verdict.UNCLEAR, f"{done}, but the CA lists more than one {charge}.")
    if change.charges:
        return Judgement(Verdict.HAPPENED, f"{done}, and the CA lists the {charge}.", change.charges[0])
    if change.charges is not None and change.is_free:
        if timing.agreed:
            free = Charge(None, Decimal(0), "")
            return Judgement(Verdict.HAPPENED, f"{done}; two readings list no charge: it was free.", free)
        return Judgement(Verdict.WAIT, f"{done}; it was free if the next reading lists no charge either.")
    if not timing.waited:
        return Judgement(Verdict.WAIT, f"{done}; the CA does not list the charge yet.")
    return Judgement(Verdict.HAPPENED, f"{done}; what the CA charged for it is not known yet.")


def _judge_not_moved(change: TermChange, timing: Timing) -> Judgement:
    if change.charges is None:
        return Judgement(Verdict.WAIT, "The term ends as before, but the CA's list of charges could not be read.")
    if not timing.agreed_after_waiting:
        return Judgement(Verdict.WAIT, "The term ends as before; the CA may still be working on it.")
    if change.charges:
        return Judgement(Verdict.UNCLEAR, "The CA lists an extension, but the term ends as before.", change.charges[0])
    return Judgement(
        Verdict.DID_NOT_HAPPEN, "Two complete readings agree: the term ends as before, nothing was charged."
    )


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
