"""An ACME account at the CA belongs to no subscription."""

from typing import ClassVar

from accounts.roles import Permission
from subscriptions.notices.tasks_of_staff import TaskNotice


class AccountUnassignedNotice(TaskNotice):
    """For those who decide whose it is."""

    name = "account_unassigned"
    label = "Unassigned ACME account"
    permission: ClassVar[Permission] = Permission.SETTLE
    task = "unassigned"
    since = "first_seen_at"
    says = "The ACME account with the key ID {} belongs to no subscription"
