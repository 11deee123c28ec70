"""How many calls may be made at once and per second is decided outside; this is the door to that decision."""

from contextlib import AbstractContextManager
from typing import Protocol


class Limiter(Protocol):
    """Grants the right to make one HTTP call, held while the call runs."""

    def slot(self, *, changes: bool, charges: bool, action: str) -> AbstractContextManager[None]:
        """Enter before one HTTP call, leave after it; an exception raised on entering reaches the caller as is.

        `changes` tells a call that changes something at the CA, `charges` one that debits money.
        """
