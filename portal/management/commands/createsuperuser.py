"""Django's command, which leaves its trace: whoever is made by it stands in the audit trail."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from accounts.models import User
from accounts.trail import superuser_made


class Command(createsuperuser.Command):
    """See the module."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Make a superuser, and write that it was."""
        newest = User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        super().handle(*args, **options)
        for user in User.objects.filter(pk__gt=newest, is_superuser=True):
            superuser_made(user)
