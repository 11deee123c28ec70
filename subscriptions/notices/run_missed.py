"""Something that runs by itself did not."""

from typing import Any, ClassVar

from django.utils import timezone

from accounts.models import Matter
from subscriptions.explain.schedule import away
from subscriptions.notices.tasks_of_staff import TaskNotice
from subscriptions.selectors.schedule import missed_runs


class RunMissedNotice(TaskNotice):
    """Told at once: what it does is not done meanwhile."""

    name = "run_missed"
    label = "Planned task did not run"
    is_urgent: ClassVar[bool] = True
    task = "missed-runs"
    since = "missed_at"
    says = "“{}” did not run"

    def name_of(self, row: Any) -> str:
        """Give what the schedule calls it."""
        return str(row.planned.label)

    def text(self, matter: Matter) -> str:
        """Say which process to look at."""
        return away(row.planned for row in missed_runs(timezone.now())) or super().text(matter)

    def solved_title(self, matter: Matter) -> str:
        """Say that it runs again."""
        return f"Solved: “{matter.about_name}” runs again"
