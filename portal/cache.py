"""The cache, kept in the database: a code of a second factor that was used is used up on every host.

Django's own cache in the database unpickles what it reads, so that whoever can write there could run code here; it
counts all its rows at each write, and where there are many it forgets some that still hold. This one keeps JSON.
"""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import connection
from django.utils import timezone

NEVER = datetime(9999, 1, 1, tzinfo=UTC)

# Single statements: a row is read, added or replaced as a whole, whatever other processes do meanwhile. Of what has
# expired each write takes one row away: as many as it adds, and two writes cannot wait for each other's rows.
GET = "SELECT value FROM {table} WHERE cache_key = %s AND expires > %s"
SET = (
    "INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s) "
    "ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires"
)
ADD = SET + " WHERE {table}.expires <= %s"
TOUCH = "UPDATE {table} SET expires = %s WHERE cache_key = %s AND expires > %s"
DELETE = "DELETE FROM {table} WHERE cache_key = %s"
CLEAR = "DELETE FROM {table}"
DROP_EXPIRED = (
    "DELETE FROM {table} WHERE cache_key = (SELECT cache_key FROM {table} WHERE expires <= %s ORDER BY expires LIMIT 1)"
)


class DatabaseCache(BaseDatabaseCache):
    """Keeps what JSON can hold in the table that `createcachetable` makes. Timeouts are in seconds."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Give what is kept under `key`, or `default`."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql(GET), [self.make_and_validate_key(key, version), _stored(timezone.now())])
            row = cursor.fetchone()
        return json.loads(row[0]) if row else default

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep `value` in place of what was there."""
        self._change(DROP_EXPIRED, _stored(timezone.now()))
        self._change(SET, self.make_and_validate_key(key, version), json.dumps(value), self._expiry(timeout))

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep `value` unless something is kept there; say whether it was."""
        row = (self.make_and_validate_key(key, version), json.dumps(value), self._expiry(timeout))
        return self._change(ADD, *row, _stored(timezone.now()))

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Give what is kept another timeout; say whether there was something."""
        row = (self._expiry(timeout), self.make_and_validate_key(key, version), _stored(timezone.now()))
        return self._change(TOUCH, *row)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Drop what is kept; say whether there was something."""
        return self._change(DELETE, self.make_and_validate_key(key, version))

    def clear(self) -> None:
        """Drop everything."""
        self._change(CLEAR)

    def _change(self, sql: str, *values: Any) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(self._sql(sql), values)
            changed: bool = cursor.rowcount > 0
        return changed

    def _sql(self, sql: str) -> str:
        return sql.format(table=connection.ops.quote_name(self.cache_model_class._meta.db_table))

    def _expiry(self, timeout: float | None) -> Any:
        seconds = self.get_backend_timeout(timeout)
        return _stored(NEVER if seconds is None else datetime.fromtimestamp(seconds, UTC))


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
