"""What slows guessing down: what was tried lately, and the browsers that people have signed in with."""

from django.db import models
from django.utils import timezone

from accounts.models.users import User


class Throttle(models.Model):
    """What was tried lately of one kind, from one address, at one account or in one browser.

    Each try moves `free_at` on by the time that it takes to be forgotten: once that is past, nothing is left of them.
    """

    key = models.CharField(max_length=100, unique=True, editable=False)  # the kind and a digest: no address stands here
    free_at = models.DateTimeField(db_index=True, editable=False)
    told_at = models.DateTimeField(null=True, editable=False)  # last, in the audit trail, that tries are refused

    def __str__(self) -> str:
        return self.key


class KnownDevice(models.Model):
    """A browser with which a person has signed in. Its cookie's token is kept as a digest, and new at each sign-in."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_devices", editable=False)
    token_digest = models.CharField(max_length=64, db_index=True, editable=False)
    signed_in_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "token_digest"], name="known_device_once")]

    def __str__(self) -> str:
        return f"A browser of {self.user}"
