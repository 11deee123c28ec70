"""Texts that only the portal itself reads again: encrypted with a key that comes from SECRET_KEY."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.crypto import salted_hmac


@cache
def _fernet(purpose: str, secret_key: str) -> Fernet:
    digest = salted_hmac(purpose, "", secret=secret_key, algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(digest))


def seal(text: str, *, purpose: str) -> str:
    """Give a text encrypted; what is sealed for one purpose is not read for another."""
    return _fernet(purpose, settings.SECRET_KEY).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str, max_age: timedelta | None = None) -> str | None:
    """Give the text; None where it was not sealed here, for another purpose, or longer ago than `max_age`."""
    seconds = None if max_age is None else int(max_age.total_seconds())
    try:
        return _fernet(purpose, settings.SECRET_KEY).decrypt(sealed, ttl=seconds).decode()
    except (InvalidToken, UnicodeError):
        return None
