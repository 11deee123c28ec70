"""Waiting for what a server in the background does."""

import time
from collections.abc import Callable


def wait_until(happened: Callable[[], bool], what: str, *, timeout: float = 60) -> None:
    """Returns once `happened` says so. Raises AssertionError with `what` was waited for after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not happened():
        assert time.monotonic() < deadline, f"not within {timeout} s: {what}"
        time.sleep(0.1)
