"""Whether the ENCRYPTION_KEYS given are those that the stored secrets were encrypted with."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.db.models import F, QuerySet

from portal.crypto import DecryptionError, decrypt
from portal.fields import EncryptedText, EncryptedTextField

logger = logging.getLogger(__name__)

UNREADABLE = "Stored secrets cannot be decrypted with the ENCRYPTION_KEYS given"
HINT = "Add the former key to them, after a comma: till then no such secret can be revealed or used at sign-in."
IN_DATA = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def unreadable_secrets() -> list[str]:
    """Give the kinds of stored secrets of which one cannot be decrypted; raise DatabaseError where none can be read.

    The oldest and the newest of each kind are tried: a key that was replaced takes the first, a wrong one both.
    """
    if not settings.ENCRYPTION_KEYS:
        return []  # this process has none, and decrypts nothing
    return [kind for kind, tokens in _samples() if not all(_is_readable(token) for token in tokens)]


def _samples() -> Iterator[tuple[str, list[str]]]:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, EncryptedTextField):
                found = _both_ends(model._base_manager.values_list(field.name, flat=True))
                yield str(field.verbose_name), [one.token for one in found if isinstance(one, EncryptedText)]
    for kind, name in IN_DATA.items():
        rows = Authenticator.objects.filter(type=kind).values_list(F(f"data__{name}"), flat=True)
        yield str(kind.label), [token for token in _both_ends(rows) if isinstance(token, str)]


def _both_ends(rows: QuerySet[Any, Any]) -> list[object]:
    return [*rows.order_by("pk")[:1], *rows.order_by("-pk")[:1]]


def _is_readable(token: str) -> bool:
    try:
        decrypt(token)
    except DecryptionError:
        return False
    return True


@checks.register(checks.Tags.database)
def check_stored_secrets(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Warn of stored secrets that cannot be decrypted; asked by `migrate` and by `check --database default`."""
    try:
        kinds = unreadable_secrets() if databases else []
    except DatabaseError:
        return []  # no tables yet
    return [checks.Warning(f"{UNREADABLE}: {', '.join(kinds)}.", hint=HINT, id="portal.W020")] if kinds else []


def report_unreadable_secrets() -> None:
    """Write into the log what cannot be decrypted; for a process that starts, in a thread of its own."""
    try:
        kinds = unreadable_secrets()
    except DatabaseError:
        return  # readiness says so
    finally:
        connection.close()
    if kinds:
        logger.error("%s: %s. %s", UNREADABLE, ", ".join(kinds), HINT)
