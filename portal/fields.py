"""Model fields of the portal's own."""

from typing import TYPE_CHECKING, Any

from django.db import models

from portal.crypto import decrypt, encrypt

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class EncryptedTextField(_TextField):
    """Text that is encrypted in the database and plain in Python. It cannot be searched."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        """Give the plain text of what the database holds."""
        return value if value in (None, "") else decrypt(value)

    def get_prep_value(self, value: str | None) -> str | None:
        """Give what the database is to hold."""
        return value if value in (None, "") else encrypt(value)
