"""What the link of a reset mail is good for."""

from typing import TYPE_CHECKING

from django.contrib.auth.tokens import PasswordResetTokenGenerator

if TYPE_CHECKING:
    from accounts.models import User


class ResetTokenGenerator(PasswordResetTokenGenerator):
    """Django's: a token ends with the password, the address, a sign-in and an hour. And with the sessions.

    Who is signed out everywhere or made inactive gets in by no link of before, not even when active again.
    """

    def _make_hash_value(self, user: "User", timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.sign_in_epoch}"
