"""People: users, the customers they belong to, invitations, and what they did."""

from accounts.models.audit import AuditEvent
from accounts.models.customers import Customer, Invitation, Membership
from accounts.models.users import User

__all__ = ["AuditEvent", "Customer", "Invitation", "Membership", "User"]
