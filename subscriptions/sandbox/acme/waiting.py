"""Answers take a while, as those of the sister servers do: what is due, and when to ask again.

Nothing runs meanwhile. What is due is done when the client asks, before it is answered.
"""

import sqlite3
from collections.abc import Iterable
from math import ceil

from ..state import instant_of, instant_text
from .exchange import Exchange
from .messages import AcmeReply


def is_due(exchange: Exchange, row: sqlite3.Row) -> bool:
    """Whether the time noted on an authorization or an order has come; False where none is."""
    return row["due_at"] is not None and row["due_at"] <= instant_text(exchange.now)


def while_waiting(exchange: Exchange, reply: AcmeReply, rows: Iterable[sqlite3.Row]) -> AcmeReply:
    """The reply, with `Retry-After` in whole seconds while one of these authorizations or orders has something due."""
    due = min((row["due_at"] for row in rows if row["due_at"] is not None), default=None)
    if due is not None:
        left = (instant_of(due) - exchange.now).total_seconds()
        reply.headers["Retry-After"] = str(max(ceil(left), 1))
    return reply
