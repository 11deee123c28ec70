"""Fifty thousand operations that wait: what one dispatch costs, and how fast they go."""

import statistics
import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from subscriptions import tasks
from subscriptions.models import Operation, Quote, QuoteLine, Subscription
from tests.bench.ca import LATENCY
from tests.bench.rows import Row
from tests.bench.stage import Stage

T = TypeVar("T", bound=Model)

ACCOUNTS, NAMES = 125, 400
DISPATCHES, SECONDS = 10, 20
SLOTS = 16
DISPATCH, MEMORY = 50, 150  # the targets: milliseconds, megabytes


def measure(stage: Stage) -> dict[str, Any]:
    """Queue them, dispatch a few times while no worker runs, and let the workers go at them for a while.

    Half of them stand in few lanes, 400 names of one domain each, and before the others: the harder half to look past.
    """
    subscriptions = stage.running(ACCOUNTS)
    model = _priced(stage, subscriptions[0])
    for number, subscription in enumerate(subscriptions):
        stage.confirm(_copied(stage, model, subscription, share_a_domain=number < ACCOUNTS // 2))
    stage.empty_the_broker()
    Operation.objects.filter(state=Operation.State.QUEUED).update(dispatched_at=None)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    waiting = Operation.objects.filter(state=Operation.State.QUEUED)
    rows = [Row("queued operations", waiting.count(), ""), *_dispatched(), *_drained(stage)]
    return {"title": "50,000 queued operations", "rows": rows}


def _priced(stage: Stage, subscription: Subscription) -> Quote:
    with stage.running_workers():
        quote = stage.quote(subscription, stage.new_names(1))
        stage.wait_for_prices([quote])
    quote.refresh_from_db()
    return quote


def _copied(stage: Stage, model: Quote, subscription: Subscription, *, share_a_domain: bool) -> Quote:
    """Give a quote of NAMES names whose rows are those of a quote that the CA has answered, but for the names."""
    names = stage.new_names(1 if share_a_domain else NAMES)
    if share_a_domain:
        names = [f"host{number}.{names[0]}" for number in range(NAMES)]
    line, now = model.lines.get(), timezone.now()
    total = (line.cost or 0) * NAMES
    with transaction.atomic():
        changes = {"subscription": subscription, "code": uuid4(), "form_token": uuid4(), "total": total}
        quote = _copy(model, **changes)
        quote.save()
        QuoteLine.objects.bulk_create(
            _copy(line, quote=quote, position=position, name=name, names=[name], quoted_at=now)
            for position, name in enumerate(names, start=1)
        )
    return quote


def _copy(row: T, **changes: Any) -> T:
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    copy = type(row)(**values)
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy


def _dispatched() -> list[Row]:
    """Dispatch as a sweep does, again and again, while nobody works: soon all that is left waits behind what is out."""
    times = [_timed(tasks.send_due_operations) for _ in range(DISPATCHES)]
    with CaptureQueriesContext(connection) as captured:
        tasks.send_due_operations()
    sent = Operation.objects.filter(state=Operation.State.QUEUED).exclude(dispatched_at=None).count()
    note = f"{sent} messages in {DISPATCHES + 1} dispatches"
    return [
        Row("the first dispatch", times[0], "ms", DISPATCH),
        Row("a dispatch, median", statistics.median(times), "ms", DISPATCH, note),
        Row("a dispatch, worst", max(times), "ms", DISPATCH),
        Row("  statements of the last", len(captured), ""),
    ]


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def _drained(stage: Stage) -> list[Row]:
    Operation.objects.filter(state=Operation.State.QUEUED).exclude(dispatched_at=None).update(dispatched_at=None)
    done = Operation.objects.filter(state=Operation.State.SUCCEEDED)
    with stage.running_workers(CAAS_MAX_CONCURRENCY=SLOTS):
        stage.sweep()
        time.sleep(SECONDS / 4)  # until the first dispatch is through
        before, since, started = done.count(), stage.ca.total(), time.monotonic()
        time.sleep(SECONDS)
        calls, after, seconds = stage.ca.total() - since, done.count(), time.monotonic() - started
        memory = [one.peak_memory() or 0 for one in stage.workers]
    limit = SLOTS / LATENCY
    # Shown as the time of one call, so that here too the target is not to be exceeded.
    return [
        Row("drained: time a call", seconds / max(calls, 1) * 1000, "ms", 1000 / limit, f"over {SECONDS} s"),
        Row("  calls a second", calls / seconds, "", None, f"the limit is {limit:.0f}"),
        Row("  operations a second", (after - before) / seconds, ""),
        Row("memory of a worker, the largest", max(memory), "MB", MEMORY, "peak of resident memory"),
    ]
