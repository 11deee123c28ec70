"""The types of happenings about people that the audit trail keeps. `subscriptions/happenings.py` has the others."""

from enum import StrEnum


class Happening(StrEnum):
    """What happened: the values are stored, and stay as they are. Their words stand in `explain/happenings.py`."""

    CUSTOMER_CREATED = "customer.created"
    CUSTOMER_CHANGED = "customer.changed"
    MEMBERSHIP_ADDED = "membership.added"
    MEMBERSHIP_CHANGED = "membership.changed"
    MEMBERSHIP_REMOVED = "membership.removed"
    INVITATION_CREATED = "invitation.created"
    INVITATION_REVOKED = "invitation.revoked"
    INVITATION_ACCEPTED = "invitation.accepted"
    FACTOR_REMOVED = "factor.removed"
