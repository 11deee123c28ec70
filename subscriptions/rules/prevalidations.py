"""How long an organization pre-validation holds. Days are those of UTC, as the CA counts them."""

from datetime import date, timedelta
from enum import StrEnum

from subscriptions.rules.instants import day_text

ENDING_DAYS = 30
AUTOMATIC = "automatic"


class Validity(StrEnum):
    """How long it still holds; `subscriptions/explain/states.py` has the words."""

    VALID = "valid"
    ENDING = "ending"
    PASSED = "passed"


def days_of(validity: Validity, today: date) -> tuple[date, date]:
    """Give the first and the last of the last days that have a validity on `today`."""
    soon = today + timedelta(days=ENDING_DAYS)
    return {
        Validity.PASSED: (date.min, today - timedelta(days=1)),
        Validity.ENDING: (today, soon),
        Validity.VALID: (soon + timedelta(days=1), date.max),
    }[validity]


def validity_of(valid_until: date, today: date) -> Validity:
    """Give the validity on `today` of a pre-validation whose last day is `valid_until`."""
    spans = {validity: days_of(validity, today) for validity in Validity}
    return next(validity for validity, (first, last) in spans.items() if first <= valid_until <= last)


def blocks_names(valid_until: date, today: date, *, renewal_mode: str) -> bool:
    """Whether no name can be added or certified under it: its last day has passed, and the CA does not renew it."""
    return renewal_mode != AUTOMATIC and validity_of(valid_until, today) is Validity.PASSED


def prevalidation_warning(valid_until: date, today: date, *, renewal_mode: str) -> str:
    """Give what to say about a pre-validation whose last day has passed, or an empty text."""
    if validity_of(valid_until, today) is not Validity.PASSED:
        return ""
    if not blocks_names(valid_until, today, renewal_mode=renewal_mode):
        return f"Its last day, {day_text(valid_until)}, has passed; the CA renews it by itself. Check its state there."
    return f"Its last day, {day_text(valid_until)}, has passed: no name can be added under it until it is renewed."
