"""The outbox: every mail is a row before it is sent, and stays one afterwards.

A row never holds what is written in the mail, so that no link that lets somebody in is ever stored: the text is made
anew each time it is sent.
"""

import uuid
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.fields import AddressField
from accounts.models.users import User


class Mail(models.Model):
    """One mail to one address and what became of it: written by `accounts/outbox.py`, sent by `accounts/sending.py`."""

    ABOUT_LENGTH = 300
    ANSWER_LENGTH = 500
    GIVE_UP_AFTER = timedelta(days=3)

    class State(models.TextChoices):
        """Where it is. From `perhaps_sent` on nothing happens by itself."""

        QUEUED = "queued", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        PERHAPS_SENT = "perhaps_sent", "Perhaps sent"
        GIVEN_UP = "given_up", "Not sent"
        NOT_NEEDED = "not_needed", "No longer needed"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    notice = models.CharField(max_length=50)  # the name under which `accounts/notices.py` knows what to write
    person = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    address = AddressField("e-mail address")
    about_kind = models.CharField(max_length=30, blank=True)
    about_code = models.UUIDField(null=True)
    about_name = models.CharField(max_length=ABOUT_LENGTH, blank=True)
    facts = models.JSONField(default=dict)  # what was the case when it was written; never a secret
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    claim = models.UUIDField(null=True)  # of the worker that is sending it
    leased_until = models.DateTimeField(null=True)
    body_at = models.DateTimeField(null=True)  # from here on the server may have taken it, whatever it answers
    ended_at = models.DateTimeField(null=True)
    answer = models.CharField("the server’s words", max_length=ANSWER_LENGTH, blank=True)
    again_of = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="again")

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["not_before"], name="mail_due", condition=Q(state="queued")),
            models.Index(fields=["leased_until"], name="mail_leased", condition=Q(state="sending")),
            models.Index(fields=["state", "-id"], name="mail_of_state"),
            models.Index(fields=["notice", "-id"], name="mail_of_notice"),
            models.Index(fields=["address", "-id"], name="mail_to_address"),
        ]

    def __str__(self) -> str:
        return f"{self.notice} to {self.address}"

    @property
    def wanted_at(self) -> datetime:
        """When it was written first: what is sent again tells of then."""
        return self.again_of.wanted_at if self.again_of else self.created_at

    @property
    def message_id(self) -> str:
        """The Message-ID, the same at every try."""
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
        return f"<{self.code}@{domain}>"
