"""Encryption of secrets at rest: Fernet with key rotation. The first key encrypts, every key decrypts."""

from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class DecryptionError(Exception):
    """A stored secret cannot be read with any of the ENCRYPTION_KEYS."""


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("ENCRYPTION_KEYS is empty: no secret can be stored or read.")
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """Give `text` encrypted with the first of ENCRYPTION_KEYS, as printable text."""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Give the text behind `token`; raise DecryptionError where no key fits."""
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise DecryptionError("A stored secret cannot be decrypted with ENCRYPTION_KEYS.") from error
