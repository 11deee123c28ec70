"""allauth's forms in which something can be guessed or asked for: each try is counted before it is looked at.

An e-mail address is read in its one writing.
"""

import logging
from typing import Any

from allauth.account.forms import ChangePasswordForm as LibraryChangePasswordForm
from allauth.account.forms import LoginForm, ResetPasswordForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.http import HttpRequest

from accounts import guessing, outbox, trail
from accounts.fields import AddressFormField

logger = logging.getLogger(__name__)


def _address_field(field: forms.Field) -> AddressFormField:
    """Give the field of an address in the place of allauth's."""
    return AddressFormField(widget=field.widget)


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password; the adapter counts the try."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = _address_field(self.fields["login"])


class ResetForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """The address of a person who is to get a link to choose a new password.

    Whose address it is, is looked up by the worker that writes the mail: here all addresses take the same way, and
    nobody learns from the answer or its time who can sign in.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = _address_field(self.fields["email"])

    def clean_email(self) -> str:
        """Give the address, whoever has it; raise ValidationError where too many mails were asked for."""
        email = str(self.cleaned_data["email"])
        guessing.reset(context.request, email)
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Write the mail to the outbox; one too many today is passed over in silence, as whoever asks is not known."""
        address = str(self.cleaned_data["email"])
        trail.reset_requested(address)
        try:
            outbox.queue("reset_requested", address=address)
        except outbox.TooManyMailsError as error:
            logger.warning("A mail was not written: %s", error)
        return address


class CodeForm(AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code at sign-in."""

    def clean_code(self) -> str:
        """Give the code; raise ValidationError for a wrong one, and where too many were tried."""
        with guessing.code(context.request, self.user):
            return str(super().clean_code())


class ConfirmCodeForm(ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code with which a person signed in shows who it is."""

    def clean_code(self) -> str:
        """Give the code; raise ValidationError for a wrong one, and where too many were tried."""
        with guessing.confirm(context.request, self.user):
            return str(super().clean_code())


class ChangePasswordForm(LibraryChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """A new password; the old one shows who it is."""

    def clean_oldpassword(self) -> str:
        """Give the old password; raise ValidationError for a wrong one, and where too many were tried."""
        with guessing.confirm(context.request, self.user):
            return str(super().clean_oldpassword())
