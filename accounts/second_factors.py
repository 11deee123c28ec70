"""How second factors are kept: their secrets are encrypted at rest like every other secret of the portal."""

from allauth.mfa.adapter import DefaultMFAAdapter

from portal import crypto


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Encrypts the secrets of authenticator apps and recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right. Type the one that is shown now.",
    }

    def encrypt(self, text: str) -> str:
        """Give `text` encrypted with the first of ENCRYPTION_KEYS."""
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Give the text behind `encrypted_text`."""
        return crypto.decrypt(encrypted_text)
