"""What the portal tells people by itself: each matter once, to each person who is to know.

A row holds what was the case and never a text: titles and sentences are made anew, for a mail when it is sent and for
a page when it is shown. How the rows are written stands in `accounts/telling.py`.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.fields import AddressField
from accounts.models.customers import Customer
from accounts.models.outbox import Mail
from accounts.models.users import User


class Matter(models.Model):
    """Something that is told once: an event, or a state for as long as it lasts.

    A state stands in one row until it has been solved for a while and that was said; then it is *closed*, and the same
    thing again is a new row. An event is closed as soon as it is known who is to be told.
    """

    KEY_LENGTH = 200
    ABOUT_LENGTH = 300

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    notice = models.CharField(max_length=50)  # the name under which `accounts/told_notices.py` knows its words
    key = models.CharField(max_length=KEY_LENGTH)  # of what it is: the same thing has the same key at every look
    is_event = models.BooleanField(default=False)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")  # where it is for one only
    subscription_code = models.UUIDField(null=True)  # whoever does not see that does not see this
    about_kind = models.CharField(max_length=30, blank=True)
    about_code = models.UUIDField(null=True)
    about_name = models.CharField(max_length=ABOUT_LENGTH, blank=True)
    facts = models.JSONField(default=dict)  # what its words need and no row tells; never a secret
    began_at = models.DateTimeField()
    opened_at = models.DateTimeField(default=timezone.now)  # when it was noticed
    spread_at = models.DateTimeField(null=True)  # when it was last looked who is to be told
    told_at = models.DateTimeField(null=True)  # when a mail first told it
    solved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "key"], condition=Q(is_event=False, closed_at=None), name="matter_once_while_it_lasts"
            ),
            models.UniqueConstraint(fields=["notice", "key"], condition=Q(is_event=True), name="matter_once_an_event"),
        ]
        indexes = [
            models.Index(fields=["spread_at"], condition=Q(closed_at=None), name="matter_to_spread"),
            models.Index(
                fields=["solved_at"], condition=Q(closed_at=None, solved_at__isnull=False), name="matter_to_close"
            ),
            models.Index(fields=["notice", "key", "-told_at"], name="matter_of_key"),
            models.Index(fields=["closed_at"], name="matter_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.notice}: {self.about_name or self.key}"


class Telling(models.Model):
    """One matter for one reader: a person, or a customer's role address where there is no person.

    It *waits* for a mail while `due_at` is set. A solution is told by a row of its own, to those only who were told.
    """

    class How(models.TextChoices):
        """How the reader is told, besides the portal's own pages."""

        AT_ONCE = "at_once", "At once"
        DIGEST = "digest", "In the daily digest"
        BELL = "bell", "In the portal only"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="tellings")
    person = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    address = AddressField("role address", blank=True)  # where there is no person
    is_solution = models.BooleanField(default=False)
    how = models.CharField(max_length=10, choices=How)
    due_at = models.DateTimeField(null=True)
    mail = models.ForeignKey(Mail, null=True, on_delete=models.SET_NULL, related_name="tellings")
    told_at = models.DateTimeField(null=True)  # when the mail's text was last written with it
    is_new = models.BooleanField(default=True)  # counted at the bell
    read_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "person", "is_solution"],
                condition=Q(person__isnull=False),
                name="telling_once_a_person",
            ),
            models.UniqueConstraint(
                fields=["matter", "address", "is_solution"],
                condition=Q(person=None),
                name="telling_once_an_address",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="telling_due"),
            models.Index(fields=["person"], condition=Q(is_new=True, is_solution=False), name="telling_new"),
            models.Index(fields=["person", "-id"], condition=Q(is_solution=False), name="telling_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.matter} to {self.person or self.address}"


class NoticeChoice(models.Model):
    """How a person wants to be told of one customer's matters; without a customer, of those for the staff."""

    class How(models.TextChoices):
        """What somebody can choose. Without a row it is the first."""

        BY_URGENCY = "by_urgency", "Urgent ones at once, the others in one mail a day"
        AT_ONCE = "at_once", "All at once"
        DIGEST = "digest", "All in one mail a day"
        NEVER = "never", "No mails"

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_choices")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="+")
    how = models.CharField(max_length=10, choices=How, default=How.BY_URGENCY)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "customer"], name="notice_choice_once_a_customer"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(customer=None), name="notice_choice_once_for_the_staff"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_how_display()}"


class NoticeCursor(models.Model):
    """Up to when the events of a notice have been looked at: however long no worker ran, nothing is left out."""

    notice = models.CharField(max_length=50, unique=True)
    looked_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.notice} until {self.looked_until:%Y-%m-%d %H:%M}"
