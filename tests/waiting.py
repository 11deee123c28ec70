"""Waiting for a condition, with an end: no test sleeps for a guessed time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(condition: Callable[[], T], *, seconds: float = 30, every: float = 0.1, what: str = "the condition") -> T:
    """Give the first true value of `condition`, asked `every` so many seconds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {seconds} seconds; last: {value!r}")
        pause.wait(every)
