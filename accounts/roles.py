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
    BUY = "buy"  # create ACME accounts, quote, confirm, cancel
    WRITE_PREVALIDATIONS = "write_prevalidations"
    SETTLE = "settle"  # settle `attention`, reopen the gate, assign ACME accounts, close findings
    READ_COSTS = "read_costs"
    REVEAL_KEY = "reveal_key"  # EAB HMAC key
    INVITE_MEMBERS = "invite_members"


P = Permission

RESELLER_PERMISSIONS: dict[str, frozenset[Permission]] = {
    ResellerRole.ADMIN: frozenset(P),
    ResellerRole.OPERATOR: frozenset(P) - {P.SETTLE},
    ResellerRole.AUDITOR: frozenset({P.READ_STAFF_PAGES, P.READ_COSTS}),
}

CUSTOMER_PERMISSIONS: dict[str, frozenset[Permission]] = {
    CustomerRole.OWNER: frozenset({P.REVEAL_KEY, P.INVITE_MEMBERS}),
    CustomerRole.MEMBER: frozenset({P.REVEAL_KEY}),
    CustomerRole.VIEWER: frozenset(),
}
