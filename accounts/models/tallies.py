"""How often something was refused of late: what tells whether the audit trail has to hear of it once more."""

from django.db import models


class Tally(models.Model):
    """A number that grows within a day, and what it counts, as a digest."""

    key = models.CharField(max_length=64, unique=True, editable=False)
    since = models.DateTimeField(db_index=True, editable=False)
    number = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.number} since {self.since:%Y-%m-%d %H:%M}"
