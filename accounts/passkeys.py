"""The sign-in library's forms that take a passkey. It tells of a code that is wrong, but not of a passkey."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms
from django.core.exceptions import ValidationError
from django.forms import HiddenInput, JSONField
from django.forms.fields import InvalidJSONInput

from accounts import trail

# What the library makes of a passkey that is wrong, and of an answer that no browser gives.
_NOT_TAKEN = (ValidationError, KeyError, TypeError, ValueError, AttributeError)


class CredentialField(JSONField):
    """What a browser says of a passkey."""

    widget = HiddenInput

    def to_python(self, value: Any) -> Any:
        """Give it; raise ValidationError for what is no JSON, however deep it is nested."""
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": ""}) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Give what the field shows again."""
        try:
            return super().bound_data(data, initial)
        except RecursionError:
            return InvalidJSONInput()


class _Told:
    """Has a refused passkey written into the audit trail."""

    user: Any

    def clean_credential(self) -> Any:
        """Give the passkey; raise ValidationError for one that is not taken."""
        try:
            return super().clean_credential()  # type: ignore[misc]  # of the library's form
        except _NOT_TAKEN as error:
            trail.passkey_refused(self.user)
            raise get_adapter().validation_error("incorrect_code") from error


class SignInForm(_Told, forms.LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A sign-in by passkey alone."""

    credential = CredentialField()


class SecondStepForm(_Told, forms.AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey after the password."""

    credential = CredentialField()


class AskedAgainForm(_Told, forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey where somebody signed in is asked again."""

    credential = CredentialField()


class AddForm(forms.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey that is added."""

    credential = CredentialField()
