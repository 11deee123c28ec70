"""Django's command, which leaves its trace: whose password is changed by it stands in the audit trail."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword

from accounts.models import User
from accounts.sessions import end_sessions
from accounts.trail import BY_COMMAND, password_given


class Command(changepassword.Command):
    """See the module."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Change a person's password, and write that it was changed; raises CommandError where it was not."""
        said: str | None = super().handle(*args, **options)
        user = User.objects.get_by_natural_key(options["username"] or getpass.getuser())
        password_given(user)
        end_sessions(user, actor=None, reason=BY_COMMAND)
        return said
