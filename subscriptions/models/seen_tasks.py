"""What each person has marked as seen among the dashboard's tasks."""

from django.db import models
from django.utils import timezone

from accounts.models import User


class SeenTask(models.Model):
    """A task of the dashboard that a person has marked as seen, with what it counted then."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="seen_tasks")
    task = models.CharField(max_length=40)
    facts = models.JSONField(default=dict, help_text="What it counted: each row's key, and how that row was.")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-seen_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "task"], name="task_seen_once")]

    def __str__(self) -> str:
        return f"{self.task}, seen by {self.user}"
