"""The time that decisions about money rest on.

It is the database's, never a host's: workers on several hosts must agree on it. SQLite has none of its own, and all its
workers run on one host, whose clock it is then. Waits that protect money also need that much time on this host's clock
that counts suspensions, which nobody sets, where the earlier instant was noted since the same boot.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Expression, Value
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

Instant = datetime | Expression  # one that is known, or the time of the statement it is written by


@dataclass(frozen=True, slots=True)
class Stamp:
    """One instant on both clocks: the database's, and this host's since its boot."""

    at: datetime
    mark: Mapping[str, Any]


_A_TIME = DateTimeField()


class _After(Now):
    """The time of the statement and so much more: one node, because each charge writes and compares a dozen of them."""

    def __init__(self, after: timedelta) -> None:
        super().__init__()
        self._after = after

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Give the time and the interval that is added to it."""
        sql, params = super().as_postgresql(compiler, connection, **extra)
        return f"({sql} + %s)", (*params, self._after)


def now() -> datetime:
    """Give the database's time."""
    if not _has_own_clock():
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        instant: datetime = cursor.fetchone()[0]
    return instant


def stamp() -> Stamp:
    """Give this instant on both clocks, the host's taken first: a pause between the two makes waits longer only."""
    at_host = mark()
    return Stamp(now(), at_host)


def instant(after: timedelta = timedelta(0)) -> Expression:
    """Give the database's time of the statement it stands in, or a time after it, as an expression."""
    if not _has_own_clock():
        return Value(timezone.now() + after, output_field=_A_TIME)
    return _After(after) if after else Now()


def _has_own_clock() -> bool:
    return connection.vendor == "postgresql"


def mark() -> dict[str, Any]:
    """Give this instant on the host's own clock, as it is kept in a row."""
    return {"boot": boot_id(), "seconds": seconds_since_boot()}


def seconds_since_boot() -> float:
    """Give the seconds since this host was started, those it was suspended for included."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@cache
def boot_id() -> str:
    """Give what tells this boot of this host from every other."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def has_passed(wait: timedelta, *, since: Stamp, until: Stamp) -> bool:
    """Whether so much time lies between two stamps, on the database's clock and, within one boot, on the host's too."""
    if until.at - since.at < wait:
        return False
    boot = since.mark.get("boot")
    if not boot or boot != until.mark.get("boot"):
        return True
    return bool(until.mark["seconds"] - since.mark["seconds"] >= wait.total_seconds())
