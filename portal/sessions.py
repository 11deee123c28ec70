"""Sessions in the database, encrypted, under a digest of the key that the browser has.

What stands there is in no cookie: who reads the database takes no session over. And among what the sign-in library
keeps in one are the token of a reset, the secret of an authenticator app that is being set up, and a form that waits
for a password to be asked again. The key of the encryption comes from SECRET_KEY, as does that of the session's
signature: with another one people sign in again, and ENCRYPTION_KEYS have no part in it.
"""

import hashlib
from typing import Any, cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.sealing import seal, unseal

STORED_LENGTH = 40  # hexadecimal digits that the column holds: 160 bits, about as many as the key itself has

PURPOSE = "portal.sessions"


def stored_key(session_key: str) -> str:
    """Give what stands in the database for a session's key. A key is chance: nobody finds it by trying."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:STORED_LENGTH]


class SessionStore(DatabaseStore):
    """Django's, with its data encrypted and its keys digested. Every key given or held here is the browser's.

    The asynchronous half is Django's own: the portal runs under WSGI, where nothing calls it.
    """

    def load(self) -> dict[str, Any]:
        """Give what the session holds; of one that is not there or over, nothing, and its key is forgotten."""
        row = Session.objects.filter(pk=stored_key(self.session_key or ""), expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row.session_data)

    def exists(self, session_key: str) -> bool:
        """Whether there is a session with this key."""
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Give the row that is to be stored."""
        row = cast(Session, super().create_model_instance(data))
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session with this key, or this one."""
        if key := session_key or self.session_key:
            super().delete(stored_key(key))

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Give what the database is to hold."""
        return seal(super().encode(session_dict), purpose=PURPOSE)

    def decode(self, session_data: Any) -> dict[str, Any]:
        """Give what the database holds, or nothing of what cannot be decrypted: the person signs in again."""
        signed = unseal(session_data, purpose=PURPOSE)
        return {} if signed is None else super().decode(signed)
