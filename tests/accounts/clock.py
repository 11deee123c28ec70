"""A clock that tests move: nobody sleeps."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone


class Clock:
    """Stands in for `timezone.now` and `time.time` until the test is over."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Ahead of the defaults of models, which keep to the real time.
        self.now = timezone.now() + timedelta(seconds=10)
        monkeypatch.setattr(timezone, "now", lambda: self.now)
        monkeypatch.setattr("time.time", lambda: self.now.timestamp())

    def forward(self, **span: Any) -> datetime:
        """Let time pass, such as `minutes=5`; give the new time."""
        self.now += timedelta(**span)
        return self.now
