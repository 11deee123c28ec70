"""The one vocabulary of states: for each, its word, its icon and its tone, the same on lists, pages and mails.

An icon names one of heroicons' micro set; a tone is one of those in static/css/badges.css. A state the CA invents
tomorrow is shown by the CA's own word.
"""

from dataclasses import dataclass
from typing import Literal

from subscriptions.models import Operation, Quote, QuoteLine, Subscription

Tone = Literal["neutral", "info", "success", "warning", "danger"]


@dataclass(frozen=True, slots=True)
class StateMark:
    """How a state is shown: its word, an icon and a tone; `is_working` turns the icon while work is under way."""

    word: str
    icon: str
    tone: Tone = "neutral"
    is_working: bool = False


def _labelled(marks: dict[str, tuple[str, Tone]], words: dict[str, str]) -> dict[str, StateMark]:
    return {
        state: StateMark(words[state], icon, tone, is_working=icon == "arrow-path")
        for state, (icon, tone) in marks.items()
    }


def _words(choices: list[tuple[str, str]]) -> dict[str, str]:
    return {value: str(label) for value, label in choices}


_SUBSCRIPTION = Subscription.State
_OPERATION = Operation.State
_QUOTE = Quote.State
_LINE = QuoteLine.State

VOCABULARY: dict[str, dict[str, StateMark]] = {
    "subscription": _labelled(
        {
            _SUBSCRIPTION.CREATING: ("arrow-path", "info"),
            _SUBSCRIPTION.FAILED: ("x-circle", "danger"),
            _SUBSCRIPTION.READY: ("check-circle", "info"),
            _SUBSCRIPTION.RUNNING: ("check-circle", "success"),
            _SUBSCRIPTION.LAPSED: ("clock", "warning"),
        },
        _words(_SUBSCRIPTION.choices),
    ),
    "operation": _labelled(
        {
            _OPERATION.QUEUED: ("queue-list", "neutral"),
            _OPERATION.SENDING: ("arrow-path", "info"),
            _OPERATION.SUCCEEDED: ("check-circle", "success"),
            _OPERATION.REFUSED: ("x-circle", "danger"),
            _OPERATION.UNKNOWN: ("magnifying-glass", "warning"),
            _OPERATION.ATTENTION: ("exclamation-triangle", "warning"),
            _OPERATION.CANCELED: ("minus-circle", "neutral"),
        },
        _words(_OPERATION.choices),
    ),
    "quote": _labelled(
        {
            _QUOTE.QUEUED: ("queue-list", "neutral"),
            _QUOTE.PRICING: ("arrow-path", "info"),
            _QUOTE.READY: ("check-circle", "success"),
            _QUOTE.REFUSED: ("x-circle", "danger"),
        },
        _words(_QUOTE.choices),
    ),
    "quote_line": _labelled(
        {
            _LINE.PENDING: ("queue-list", "neutral"),
            _LINE.PRICED: ("check-circle", "success"),
            _LINE.COVERED: ("gift", "info"),
            _LINE.REFUSED: ("x-circle", "danger"),
        },
        _words(_LINE.choices),
    ),
    "quote_age": {
        "holds": StateMark("Holds", "check-circle", "success"),
        "expired": StateMark("Expired", "clock", "warning"),
        "confirmed": StateMark("Confirmed", "check-badge", "success"),
    },
    "order": {
        "running": StateMark("Under way", "arrow-path", "info", is_working=True),
        "done": StateMark("Done", "check-circle", "success"),
        "partly": StateMark("Partly done", "exclamation-circle", "warning"),
        "attention": StateMark("Needs attention", "exclamation-triangle", "warning"),
        "refused": StateMark("Refused", "x-circle", "danger"),
        "stopped": StateMark("Stopped", "stop-circle", "danger"),
        "canceled": StateMark("Canceled", "minus-circle"),
    },
    "certificate": {
        "current": StateMark("Current", "check-circle", "success"),
        "late": StateMark("Late", "exclamation-triangle", "warning"),
        "expired": StateMark("Expired", "x-circle", "danger"),
        "failed": StateMark("Failed", "x-circle", "danger"),
        "revoked": StateMark("Revoked", "no-symbol", "danger"),
        "pending": StateMark("Being issued", "arrow-path", "info", is_working=True),
        "none": StateMark("None yet", "minus-circle"),
    },
    # RFC 8555 7.1.2 has `valid`, `deactivated` and `revoked`; the CA adds its own.
    "acme_account": {
        "valid": StateMark("Registered", "check-circle", "success"),
        "pending": StateMark("Not registered", "clock"),
        "suspended": StateMark("Suspended", "pause-circle", "warning"),
        "deactivated": StateMark("Deactivated", "no-symbol", "danger"),
        "revoked": StateMark("Revoked", "no-symbol", "danger"),
    },
    "prevalidation": {
        "valid": StateMark("Valid", "check-circle", "success"),
        "ending": StateMark("Ends soon", "clock", "warning"),
        "passed": StateMark("Expired", "x-circle", "danger"),
    },
    "invitation": {
        "open": StateMark("Open", "envelope", "info"),
        "accepted": StateMark("Accepted", "check-circle", "success"),
        "expired": StateMark("Expired", "clock", "warning"),
        "revoked": StateMark("Withdrawn", "minus-circle"),
    },
    "server": {
        "offered": StateMark("Offered", "check-circle", "success"),
        "hidden": StateMark("Not offered", "minus-circle"),
        "gone": StateMark("No longer listed", "exclamation-triangle", "warning"),
    },
    "gate": {
        "": StateMark("Open", "check-circle", "success"),
        "charges": StateMark("Charges held", "pause-circle", "warning"),
        "changes": StateMark("Changes held", "pause-circle", "warning"),
        "all": StateMark("Closed", "no-symbol", "danger"),
    },
    "factor": {
        "on": StateMark("On", "check-circle", "success"),
        "off": StateMark("Off", "minus-circle"),
    },
    "price": {
        "free": StateMark("Free", "gift", "success"),
        "paid": StateMark("Paid", "credit-card"),
    },
}


def mark_of(kind: str, state: object) -> StateMark:
    """Give how `state` of `kind` (a key of VOCABULARY) is shown; a state not in it keeps its own word.

    Raises KeyError for a kind that does not exist.
    """
    value = str(getattr(state, "value", state))
    known = VOCABULARY[kind]
    return known.get(value) or known.get(value.lower()) or StateMark(value or "Unknown", "question-mark-circle")
