"""What a notice to staff and a task of the dashboard share: the rows, and what they mean, stand once, in the task."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone

from accounts.models import Matter, User
from accounts.told_notices import Audience, Link, MatterFound, ToldNotice
from accounts.validators import without_links
from subscriptions.notices.of_subscriptions import BATCH
from subscriptions.selectors.task_sorts import TaskSort, sort_named


class TaskNotice(ToldNotice):
    """Each row that a task of the dashboard counts, told once."""

    audience: ClassVar[Audience] = Audience.STAFF
    task: ClassVar[str]  # the name of the task
    since: ClassVar[str] = ""  # the field that says since when a row is so
    says: ClassVar[str] = "{}"  # of the row's name
    is_solution_news: ClassVar[bool] = True

    @property
    def sort(self) -> TaskSort:
        """The task of the dashboard."""
        return sort_named(self.task)

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give what the task counts now."""
        for row in self.sort.rows(now).order_by("pk").iterator(BATCH):
            yield MatterFound(
                key=str(row.code),
                began_at=(getattr(row, self.since) if self.since else None) or now,
                customer_id=self.customer_of(row),
                about_kind=str(row._meta.model_name),
                about_code=row.code,
                about_name=self.name_of(row),
                facts=self.facts_of(row),
            )

    def customer_of(self, row: Any) -> int | None:
        """Give the key of the customer that a row belongs to, for the reader's orientation."""
        return None

    def name_of(self, row: Any) -> str:
        """Give what a row is called."""
        return str(row)

    def facts_of(self, row: Any) -> dict[str, str]:
        """Give what the words need besides."""
        return {}

    def is_still_so(self, matter: Matter) -> bool:
        """Whether the task counts the row now."""
        return self.sort.rows(timezone.now()).filter(code__in=[matter.about_code]).exists()

    def says_solved(self, matter: Matter) -> bool:
        """Whether its end is somebody's doing, and not only the end of a span."""
        return self.is_solution_news

    def title(self, matter: Matter) -> str:
        """Say what is so of which row."""
        return self.says.format(without_links(matter.about_name))

    def text(self, matter: Matter) -> str:
        """Say what it means, in the task's words."""
        return self.sort.text()

    def link(self, matter: Matter, person: User | None) -> Link:
        """Give the row's page, or the one that shows all."""
        if self.sort.page:
            return Link(f"subscriptions:{self.sort.page}")
        return Link(f"subscriptions:{self.sort.of}-detail", (matter.about_code,))
