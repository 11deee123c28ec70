"""Makes what a key has at the CA older, so that one can look at the end of a term without waiting for it."""

import sqlite3
from datetime import timedelta

from .state import instant_of, instant_text

# Every instant that the admin API tells of a binding, and how its rows are found by the binding's number.
_OF_SUBSCRIPTION = "subscription_id IN (SELECT id FROM subscriptions WHERE binding_id = ?)"
_OF_ACCOUNT = "account_id IN (SELECT id FROM accounts WHERE binding_id = ?)"
_COLUMNS = (
    ("bindings", "last_activity", "id = ?"),
    ("subscriptions", "starts_at", "binding_id = ?"),
    ("subscriptions", "expires_at", "binding_id = ?"),
    ("domains", "added_at", _OF_SUBSCRIPTION),
    ("domains", "removed_at", _OF_SUBSCRIPTION),
    ("transactions", "executed_at", _OF_SUBSCRIPTION),
    ("accounts", "last_activity", "binding_id = ?"),
    ("acme_orders", "not_before", _OF_ACCOUNT),
    ("acme_orders", "not_after", _OF_ACCOUNT),
)


def age(db: sqlite3.Connection, key_id: str, days: int) -> None:
    """Move all instants of a key's terms and certificates back by `days`; raises KeyError for an unknown key."""
    binding = db.execute("SELECT id FROM bindings WHERE key_id = ?", (key_id,)).fetchone()
    if binding is None:
        raise KeyError(key_id)
    for table, column, condition in _COLUMNS:
        rows = db.execute(
            # The names are this module's own.
            f"SELECT rowid AS number, {column} AS at FROM {table} WHERE {condition} AND {column} NOT NULL",  # noqa: S608 # nosec B608
            (binding["id"],),
        ).fetchall()
        for row in rows:
            earlier = instant_text(instant_of(row["at"]) - timedelta(days=days))
            db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (earlier, row["number"]))  # noqa: S608 # nosec B608
