"""Whether this installation can do its work: the database, its migrations, a worker, and the CA once reached."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q, QuerySet
from django.utils import timezone

from subscriptions.models import Gate, WorkerHeartbeat

FRESH_FOR = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Readiness:
    """The state of each part: `ok`, or in a few words what is wrong. It holds no secret and no address."""

    database: str
    migrations: str
    worker: str
    ca: str

    @property
    def is_ready(self) -> bool:
        """Whether every part is well."""
        return {self.database, self.migrations, self.worker, self.ca} == {"ok"}


def readiness() -> Readiness:
    """Give the state of every part. A CA that fails after it was once reached does not make the portal unready."""
    try:
        migrations = _migrations()
    except DatabaseError:
        return Readiness("does not answer", *["unknown"] * 3)
    if migrations != "ok":
        return Readiness("ok", migrations, "unknown", "unknown")
    fresh = WorkerHeartbeat.objects.filter(beat_at__gte=timezone.now() - FRESH_FOR)
    worker = "ok" if fresh.exists() else f"none seen for {FRESH_FOR.seconds} seconds"
    return Readiness("ok", migrations, worker, _ca(fresh))


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} not applied" if missing else "ok"


def _ca(workers: QuerySet[WorkerHeartbeat]) -> str:
    # The gate's row is ahead of the heartbeat's copy of it by up to one beat.
    reached_at = Gate.objects.filter(pk=Gate.SINGLETON).values_list("reached_at", flat=True).first()
    reached = Q(ca_reached_at__isnull=False)
    if reached_at is not None:
        reached |= Q(started_at__lte=reached_at)
    return "ok" if workers.filter(reached).exists() else "not reached since the worker's start"
