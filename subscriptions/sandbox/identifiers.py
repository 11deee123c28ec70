"""Identifiers and keys: random Base64url text, as the service gives out."""

import secrets


def new_identifier(size: int) -> str:
    """So many random bytes in Base64url without padding.

    Never with a dash in front: half of all command lines would read it as an option, and tests would fail by chance.
    """
    while (text := secrets.token_urlsafe(size)).startswith("-"):
        continue
    return text
