"""The types of happenings about what is sold that the audit trail keeps. `accounts/happenings.py` has the others."""

from enum import StrEnum


class Happening(StrEnum):
    """What happened: the values are stored, and stay as they are. Their words stand in `explain/happenings.py`."""

    SUBSCRIPTION_CREATED = "subscription.created"
    SUBSCRIPTION_HANDED_OVER = "subscription.handed_over"
    TERM_DIFFERS = "subscription.term_differs"
    KEY_REVEALED = "key.revealed"
    QUOTE_REQUESTED = "quote.requested"
    ORDER_CONFIRMED = "order.confirmed"
    REMOVAL_CONFIRMED = "name.removal_confirmed"
    ACCOUNT_ASSIGNED = "account.assigned"
    ACCOUNT_NOT_OURS = "account.not_ours"
    FINDING_CLOSED = "finding.closed"
    OPERATION_CANCELED = "operation.canceled"
    OPERATION_TAKEN = "operation.taken"
    OPERATION_SETTLED = "operation.settled"
    PREVALIDATION_CREATED = "prevalidation.created"
    PREVALIDATION_CHANGED = "prevalidation.changed"
    GATE_CLOSED = "gate.closed"
    GATE_REOPENED = "gate.reopened"
    SERVERS_REQUESTED = "servers.requested"
