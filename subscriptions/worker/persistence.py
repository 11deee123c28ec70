"""Writing down what the CA said, whatever the database does meanwhile."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, InternalError, OperationalError, close_old_connections, connection

T = TypeVar("T")

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0  # seconds
# The last is what PostgreSQL ends the transaction of a process with that was stopped within it.
REFUSALS = (OperationalError, InterfaceError, InternalError)


def persistently(write: Callable[[], T]) -> T:
    """Give what `write` gives, trying again while the database refuses and the process lives.

    `write` is a whole transaction of conditional updates: where one of its tries was written after all, the next
    changes nothing. Inside a transaction of the caller's it is tried once.
    """
    pause = 1.0
    while True:
        try:
            return write()
        except REFUSALS:
            if connection.in_atomic_block:
                raise
            logger.exception("An answer of the CA could not be written down; it is tried again in %.0f s.", pause)
        close_old_connections()
        connection.close()
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
