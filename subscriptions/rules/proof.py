"""What readings prove of a call whose answer was lost."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
    """A charge the CA lists that no other operation holds."""

    ca_order_number: int | None
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known when an addition whose answer was lost is looked at."""

    was_there_before: bool
    is_there_now: bool
    charge: Charge | None
    is_free: bool
    ended_at: datetime
    absent_since: datetime | None
    transactions_read: bool = True
    is_charged_twice: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, with the sentence that goes into the ledger."""

    verdict: Verdict
    reason: str
    charge: Charge | None = field(default=None)


def judge_addition(evidence: Evidence, *, now: datetime, settle_after: timedelta, apart: timedelta) -> Judgement:
    """Decide whether an addition whose answer was lost took effect, from what was read at the CA.

    `settle_after` counts from the end of the connection; `apart` is the least time between two readings that agree.
    """
    waited = now - evidence.ended_at >= settle_after
    if evidence.is_there_now and not evidence.was_there_before:
        return _judge_present(evidence, waited=waited)
    if evidence.charge is not None or (evidence.is_there_now and evidence.was_there_before):
        return _judge_contradiction(evidence, waited=waited)
    agreed = evidence.absent_since is not None and now - evidence.absent_since >= apart
    if waited and agreed and evidence.transactions_read:
        return Judgement(
            Verdict.DID_NOT_HAPPEN, "Two complete readings agree: the name is not there, nothing was charged."
        )
    if waited and agreed:
        return Judgement(Verdict.UNCLEAR, "The name is not there, but the CA's list of charges cannot be read.")
    return Judgement(Verdict.WAIT, "The name is not there yet; the CA may still be working on it.")


def _judge_present(evidence: Evidence, *, waited: bool) -> Judgement:
    if evidence.is_charged_twice:
        return Judgement(Verdict.UNCLEAR, "The name is there, but the CA lists more than one charge for it.")
    if evidence.charge is not None:
        return Judgement(Verdict.HAPPENED, "The name is there, and the CA lists the charge for it.", evidence.charge)
    if evidence.is_free:
        return Judgement(Verdict.HAPPENED, "The name is there; it was free, so no charge is listed.")
    if not waited:
        return Judgement(Verdict.WAIT, "The name is there; the CA does not list the charge yet.")
    return Judgement(Verdict.HAPPENED, "The name is there; the amount is not confirmed by the CA.")


def _judge_contradiction(evidence: Evidence, *, waited: bool) -> Judgement:
    if not waited:
        return Judgement(Verdict.WAIT, "The readings do not fit together yet.")
    if evidence.charge is not None and not evidence.is_there_now:
        return Judgement(Verdict.UNCLEAR, "The CA lists a charge, but the name is not there.", evidence.charge)
    return Judgement(Verdict.UNCLEAR, "The name was there before the call, so its presence proves nothing.")
