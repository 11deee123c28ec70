"""Model fields of the portal's own."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from portal.crypto import DecryptionError, decrypt, encrypt

if TYPE_CHECKING:
    _TextField = models.TextField["str | EncryptedText", "EncryptedText"]
else:
    _TextField = models.TextField

SERIALIZED = "fernet:"  # what stands behind it is ciphertext; without it a fixture holds plain text


@dataclass(frozen=True, slots=True)
class EncryptedText:
    """A text as the database holds it, which only `reveal()` decrypts: not a repr, a page, a pickle or a fixture."""

    token: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Give `text` encrypted with the first of ENCRYPTION_KEYS."""
        return cls(encrypt(text))

    def reveal(self) -> str:
        """Give the plain text; raise DecryptionError where none of ENCRYPTION_KEYS fits."""
        return decrypt(self.token)

    def __str__(self) -> str:
        return "[encrypted]"

    def __repr__(self) -> str:
        return "<EncryptedText>"


class _EncryptedAttribute(DeferredAttribute):
    """Encrypts what is assigned, so that no row in memory holds the plain text."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = _encrypted(value)


def _encrypted(value: Any) -> Any:
    return EncryptedText.of(value) if isinstance(value, str) and value else value


class EncryptedTextField(_TextField):
    """Text that is encrypted in the database, in memory and in fixtures. It cannot be searched, nor edited in a form.

    What is assigned is plain text; what is read is an EncryptedText.
    """

    descriptor_class = _EncryptedAttribute

    def from_db_value(self, value: str | None, *_: Any) -> EncryptedText | str | None:
        """Give what the database holds, unread: a row costs no decryption, and a wrong key spoils no page."""
        return EncryptedText(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        """Give what the database is to hold."""
        value = _encrypted(value)
        return value.token if isinstance(value, EncryptedText) else value

    def value_to_string(self, obj: models.Model) -> str:
        """Give the ciphertext, for `dumpdata`."""
        value = self.value_from_object(obj)
        return f"{SERIALIZED}{value.token}" if isinstance(value, EncryptedText) else ""

    def to_python(self, value: Any) -> Any:
        """Give what a fixture holds, for `loaddata`: ciphertext readable here, or plain text to encrypt.

        Raises ValidationError for ciphertext that none of ENCRYPTION_KEYS reads.
        """
        if not isinstance(value, str) or not value.startswith(SERIALIZED):
            return _encrypted(value)
        loaded = EncryptedText(value.removeprefix(SERIALIZED))
        try:
            loaded.reveal()
        except DecryptionError as error:
            raise ValidationError("It was encrypted with a key that is not in ENCRYPTION_KEYS.") from error
        return loaded

    def formfield(self, *_: Any, **__: Any) -> None:
        """Give None: no form shows it or takes it."""
