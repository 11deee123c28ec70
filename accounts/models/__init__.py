"""People: users, the customers they belong to, invitations, and what they did."""

from accounts.models.append_only import AppendOnly, AppendOnlyError
from accounts.models.audit import AuditEvent
from accounts.models.customers import Customer, Invitation, Membership
from accounts.models.users import User

__all__ = ["AppendOnly", "AppendOnlyError", "AuditEvent", "Customer", "Invitation", "Membership", "User"]
