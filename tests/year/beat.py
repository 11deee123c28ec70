"""Beat, the broker and the workers in one thread: what is due is sent, and what was sent is carried out."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from celery.app.task import Task
from django.db import connection

from portal.celery import app
from portal.task_plan import PLANNED
from tests.ledger.conftest import FrozenClock

app.loader.import_default_modules()


class KilledError(BaseException):
    """The worker ended in the middle of a task; no code catches it."""


class Beat:
    """Sends what the plan says is due, and has everything carried out that was sent, in the order it came."""

    def __init__(self, clock: FrozenClock, chance: Random) -> None:
        self.clock, self.chance, self.kills = clock, chance, 0.0
        self.killed: list[str] = []
        self._next = {planned.name: clock.instant for planned in PLANNED}
        self._messages: deque[tuple[str, tuple[Any, ...]]] = deque()

    def send(self, task: "Task[..., Any]", args: Any = None, kwargs: Any = None, **_options: Any) -> None:
        """Stand in for `Task.apply_async`."""
        self._messages.append((task.name, tuple(args or ())))

    def tick(self) -> None:
        """Have what is due by now sent, and all that waits carried out."""
        for planned in PLANNED:
            if self._next[planned.name] <= self.clock.instant:
                self._next[planned.name] = self.clock.instant + timedelta(seconds=planned.every)
                self._messages.append((planned.task, ()))
        self.work()

    def work(self) -> None:
        """Carry out what was sent, and what that sends; now and then the worker is killed at some statement."""
        while self._messages:
            name, args = self._messages.popleft()
            try:
                with self._killed_perhaps():
                    app.tasks[name].run(*args)
            except KilledError:
                self.killed.append(name)

    @contextmanager
    def _killed_perhaps(self) -> Iterator[None]:
        if self.chance.random() >= self.kills:
            yield
            return
        left = self.chance.randint(1, 12)

        def count(execute: Callable[..., Any], *statement: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise KilledError
            return execute(*statement)

        with connection.execute_wrapper(count):
            yield
