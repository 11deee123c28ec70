"""The life of an organization pre-validation: what is recorded, what follows from its days, what each means for names.

Days are those of UTC, as the CA counts them; the last day belongs to it.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from subscriptions.rules.instants import day_text

WARNING_DAYS = (60, 30, 7)  # how long before its last day staff are told, the first time, again, and at last
MOST_DAYS = 398  # organization data may be used for no longer (CA/Browser Forum, CPS 6.3.2)
DIGITS = frozenset("0123456789")


class RenewalMode(StrEnum):
    """Who renews the reseller’s pre-validations, as the CA has it set ("OV subscriptions" in the CaaS guide)."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class PrevalidationStatus(StrEnum):
    """How far it is; `subscriptions/explain/states.py` has the words. `RECORDED` says which of them a row holds."""

    REQUESTED = "requested"
    IN_VALIDATION = "in_validation"
    VALID = "valid"
    EXPIRING = "expiring"
    LAPSED = "lapsed"
    REPLACED = "replaced"


Status = PrevalidationStatus
# What people, or a move of its names, record. The two others follow from the days of one that is recorded as valid.
RECORDED = (Status.REQUESTED, Status.IN_VALIDATION, Status.VALID, Status.REPLACED)


def days_of(status: PrevalidationStatus, today: date) -> tuple[date, date]:
    """Give the first and the last of the last days by which one that is recorded as valid has a status on `today`."""
    soon = today + timedelta(days=WARNING_DAYS[0])
    return {
        Status.LAPSED: (date.min, today - timedelta(days=1)),
        Status.EXPIRING: (today, soon),
        Status.VALID: (soon + timedelta(days=1), date.max),
    }[status]


def status_of(recorded: str, *, valid_from: date | None, valid_until: date | None, today: date) -> PrevalidationStatus:
    """Give the status on `today`, from what is recorded and its days; before its first day it is in validation yet."""
    if recorded != Status.VALID or valid_until is None:
        return Status(recorded)
    if valid_from is not None and valid_from > today:
        return Status.IN_VALIDATION
    by_days = (Status.LAPSED, Status.EXPIRING, Status.VALID)
    spans = {status: days_of(status, today) for status in by_days}
    return next(status for status, (first, last) in spans.items() if first <= valid_until <= last)


def has_run_out(status: PrevalidationStatus, mode: RenewalMode) -> bool:
    """Whether nothing can be certified under it any more: its last day has passed, and the CA does not renew it."""
    return status is Status.LAPSED and mode is not RenewalMode.AUTOMATIC


def takes_names(status: PrevalidationStatus, mode: RenewalMode) -> bool:
    """Whether names can be added under it: only one that is valid surely is taken by the CA (`ADDDOMAIN`)."""
    return status in (Status.VALID, Status.EXPIRING) or (status is Status.LAPSED and not has_run_out(status, mode))


def why_no_account(status: PrevalidationStatus, mode: RenewalMode, valid_until: date | None) -> str:
    """Give why a new ACME account cannot be for it, or an empty text: one may be made while it is still validated."""
    if status is Status.REPLACED or has_run_out(status, mode):
        return why_no_names(status, mode, valid_from=None, valid_until=valid_until)
    return ""


def why_no_names(
    status: PrevalidationStatus, mode: RenewalMode, *, valid_from: date | None, valid_until: date | None
) -> str:
    """Give why no name can be added under it, in a sentence, or an empty text where one can."""
    if takes_names(status, mode):
        return ""
    if status is Status.LAPSED and valid_until is not None:
        return f"Its last day, {day_text(valid_until)}, has passed: no name can be added under it until it is renewed."
    if status is Status.REPLACED:
        return "It was replaced: its names were moved to another."
    if status is Status.IN_VALIDATION and valid_from is not None:
        return f"It is valid from {day_text(valid_from)}: no name can be added under it before."
    return "The CA has not validated the organization yet: no name can be added under it before."


def warning_of(status: PrevalidationStatus, valid_until: date | None) -> str:
    """Give what to say of one under which names can be added all the same, or an empty text."""
    if status is not Status.LAPSED or valid_until is None:
        return ""
    return f"Its last day, {day_text(valid_until)}, has passed; the CA renews it by itself. Check its state there."


def warning_step(valid_until: date, today: date) -> int | None:
    """Give within how many days it ends, as a step of WARNING_DAYS; 0 where its last day has passed, None before."""
    left = (valid_until - today).days
    return 0 if left < 0 else min((days for days in WARNING_DAYS if left <= days), default=None)


def step_words(step: int) -> str:
    """Say when one ends that is in a step (`warning_step`): "within 7 days", "in 8 to 30 days"."""
    nearer = max((days for days in WARNING_DAYS if days < step), default=0)
    return f"in {nearer + 1} to {step} days" if nearer else f"within {step} days"


def days_of_step(step: int, today: date) -> tuple[date, date]:
    """Give the first and the last of the last days that are in a step on `today` (`warning_step`)."""
    if step == 0:
        return days_of(Status.LAPSED, today)
    nearer = max((days for days in WARNING_DAYS if days < step), default=-1)
    return today + timedelta(days=nearer + 1), today + timedelta(days=step)


# --- What is asked about before it is saved ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that may be so and mostly is a slip: it is saved once a person says that it is meant.

    `key` holds what the doubt is about, so that a yes to one value is none to another.
    """

    field: str
    key: str
    text: str


def doubts_about(
    *, number: str, recorded: str, valid_from: date | None, valid_until: date | None, today: date
) -> Iterable[Doubt]:
    """Give what is to be asked about the record of a pre-validation before it is saved."""
    if number and not DIGITS.issuperset(number):
        text = f"“{number}” has other characters than digits. The order numbers that the CA gives are digits only."
        yield Doubt("ov_anchor_order_number", f"number:{number}", text)
    elif number.startswith("0"):
        # A list that tells it as a number would leave the zero out: no name would be known to be under it.
        text = f"“{number}” begins with 0. The order numbers that the CA gives are whole numbers without a 0 in front."
        yield Doubt("ov_anchor_order_number", f"number:{number}", text)
    if valid_until is None:
        return
    if (days := (valid_until - (valid_from or today)).days) > MOST_DAYS:
        text = f"It would hold for {days} days; organization data may be used for {MOST_DAYS} at most."
        yield Doubt("valid_until", f"long:{valid_from or ''}:{valid_until}", text)
    if valid_until < today and recorded != Status.REPLACED:
        text = f"Its last day, {day_text(valid_until)}, has passed already."
        yield Doubt("valid_until", f"past:{valid_until}", text)


# --- Of subscriptions -------------------------------------------------------------------------------------------------


def is_one_organization(name: str, other: str) -> bool:
    """Whether two names are written for one organization.

    Blanks, case, a full stop at the end, and how a letter with a mark is put together (pasted on a Mac) tell nothing.
    """
    return _plain(name) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split()).rstrip(".")


def was_left_since(anchors_left: Mapping[str, object], number: str, since: datetime) -> bool:
    """Whether names of a binding were moved away from a pre-validation since an instant.

    `anchors_left` are the instants at which that was last seen, as they are kept: one that cannot be read is recent.
    """
    if not number or number not in anchors_left:
        return False
    try:
        return datetime.fromisoformat(str(anchors_left[number])) >= since
    except (ValueError, TypeError):
        return True
