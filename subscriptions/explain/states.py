"""The one vocabulary of states: for each, its word, its icon and its tone, the same on lists, pages and mails.

An icon names one of heroicons' micro set; a tone is one of those in static/css/badges.css. A state the CA invents
tomorrow is shown by the CA's own word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from django.db.models import TextChoices

from accounts.models import Invitation, Mail, PlannedRun
from subscriptions.explain.served import ServedState
from subscriptions.models import (
    CustomerRequest,
    Finding,
    Gate,
    NameCheck,
    Operation,
    Quote,
    QuoteLine,
    Replacement,
    Subscription,
    UnassignedAccount,
)
from subscriptions.preflight.results import Outcome
from subscriptions.rules.certificates import CertificateState
from subscriptions.rules.prevalidations import PrevalidationStatus

Tone = Literal["neutral", "info", "success", "warning", "danger"]


# --- States that follow from rows, where no row holds them ----------------------------------------------------------


class QuoteAge(StrEnum):
    """Whether the prices of an answered quote can still be confirmed."""

    VALID = "valid"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"


class OrderState(StrEnum):
    """How an order is as a whole, from the states of its operations."""

    RUNNING = "running"
    DONE = "done"
    PARTLY = "partly"
    ATTENTION = "attention"
    REFUSED = "refused"
    STOPPED = "stopped"
    CANCELED = "canceled"


class AcmeAccountStatus(StrEnum):
    """The documented states of an ACME account: those of RFC 8555 7.1.2 and the CA's own."""

    VALID = "valid"
    PENDING = "pending"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"
    REVOKED = "revoked"


class ServerState(StrEnum):
    """Whether an ACME server can be chosen."""

    OFFERED = "offered"
    HIDDEN = "hidden"
    GONE = "gone"


class FactorState(StrEnum):
    """Whether a second factor is set up."""

    ON = "on"
    OFF = "off"


class PriceState(StrEnum):
    """Whether the CA asks anything for a name."""

    FREE = "free"
    PAID = "paid"


# --- Their words and marks ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StateMark:
    """How a state is shown: its word, an icon and a tone; `is_working` turns the icon while work is under way."""

    word: str
    icon: str
    tone: Tone = "neutral"
    is_working: bool = False


def _labelled(marks: Mapping[TextChoices, tuple[str, Tone]]) -> dict[StrEnum | TextChoices, StateMark]:
    """Give the marks of states whose word is their label."""
    return {
        state: StateMark(str(state.label), icon, tone, is_working=icon == "arrow-path")
        for state, (icon, tone) in marks.items()
    }


# Of each kind, every member of one enum.
VOCABULARY: dict[str, dict[StrEnum | TextChoices, StateMark]] = {
    "creation": _labelled(
        {
            Subscription.Creation.CREATING: ("arrow-path", "info"),
            Subscription.Creation.CREATED: ("check-circle", "success"),
            Subscription.Creation.FAILED: ("x-circle", "danger"),
        }
    ),
    "subscription": _labelled(
        {
            Subscription.State.CREATING: ("arrow-path", "info"),
            Subscription.State.FAILED: ("x-circle", "danger"),
            Subscription.State.READY: ("check-circle", "info"),
            Subscription.State.RUNNING: ("check-circle", "success"),
            Subscription.State.LAPSED: ("clock", "warning"),
            Subscription.State.SUSPENDED: ("pause-circle", "warning"),
            Subscription.State.DEACTIVATED: ("no-symbol", "danger"),
        }
    ),
    "operation": _labelled(
        {
            Operation.State.QUEUED: ("queue-list", "neutral"),
            Operation.State.SENDING: ("arrow-path", "info"),
            Operation.State.SUCCEEDED: ("check-circle", "success"),
            Operation.State.REFUSED: ("x-circle", "danger"),
            Operation.State.UNKNOWN: ("magnifying-glass", "warning"),
            Operation.State.ATTENTION: ("exclamation-triangle", "warning"),
            Operation.State.CANCELED: ("minus-circle", "neutral"),
        }
    ),
    "name_check": _labelled(
        {
            NameCheck.State.WAITING: ("clock", "info"),
            NameCheck.State.RUNNING: ("arrow-path", "info"),
            NameCheck.State.DONE: ("check-circle", "success"),
            NameCheck.State.GIVEN_UP: ("x-circle", "warning"),
        }
    ),
    "look": {
        Outcome.FINE: StateMark("Fine", "check-circle", "success"),
        Outcome.WARNING: StateMark("Warning", "exclamation-triangle", "warning"),
        Outcome.PROBLEM: StateMark("Problem", "x-circle", "danger"),
        Outcome.UNKNOWN: StateMark("Not known", "information-circle"),
        Outcome.OFF: StateMark("Not looked at", "minus-circle"),
    },
    "replacement": _labelled(
        {
            Replacement.State.ADDING: ("arrow-path", "info"),
            Replacement.State.HELD: ("exclamation-triangle", "warning"),
            Replacement.State.NOT_ADDED: ("x-circle", "danger"),
            Replacement.State.DUE: ("check-circle", "info"),
            Replacement.State.REMOVING: ("arrow-path", "info"),
            Replacement.State.NOT_REMOVED: ("exclamation-triangle", "warning"),
            Replacement.State.DONE: ("check-circle", "success"),
            Replacement.State.CALLED_OFF: ("minus-circle", "neutral"),
        }
    ),
    "quote": _labelled(
        {
            Quote.State.QUEUED: ("queue-list", "neutral"),
            Quote.State.PRICING: ("arrow-path", "info"),
            Quote.State.READY: ("check-circle", "success"),
            Quote.State.REFUSED: ("x-circle", "danger"),
        }
    ),
    "quote_line": _labelled(
        {
            QuoteLine.State.PENDING: ("queue-list", "neutral"),
            QuoteLine.State.PRICED: ("check-circle", "success"),
            QuoteLine.State.COVERED: ("gift", "info"),
            QuoteLine.State.REFUSED: ("x-circle", "danger"),
            QuoteLine.State.LEFT_OUT: ("minus-circle", "neutral"),
        }
    ),
    "quote_age": {
        QuoteAge.VALID: StateMark("Valid", "check-circle", "success"),
        QuoteAge.EXPIRED: StateMark("Expired", "clock", "warning"),
        QuoteAge.CONFIRMED: StateMark("Confirmed", "check-badge", "success"),
    },
    "order": {
        OrderState.RUNNING: StateMark("Under way", "arrow-path", "info", is_working=True),
        OrderState.DONE: StateMark("Done", "check-circle", "success"),
        OrderState.PARTLY: StateMark("Partly done", "exclamation-circle", "warning"),
        OrderState.ATTENTION: StateMark("Needs attention", "exclamation-triangle", "warning"),
        OrderState.REFUSED: StateMark("Refused", "x-circle", "danger"),
        OrderState.STOPPED: StateMark("Stopped", "stop-circle", "danger"),
        OrderState.CANCELED: StateMark("Canceled", "minus-circle"),
    },
    "certificate": {
        CertificateState.CURRENT: StateMark("Current", "check-circle", "success"),
        CertificateState.DUE: StateMark("Renewal due", "clock", "info"),
        CertificateState.LATE: StateMark("Late", "exclamation-triangle", "warning"),
        CertificateState.FAILING: StateMark("Failing", "exclamation-circle", "danger"),
        CertificateState.EXPIRED: StateMark("Expired", "x-circle", "danger"),
        CertificateState.REPLACED: StateMark("Replaced", "arrows-right-left", "warning"),
        CertificateState.REVOKED: StateMark("Revoked", "no-symbol", "danger"),
        CertificateState.NEVER_ISSUED: StateMark("Never issued", "minus-circle"),
    },
    "served": {
        ServedState.IN_USE: StateMark("In use", "check-circle", "success"),
        ServedState.OLD: StateMark("Old one in use", "exclamation-triangle", "warning"),
        ServedState.UNPAID: StateMark("No longer paid for", "exclamation-triangle", "warning"),
        ServedState.NEWER: StateMark("Newer one in use", "arrow-path", "info"),
        ServedState.OTHER: StateMark("Another one in use", "arrows-right-left", "warning"),
        ServedState.OTHER_NAME: StateMark("Not for this name", "x-circle", "danger"),
        ServedState.SELF_SIGNED: StateMark("Self-made", "x-circle", "danger"),
        ServedState.EXPIRED: StateMark("Expired", "x-circle", "danger"),
        ServedState.EARLY: StateMark("Not valid yet", "x-circle", "danger"),
        ServedState.NOTHING: StateMark("No website", "minus-circle"),
        ServedState.UNREACHABLE: StateMark("Not reachable from here", "signal-slash"),
        ServedState.WILDCARD: StateMark("No website", "minus-circle"),
        ServedState.WAITING: StateMark("Not looked at yet", "clock"),
    },
    "acme_account": {
        AcmeAccountStatus.VALID: StateMark("Registered", "check-circle", "success"),
        AcmeAccountStatus.PENDING: StateMark("Not registered", "clock"),
        AcmeAccountStatus.SUSPENDED: StateMark("Suspended", "pause-circle", "warning"),
        AcmeAccountStatus.DEACTIVATED: StateMark("Deactivated", "no-symbol", "danger"),
        AcmeAccountStatus.REVOKED: StateMark("Revoked", "no-symbol", "danger"),
    },
    "unassigned_account": _labelled(
        {
            UnassignedAccount.State.SEEN_ONCE: ("eye", "neutral"),
            UnassignedAccount.State.UNASSIGNED: ("exclamation-triangle", "warning"),
            UnassignedAccount.State.ASSIGNED: ("check-circle", "success"),
            UnassignedAccount.State.NOT_OURS: ("minus-circle", "neutral"),
            UnassignedAccount.State.GONE: ("x-circle", "neutral"),
        }
    ),
    "finding": _labelled(
        {
            Finding.State.SEEN_ONCE: ("eye", "neutral"),
            Finding.State.OPEN: ("exclamation-triangle", "warning"),
            Finding.State.CLOSED: ("check-circle", "success"),
        }
    ),
    "prevalidation": {
        PrevalidationStatus.REQUESTED: StateMark("Requested", "paper-airplane"),
        PrevalidationStatus.IN_VALIDATION: StateMark("In validation", "magnifying-glass", "info"),
        PrevalidationStatus.VALID: StateMark("Valid", "check-circle", "success"),
        PrevalidationStatus.EXPIRING: StateMark("Expiring", "clock", "warning"),
        PrevalidationStatus.LAPSED: StateMark("Lapsed", "x-circle", "danger"),
        PrevalidationStatus.REPLACED: StateMark("Replaced", "arrows-right-left"),
    },
    "request": _labelled(
        {
            CustomerRequest.State.OPEN: ("inbox-arrow-down", "info"),
            CustomerRequest.State.QUOTED: ("receipt-percent", "info"),
            CustomerRequest.State.ORDERED: ("arrow-path", "info"),
            CustomerRequest.State.DONE: ("check-circle", "success"),
            CustomerRequest.State.DECLINED: ("x-circle", "danger"),
            CustomerRequest.State.WITHDRAWN: ("minus-circle", "neutral"),
        }
    ),
    "invitation": _labelled(
        {
            Invitation.State.OPEN: ("envelope", "info"),
            Invitation.State.ACCEPTED: ("check-circle", "success"),
            Invitation.State.EXPIRED: ("clock", "warning"),
            Invitation.State.REVOKED: ("minus-circle", "neutral"),
        }
    ),
    "mail": _labelled(
        {
            Mail.State.QUEUED: ("queue-list", "neutral"),
            Mail.State.SENDING: ("arrow-path", "info"),
            Mail.State.SENT: ("check-circle", "success"),
            Mail.State.PERHAPS_SENT: ("exclamation-triangle", "warning"),
            Mail.State.GIVEN_UP: ("x-circle", "danger"),
            Mail.State.NOT_NEEDED: ("minus-circle", "neutral"),
        }
    ),
    "planned_run": _labelled(
        {
            PlannedRun.State.NEVER: ("minus-circle", "neutral"),
            PlannedRun.State.RUNNING: ("arrow-path", "info"),
            PlannedRun.State.DONE: ("check-circle", "success"),
            PlannedRun.State.FAILED: ("x-circle", "danger"),
            PlannedRun.State.LOST: ("exclamation-triangle", "warning"),
        }
    ),
    "server": {
        ServerState.OFFERED: StateMark("Offered", "check-circle", "success"),
        ServerState.HIDDEN: StateMark("Not offered", "minus-circle"),
        ServerState.GONE: StateMark("No longer listed", "exclamation-triangle", "warning"),
    },
    "gate": {
        Gate.Closed.NOTHING: StateMark("Open", "check-circle", "success"),
        Gate.Closed.CHARGES: StateMark("Charges held", "pause-circle", "warning"),
        Gate.Closed.CHANGES: StateMark("Changes held", "pause-circle", "warning"),
        Gate.Closed.ALL: StateMark("Closed", "no-symbol", "danger"),
    },
    "factor": {
        FactorState.ON: StateMark("On", "check-circle", "success"),
        FactorState.OFF: StateMark("Off", "minus-circle"),
    },
    "price": {
        PriceState.FREE: StateMark("Free", "gift", "success"),
        PriceState.PAID: StateMark("Paid", "credit-card"),
    },
}
_BY_VALUE: dict[str, dict[str, StateMark]] = {
    kind: {str(state): mark for state, mark in marks.items()} for kind, marks in VOCABULARY.items()
}


def mark_of(kind: str, state: object) -> StateMark:
    """Give how `state` of `kind` (a key of VOCABULARY) is shown; a state not in it keeps its own word.

    Raises KeyError for a kind that does not exist.
    """
    value = str(getattr(state, "value", state))
    known = _BY_VALUE[kind]
    return known.get(value) or known.get(value.lower()) or StateMark(value or "Unknown", "question-mark-circle")
