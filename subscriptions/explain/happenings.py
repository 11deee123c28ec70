"""The words of the audit trail: for each type of happening what is said of it, and which of its details."""

from enum import StrEnum

from accounts.happenings import Happening as OfPeople
from accounts.models import AuditEvent
from subscriptions.happenings import Happening

WORDS: dict[StrEnum, str] = {
    OfPeople.CUSTOMER_CREATED: "Customer added",
    OfPeople.CUSTOMER_CHANGED: "Customer changed",
    OfPeople.MEMBERSHIP_ADDED: "Person added in Django admin",
    OfPeople.MEMBERSHIP_CHANGED: "Person’s role changed",
    OfPeople.MEMBERSHIP_REMOVED: "Person removed",
    OfPeople.INVITATION_CREATED: "Invited",
    OfPeople.INVITATION_REVOKED: "Invitation withdrawn",
    OfPeople.INVITATION_ACCEPTED: "Invitation accepted",
    OfPeople.FACTOR_REMOVED: "Second factor removed in Django admin",
    Happening.SUBSCRIPTION_CREATED: "ACME account ordered",
    Happening.SUBSCRIPTION_HANDED_OVER: "Handed over",
    Happening.REMOVAL_CONFIRMED: "Removal of a name confirmed",
    Happening.ACCOUNT_ASSIGNED: "ACME account assigned",
    Happening.ACCOUNT_NOT_OURS: "ACME account marked as not ours",
    Happening.FINDING_CLOSED: "Finding closed",
    Happening.TERM_DIFFERS: "The CA’s expiry does not fit the term",
    Happening.KEY_REVEALED: "EAB HMAC key revealed",
    Happening.QUOTE_REQUESTED: "Quote asked for",
    Happening.ORDER_CONFIRMED: "Order confirmed",
    Happening.OPERATION_CANCELED: "Operation canceled",
    Happening.OPERATION_TAKEN: "Operation taken over for a decision",
    Happening.OPERATION_SETTLED: "Operation settled",
    Happening.PREVALIDATION_CREATED: "Pre-validation recorded",
    Happening.PREVALIDATION_CHANGED: "Pre-validation changed",
    Happening.GATE_CLOSED: "Connection to the CA closed",
    Happening.GATE_REOPENED: "Connection to the CA reopened",
    Happening.SERVERS_REQUESTED: "ACME servers asked for",
}
# Which of the details an event was written with is said after the words.
_DETAIL: dict[StrEnum, str] = {
    OfPeople.MEMBERSHIP_ADDED: "email",
    OfPeople.MEMBERSHIP_CHANGED: "email",
    OfPeople.MEMBERSHIP_REMOVED: "email",
    OfPeople.INVITATION_CREATED: "email",
    OfPeople.FACTOR_REMOVED: "email",
    Happening.SUBSCRIPTION_CREATED: "server",
    Happening.ACCOUNT_ASSIGNED: "eab_key_id",
    Happening.ACCOUNT_NOT_OURS: "eab_key_id",
    Happening.FINDING_CLOSED: "sort",
    Happening.OPERATION_CANCELED: "reason",
    Happening.OPERATION_TAKEN: "reason",
    Happening.OPERATION_SETTLED: "reason",
    Happening.PREVALIDATION_CREATED: "ov_anchor_order_number",
    Happening.GATE_CLOSED: "reason",
}
_KNOWN: dict[str, StrEnum] = {happening.value: happening for happening in WORDS}

# What tells that somebody has seen an EAB HMAC key.
SHOWED_THE_KEY = frozenset({Happening.KEY_REVEALED})


def sentence(event: AuditEvent) -> str:
    """Say what happened; an event of a version that knew more types is told by its own text."""
    happening = _KNOWN.get(event.action)
    if happening is None:
        return event.action.replace(".", " ").replace("_", " ").capitalize()
    detail = event.detail.get(_DETAIL.get(happening, ""), "")
    return f"{WORDS[happening]}: {detail}" if detail else WORDS[happening]
