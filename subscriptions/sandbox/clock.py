"""A clock that can be set: real time plus an offset kept in the state file."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from .state import State, read_setting, write_setting


def real_time() -> datetime:
    """Now, by the machine's clock."""
    return datetime.now(UTC)


class Clock:
    """What time it is in the sandbox. The offset outlives a restart; the base is injected by tests."""

    def __init__(self, state: State, base: Callable[[], datetime] = real_time) -> None:
        self._state = state
        self._base = base
        with state.transaction() as db:
            self._offset = timedelta(seconds=float(read_setting(db, "clock_offset", "0")))

    def now(self) -> datetime:
        """The sandbox's present, timezone-aware."""
        return self._base() + self._offset

    def advance(self, step: timedelta) -> None:
        """Move by a step, back when it is negative."""
        self._store(self._offset + step)

    def set(self, instant: datetime) -> None:
        """Make it that instant now; the clock runs on from there."""
        self._store(instant - self._base())

    def reset(self) -> None:
        """Back to the machine's time."""
        self._store(timedelta(0))

    def _store(self, offset: timedelta) -> None:
        with self._state.transaction() as db:
            write_setting(db, "clock_offset", str(offset.total_seconds()))
        self._offset = offset
