"""How allauth is bent to the portal."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up by themselves: people are invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Give False: an invitation is the only way in."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Give the link of a reset mail at PORTAL_URL: whoever asks for it does not choose where it leads."""
        # The key is "<user>-<token>", as allauth makes it.
        user, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": user, "key": token})
        return f"{settings.PORTAL_URL.rstrip('/')}{path}"
