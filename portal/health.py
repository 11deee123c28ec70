"""Whether this installation can do its work: database, migrations, a worker, the CA; and what else is told there."""

from dataclasses import dataclass
from threading import Event
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from portal.celery import app
from portal.stored_secrets import unreadable_secrets
from subscriptions.models import Gate, WorkerHeartbeat

PROBE_QUEUE = "probe"

_all_applied = Event()  # to find out takes long; once it is so, only a new version changes it, which is a new process


@dataclass(frozen=True, slots=True)
class Readiness:
    """The state of each part: `ok`, or in a few words what is wrong. It holds no secret and no address."""

    database: str
    migrations: str
    worker: str
    ca: str
    broker: str
    secrets: str

    @property
    def is_ready(self) -> bool:
        """Whether every part is well that this web host needs. Neither the broker nor the stored secrets are.

        Without the broker every page answers, and what is confirmed stands in the database until a sweep sends it; with
        wrong ENCRYPTION_KEYS all works but what needs a secret. Taking all web hosts out at once, as a load balancer
        would, makes of either an outage.
        """
        return {self.database, self.migrations, self.worker, self.ca} == {"ok"}


def readiness() -> Readiness:
    """Give the state of every part. A CA that fails after it was once reached does not make the portal unready."""
    broker = _broker()
    try:
        migrations = _migrations()
        if migrations != "ok":
            return Readiness("ok", migrations, "unknown", "unknown", broker, "unknown")
        fresh = WorkerHeartbeat.objects.fresh(timezone.now())
        worker = "ok" if fresh.exists() else f"none seen for {WorkerHeartbeat.MAX_AGE.seconds} seconds"
        return Readiness("ok", migrations, worker, _ca(fresh), broker, _secrets())
    except DatabaseError:
        return Readiness("does not answer", "unknown", "unknown", "unknown", broker, "unknown")


def _broker() -> str:
    # Only a message put there shows that messages are taken: a replica that is read only answers everything else.
    broker: Any = app.connection_for_write()  # the stubs know little of a channel
    with broker:
        try:
            channel = broker.default_channel
            channel.basic_publish(channel.prepare_message("?"), exchange="", routing_key=PROBE_QUEUE)
            channel.basic_get(PROBE_QUEUE, no_ack=True)
        except (OSError, OperationalError, *broker.connection_errors, *broker.channel_errors):
            return "takes no messages"
    return "ok"


def _secrets() -> str:
    return "cannot be decrypted with ENCRYPTION_KEYS" if unreadable_secrets() else "ok"


def _migrations() -> str:
    if _all_applied.is_set():
        return "ok"
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return f"{len(missing)} not applied"
    _all_applied.set()
    return "ok"


def _ca(workers: QuerySet[WorkerHeartbeat]) -> str:
    # The gate's row is ahead of the heartbeat's copy of it by up to one beat.
    reached_at = Gate.objects.filter(pk=Gate.SINGLETON).values_list("reached_at", flat=True).first()
    reached = Q(ca_reached_at__isnull=False)
    if reached_at is not None:
        reached |= Q(started_at__lte=reached_at)
    return "ok" if workers.filter(reached).exists() else "not reached since the worker's start"
