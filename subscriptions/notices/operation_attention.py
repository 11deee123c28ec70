"""An operation waits for a decision."""

from typing import Any, ClassVar

from accounts.told_notices import Topic
from subscriptions.notices.tasks_of_staff import TaskNotice


class OperationAttentionNotice(TaskNotice):
    """Money may have moved: told at once."""

    name = "operation_attention"
    label = "Operation needs attention"
    topic: ClassVar[Topic] = Topic.MONEY
    is_urgent: ClassVar[bool] = True
    task = "attention"
    says = "Needs attention: {}"

    def customer_of(self, row: Any) -> int:
        """Give the customer whose operation it is."""
        return int(row.subscription.customer_id)
