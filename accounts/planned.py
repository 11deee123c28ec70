"""Runs of the tasks that run by themselves: one at a time, noted, and taken over where a worker died.

A run holds a lease in its row, taken by a conditional update, and keeps it alive while it works. A message that comes
meanwhile starts nothing: it is noted, and the task is sent once more at the end. Where a worker was killed, its lease
runs out, and the next message takes over; `mind`, which every worker calls once a minute, sends one where none comes.
A clock that was set back holds nothing up: no lease and no date lies further ahead than one made now could.
"""

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps

from celery import current_app
from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Least
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import PlannedRun
from portal.redaction import redact
from portal.task_plan import PLANNED, Planned, planned_of

State = PlannedRun.State
LEASE = timedelta(seconds=20)
SLACK = timedelta(minutes=2)  # what beat has not sent by then, the workers send

logger = logging.getLogger(__name__)


def planned(task: Callable[[], None]) -> Callable[[], None]:
    """Make a planned task never overlap itself, and note each run in its row; raise KeyError for one not planned."""
    plan = planned_of(f"{task.__module__}.{task.__name__}")

    @wraps(task)
    def run() -> None:
        token = _begin(plan)
        if token is None:
            return
        keeper, began = _Keeper(plan, token), time.monotonic()
        keeper.start()
        try:
            task()
        except Exception as error:
            keeper.stop()
            _note_failure(plan, token, error, time.monotonic() - began)
            raise
        keeper.stop()
        _end(plan, token, State.DONE, time.monotonic() - began)

    return run


# --- The lease ------------------------------------------------------------------------------------------------------


def _row(plan: Planned) -> "QuerySet[PlannedRun]":
    return PlannedRun.objects.filter(name=plan.name)


def _begin(plan: Planned) -> uuid.UUID | None:
    """Take the lease for a run and give its token; None where one is under way, which is told to run once more."""
    while True:
        now, token = timezone.now(), uuid.uuid4()
        taken = {
            "token": token,
            "leased_until": now + LEASE,
            "worker": _worker(),
            "began_at": now,
            "next_at": now + timedelta(seconds=plan.every),
            "is_wanted": False,
            "asked_at": None,
        }
        if _row(plan).filter(Q(token=None) | Q(leased_until__lte=now)).update(**taken):
            return token
        # After the clock was set back, a lease would hold for as long as that: whoever holds it renews it anyway.
        held = {"is_wanted": True, "leased_until": Least("leased_until", now + LEASE)}
        if _row(plan).filter(leased_until__gt=now).update(**held):
            return None
        row_of(plan, now)


def row_of(plan: Planned, now: datetime) -> PlannedRun:
    """Give the row of a planned task; made where there is none yet."""
    return PlannedRun.objects.get_or_create(name=plan.name, defaults={"noted_at": now} | _dates(plan, now))[0]


def _dates(plan: Planned, now: datetime) -> dict[str, datetime]:
    """Give when the next run is due and from when on it is missed, as seen from `now`."""
    return {"next_at": now + timedelta(seconds=plan.every), "missed_at": now + timedelta(seconds=plan.bound)}


def _end(plan: Planned, token: uuid.UUID, outcome: str, seconds: float, problem: str = "") -> None:
    """Note how a run ended and give the lease back, unless another has it; send the task again where that is wanted."""
    now = timezone.now()
    ended = {
        "token": None,
        "leased_until": None,
        "outcome": outcome,
        "problem": problem,
        "ended_at": now,
        "seconds": seconds,
    }
    if outcome == State.DONE:
        ended |= {"well_at": now, "missed_at": now + timedelta(seconds=plan.bound)}
    own = _row(plan).filter(token=token)
    if not own.filter(is_wanted=False).update(**ended) and own.update(is_wanted=False, **ended):
        try:
            send(plan)
        except (OperationalError, OSError):
            logger.warning("%s could not be sent once more; it comes by itself.", plan.name)


def _note_failure(plan: Planned, token: uuid.UUID, error: Exception, seconds: float) -> None:
    words = redact(" ".join(f"{type(error).__name__}: {error}".split()))[: PlannedRun.PROBLEM_LENGTH]
    try:
        _end(plan, token, State.FAILED, seconds, words)
    except (DatabaseError, OSError):  # what went wrong first is what the log is to say; the lease runs out by itself
        logger.warning("The end of a run of %s could not be noted.", plan.name)


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


class _Keeper(threading.Thread):
    """Keeps the lease of a run alive that takes long."""

    def __init__(self, plan: Planned, token: uuid.UUID) -> None:
        super().__init__(name=f"lease of {plan.name}", daemon=True)
        self._plan, self._token = plan, token
        self._ended = threading.Event()

    def run(self) -> None:
        """Renew the lease every few seconds, until the run has ended or another has it."""
        renewed = False
        while not self._ended.wait(LEASE.total_seconds() / 4):
            close_old_connections()
            renewed = True
            try:
                if not _row(self._plan).filter(token=self._token).update(leased_until=timezone.now() + LEASE):
                    logger.warning("A run of %s has lost its lease; another may have begun.", self._plan.name)
                    break
            except DatabaseError:
                logger.warning("The lease of a run of %s could not be renewed.", self._plan.name)
        if renewed:
            connection.close()

    def stop(self) -> None:
        """End the renewing, before the lease is given back."""
        self._ended.set()
        if self.is_alive():
            self.join()


# --- What is due and was not sent -----------------------------------------------------------------------------------


def mind(now: datetime) -> None:
    """Send what is due and does not come by itself: beat is away, or a worker died over it. For every worker, at times.

    It also makes the rows of tasks that are new, and mends the dates of those that lie too far ahead.
    """
    rows = {row.name: row for row in PlannedRun.objects.of_plan()}
    for plan in PLANNED:
        row = rows.get(plan.name)
        if row is None:
            row_of(plan, now)
            continue
        _mend(plan, row, now)
        if _is_owed(row, now) and _may_send(plan, row, now):
            send(plan)


def is_missed(name: str, now: datetime) -> bool:
    """Whether a planned task has not ended well for longer than its bound."""
    return PlannedRun.objects.missed(now).filter(name=name).exists()


def _mend(plan: Planned, row: PlannedRun, now: datetime) -> None:
    """Bring the dates of a row back that were made before the clock was set back."""
    ahead = {name: date for name, date in _dates(plan, now).items() if getattr(row, name) > date + SLACK}
    if ahead:
        _row(plan).filter(**{f"{name}__gt": date for name, date in ahead.items()}).update(**ahead)


def _is_owed(row: PlannedRun, now: datetime) -> bool:
    state = row.state_at(now)
    return state == State.LOST or (state != State.RUNNING and row.next_at + SLACK <= now)


def _may_send(plan: Planned, row: PlannedRun, now: datetime) -> bool:
    """Note that a message is sent; False where another worker sent one that can still be taken."""
    last = max(timedelta(seconds=plan.expires), SLACK)
    is_over = Q(sent_at=None) | Q(sent_at__lte=now - last) | Q(sent_at__gt=now)
    return bool(_row(plan).filter(is_over, pk=row.pk).update(sent_at=now))


def send(plan: Planned) -> None:
    """Send a planned task to its queue; raise OperationalError where the broker does not take it."""
    current_app.tasks[plan.task].apply_async(expires=plan.expires)
