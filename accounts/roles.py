"""Who may do what: the one table of roles and permissions.

A reseller's role holds for every customer; a customer's role holds for that customer only.
"""

from django.db import models


class ResellerRole(models.TextChoices):
    """The role of a member of the reseller's staff."""

    ADMIN = "reseller_admin", "Reseller admin"
    OPERATOR = "operator", "Operator"
    AUDITOR = "auditor", "Auditor (read only)"


class CustomerRole(models.TextChoices):
    """The role of a person within one customer."""

    OWNER = "owner", "Owner"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"


class Permission(models.TextChoices):
    """One thing a role may do."""

    READ_STAFF_PAGES = "read_staff_pages"
    WRITE_CUSTOMERS = "write_customers"
    BUY = "buy"  # create ACME accounts, quote, confirm, cancel, suspend, reinstate
    WRITE_PREVALIDATIONS = "write_prevalidations"
    SETTLE = "settle"  # settle `attention`, reopen the gate, assign and deactivate ACME accounts, close findings
    READ_COSTS = "read_costs"
    READ_ACTIVITY = "read_activity"  # the audit trail as a whole
    REVEAL_KEY = "reveal_key"  # EAB HMAC key
    SEE_ADDRESSES = "see_addresses"  # from which the customer's ACME clients come
    ASK = "ask"  # the provider for names, an extension or a removal
    INVITE_MEMBERS = "invite_members"
    END_SESSIONS = "end_sessions"  # of other people
    CHANGE_SETTINGS = "change_settings"  # of the portal as a whole
    MANAGE_STAFF = "manage_staff"  # the reseller's own people


P = Permission

RESELLER_PERMISSIONS: dict[str, frozenset[Permission]] = {
    ResellerRole.ADMIN: frozenset(P),
    ResellerRole.OPERATOR: frozenset(P)
    - {P.SETTLE, P.END_SESSIONS, P.READ_ACTIVITY, P.CHANGE_SETTINGS, P.MANAGE_STAFF},
    ResellerRole.AUDITOR: frozenset({P.READ_STAFF_PAGES, P.READ_COSTS, P.READ_ACTIVITY, P.SEE_ADDRESSES}),
}

CUSTOMER_PERMISSIONS: dict[str, frozenset[Permission]] = {
    CustomerRole.OWNER: frozenset({P.REVEAL_KEY, P.SEE_ADDRESSES, P.ASK, P.INVITE_MEMBERS}),
    CustomerRole.MEMBER: frozenset({P.REVEAL_KEY, P.SEE_ADDRESSES, P.ASK}),
    CustomerRole.VIEWER: frozenset(),
}
# The roles at the reseller that manage its people.
MANAGING_ROLES = [role for role, permissions in RESELLER_PERMISSIONS.items() if P.MANAGE_STAFF in permissions]
INVITING_ROLES = [role for role, permissions in CUSTOMER_PERMISSIONS.items() if P.INVITE_MEMBERS in permissions]
