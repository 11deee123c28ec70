"""A worker's sign of life: a row written every few seconds, with the CA's last answer."""

import threading
from collections.abc import Callable
from datetime import datetime
from itertools import count

from django.db import Error as DatabaseProblem
from django.db import close_old_connections

from subscriptions.ledger import clock
from subscriptions.ledger.gate import the_gate
from subscriptions.models import WorkerHeartbeat

INTERVAL = 10.0  # seconds
BESIDES_EVERY = 6  # beats


def beat(name: str, started_at: datetime) -> None:
    """Write the sign of life of the worker `name`, which runs since `started_at`."""
    gate = the_gate()
    reached_at = gate.reached_at if gate.reached_at and gate.reached_at >= started_at else None
    said = {
        "started_at": started_at,
        "beat_at": clock.now(),
        "ca_reached_at": reached_at,
        "ca_problem": gate.problem,
    }
    WorkerHeartbeat.objects.update_or_create(name=name, defaults=said)


def is_first(name: str) -> bool:
    """Whether no other worker that lives has begun before the worker `name`."""
    own = WorkerHeartbeat.objects.filter(name=name).values_list("started_at", flat=True).first()
    others = WorkerHeartbeat.objects.fresh(clock.now()).exclude(name=name)
    return not (others if own is None else others.filter(started_at__lt=own)).exists()


def forget(name: str) -> None:
    """Remove the sign of life of a worker that ends in good order."""
    WorkerHeartbeat.objects.filter(name=name).delete()


class Heart(threading.Thread):
    """Beats until it is stopped. A database that is away for a while costs beats, not the worker.

    Once a minute it does something else `besides`: what must not wait for messages.
    """

    def __init__(self, name: str, *, besides: Callable[[], None] = lambda: None) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._worker, self._besides = name, besides
        self._started_at = clock.now()
        self._ended = threading.Event()

    def run(self) -> None:
        """Beat every few seconds."""
        for number in count():
            close_old_connections()
            try:
                beat(self._worker, self._started_at)
                if number % BESIDES_EVERY == 0:
                    self._besides()
            except DatabaseProblem:
                close_old_connections()
            if self._ended.wait(INTERVAL):
                return

    def stop(self) -> None:
        """End the beating."""
        self._ended.set()
