"""The CA and the ledger differ, as two readings have shown."""

from typing import Any, ClassVar

from accounts.told_notices import Topic
from subscriptions.notices.tasks_of_staff import TaskNotice


class FindingOpenedNotice(TaskNotice):
    """About money: told at once."""

    name = "finding_opened"
    label = "Finding about what the CA charged or lists"
    topic: ClassVar[Topic] = Topic.MONEY
    is_urgent: ClassVar[bool] = True
    task = "findings"
    since = "opened_at"
    says = "Finding: {}"

    def customer_of(self, row: Any) -> int:
        """Give the customer whose ledger it is."""
        return int(row.binding.subscription.customer_id)

    def name_of(self, row: Any) -> str:
        """Give its sort, and the subscription it is about."""
        return f"{row.get_sort_display()} – {row.binding.subscription}"
