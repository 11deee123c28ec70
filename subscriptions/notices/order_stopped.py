"""An order was stopped before its last line."""

from typing import Any, ClassVar

from accounts.models import Matter
from accounts.told_notices import Topic
from subscriptions.notices.tasks_of_staff import TaskNotice


class OrderStoppedNotice(TaskNotice):
    """Told at once: a customer waits for the rest. That a week has passed is no solution."""

    name = "order_stopped"
    label = "Order was stopped"
    topic: ClassVar[Topic] = Topic.MONEY
    is_urgent: ClassVar[bool] = True
    task = "stopped"
    since = "stopped_at"
    says = "{} was stopped"
    is_solution_news = False

    def customer_of(self, row: Any) -> int | None:
        """Give the customer of what it ordered."""
        first = row.operations.select_related("subscription").order_by("pk").first()
        return None if first is None else int(first.subscription.customer_id)

    def facts_of(self, row: Any) -> dict[str, str]:
        """Give why it was stopped."""
        return {"why": row.stop_reason}

    def text(self, matter: Matter) -> str:
        """Say why, and what the task says."""
        return f"{matter.facts.get('why', '')} {super().text(matter)}".strip()
