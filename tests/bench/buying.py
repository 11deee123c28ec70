"""Fifty ACME accounts made, four hundred names quoted, two hundred subscriptions read."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from subscriptions import tasks
from subscriptions.models import Operation, Subscription
from tests.bench.ca import LATENCY, Call
from tests.bench.rows import Row
from tests.bench.stage import Stage
from tests.waiting import wait_for

ACCOUNTS, NAMES, SIBLINGS, READ = 50, 400, 4, 200
SLOTS = 16
PATIENCE = 120  # seconds; what is not done by then is scaled, and the note says so


def measure_accounts(stage: Stage) -> dict[str, Any]:
    """Make ACME accounts: each takes a LISTBINDINGS and a PREREGISTER."""
    limit = 2 * ACCOUNTS * LATENCY / SLOTS
    with stage.running_workers():
        since, started = stage.ca.total(), time.monotonic()
        made = Subscription.objects.filter(pk__in=[one.pk for one in stage.create(ACCOUNTS)])
        created = made.filter(creation=Subscription.Creation.CREATED)
        seconds, done = _until(lambda: created.count(), ACCOUNTS, started)
        calls = stage.ca.calls(since)
    note = "" if done == ACCOUNTS else f"{done} were made in {seconds:.0f} s; scaled; {_what_holds(made)}"
    rows = [
        Row(f"{ACCOUNTS} ACME accounts", seconds / max(done, 1) * ACCOUNTS, "s", 2 * limit, note),
        Row("  the limit: calls needed × latency ÷ 16", limit, "s"),
        Row("  calls an account", _of_kinds(calls, "LISTBINDINGS", "PREREGISTER") / max(done, 1), "", 2),
    ]
    return {"title": "accounts made", "rows": rows}


def _what_holds(made: "QuerySet[Subscription]") -> str:
    """Give the states and the last steps of what is not done."""
    late = Operation.objects.filter(subscription__in=made, state__in=Operation.UNSETTLED)
    return "; ".join(
        f"{operation.state}: {[step.reason for step in operation.events.order_by('-pk')[:3]]}" for operation in late
    )


def measure_quote(stage: Stage) -> dict[str, Any]:
    """Quote names that have nothing in common, and then names of which four share a registrable domain."""
    subscription = stage.running(1)[0]
    alone = stage.new_names(NAMES)
    shared = [f"host{number}.{name}" for name in stage.new_names(NAMES // SIBLINGS) for number in range(SIBLINGS)]
    with stage.running_workers():
        rows = [*_quoted(stage, subscription, alone, "alone"), *_quoted(stage, subscription, shared, "four a domain")]
    return {"title": f"a quote of {NAMES} names", "rows": rows}


def _quoted(stage: Stage, subscription: Subscription, names: list[str], what: str) -> list[Row]:
    since, started = stage.ca.total(), time.monotonic()
    stage.wait_for_prices([stage.quote(subscription, names)])
    seconds = time.monotonic() - started
    calls = sum(call.is_quote for call in stage.ca.calls(since))
    one_by_one = NAMES * LATENCY
    return [
        Row(f"calls, {what}", calls, "", 1.3 * NAMES),
        Row(f"time, {what}", seconds, "s", 1.3 * one_by_one, f"target 1.3 × {NAMES} calls one after the other"),
    ]


def measure_readings(stage: Stage) -> dict[str, Any]:
    """Read subscriptions that run, as is done every few hours."""
    subscriptions = stage.running(READ)
    with stage.running_workers():
        since, asked_at, started = stage.ca.total(), timezone.now(), time.monotonic()
        for one in subscriptions:
            tasks.sync_subscription.delay(one.pk)
        read = Subscription.objects.filter(pk__in=[one.pk for one in subscriptions], synced_at__gte=asked_at)
        seconds, done = _until(lambda: read.count(), READ, started)
        calls = stage.ca.calls(since)
    limit = len(calls) * LATENCY / SLOTS
    note = "" if done == READ else f"{done} were read"
    rows = [
        Row(f"{READ} subscriptions read", seconds, "s", 1.5 * limit, note),
        Row("  the limit: calls made × latency ÷ 16", limit, "s"),
        *(Row(f"  {name} a subscription", number / READ, "") for name, number in _counts(calls).items()),
    ]
    return {"title": "readings", "rows": rows}


def _counts(calls: list[Call]) -> Counter[str]:
    return Counter(call.action for call in calls)


def _of_kinds(calls: list[Call], *actions: str) -> int:
    return sum(call.action in actions for call in calls)


def _until(count: Callable[[], int], wanted: int, started: float) -> tuple[float, int]:
    """Wait for so many, or as long as PATIENCE says; give the seconds since `started` and how many there are."""
    wait_for(
        lambda: count() >= wanted or time.monotonic() - started > PATIENCE,
        seconds=2 * PATIENCE,
        every=0.05,
        what="them",
    )
    return time.monotonic() - started, count()
