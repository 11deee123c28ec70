"""Why a queued operation must be looked at by a person before it is sent."""

from collections.abc import Mapping
from typing import Any


class Objection(Exception):  # noqa: N818 - it is what the price guard says, not a fault
    """The price guard does not let the charge through; nothing was sent."""

    def __init__(self, reason: str, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.detail: dict[str, Any] = dict(detail or {})


class AlreadyThereError(Exception):
    """A reading before it is sent again shows that an earlier call of it, whose answer was lost, did its work."""


class NotUsableError(Exception):
    """The CA did what was asked, but what it brought cannot be kept: a person has to look."""
