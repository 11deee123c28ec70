"""How allauth is bent to the portal."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.internal.flows import did_use_passwordless_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import guessing, outbox
from accounts.addresses import client_address, signed_in_person, user_agent
from accounts.models import User
from accounts.trail import second_factor_asked
from accounts.typed import carry_over

logger = logging.getLogger(__name__)

SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up by themselves: people are invited. Mails go to the outbox.

    And a person has one address, `User.email`: a row of the library's own table of addresses is not taken for another.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "Nobody can sign in with this address at the moment.",
        "email_password_mismatch": "The e-mail address and the password do not belong together. Type both again.",
        "enter_current_password": "Type the password that you have now.",
        "incorrect_code": "This code is not right. Type the one that is shown now.",
        "incorrect_password": "This is not your password. Type it again.",
        "invalid_password_reset": "This link does not work any more. Ask for a new one.",
        "rate_limited": "That was too much at once. Wait a minute.",
    }
    LONGEST_USER_AGENT = 200
    BEGAN_WITH = "sign_in_began_with"  # in the session, while the second step is waited for

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Give False: an invitation is the only way in."""
        return False

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the person's password."""
        return bool(self.authenticate(context.request, email=user.email, password=password) == user)

    def authenticate(self, request: HttpRequest, **credentials: str) -> User | None:
        """Give whose credentials these are; raise ValidationError, unseen, where too many were tried."""
        user = signed_in_person(request)
        attempt = guessing.confirm(request, user) if user else guessing.sign_in(request, credentials.get("email", ""))
        found: User | None = super().authenticate(request, **credentials)
        if found:
            attempt.forgive()
        return found

    def pre_login(self, request: HttpRequest, user: User, **about: Any) -> HttpResponse | None:
        """Note what a sign-in begins with: a second step may take a while, or never come."""
        request.session[self.BEGAN_WITH] = user.get_session_auth_hash()
        carry_over(request, user)
        if is_mfa_enabled(user, SECOND_STEPS) and not did_use_passwordless_login(request, user):
            second_factor_asked(user)
        answer: HttpResponse | None = super().pre_login(request, user, **about)
        return answer

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in; whose password or address is another by now, or who was signed out everywhere, begins anew."""
        if request.session.pop(self.BEGAN_WITH, "") != user.get_session_auth_hash():
            clear_login(request)
            messages.info(request, "What you sign in with was changed meanwhile. Sign in again.")
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def is_safe_url(self, url: str) -> bool:
        """Whether people are led on to `url`: a path of the portal's own only, no address, whatever host it names."""
        own = url.startswith("/") and url.isprintable() and "\\" not in url
        return own and url_has_allowed_host_and_scheme(url, allowed_hosts=None, require_https=True)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person what changed about the sign-in, from where and by which browser."""
        device = {
            "ip": client_address(self.request) or "",
            "user_agent": user_agent(self.request)[: self.LONGEST_USER_AGENT],
        }
        self.send_mail(template_prefix, email or user.email, {"user": user, "facts": device})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write one of the library's mails to the outbox, under the last part of its template's name.

        Of `context` only what `send_notification_mail` gives is kept: what the library gives may hold a link.
        """
        name = template_prefix.rpartition("/")[2]
        try:
            outbox.queue(name, address=email, person=context.get("user"), facts=context.get("facts"))
        except outbox.TooManyMailsError as error:
            logger.warning("A mail was not written: %s", error)
