"""A name was removed whose price the CA gives back, and no refund is listed."""

from typing import Any, ClassVar

from accounts.told_notices import Topic
from subscriptions.notices.tasks_of_staff import TaskNotice


class RefundNotSeenNotice(TaskNotice):
    """About money, in the digest: the CA may list it later."""

    name = "refund_not_seen"
    label = "Refund not seen"
    topic: ClassVar[Topic] = Topic.MONEY
    task = "refunds-not-seen"
    since = "finished_at"
    says = "No refund is listed: {}"
    is_solution_news = False

    def customer_of(self, row: Any) -> int:
        """Give the customer whose name it is."""
        return int(row.subscription.customer_id)
