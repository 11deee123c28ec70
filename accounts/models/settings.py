"""Settings that people change in the portal. The environment has the others."""

from django.db import models


class Setting(models.Model):
    """A setting by its name. One that was never set has no row."""

    name = models.CharField(max_length=60, unique=True, editable=False)
    value = models.CharField(max_length=200, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
