"""From a confirmed order to the first byte of its charge at the CA, while hundreds of readings wait."""

import time
from contextlib import AbstractContextManager
from typing import Any

from subscriptions import tasks
from subscriptions.models import Quote, Subscription
from tests.bench.ca import LATENCY, Call
from tests.bench.rows import Row, percentile
from tests.bench.stage import Stage
from tests.waiting import wait_for

CONFIRMS, READINGS, READ = 20, 500, 150
ALLOWED = 250  # milliseconds beside the readings that a charge needs before it
PATIENCE = 60  # seconds after the last confirm; a charge that has not come by then counts as that long


def measure(stage: Stage) -> dict[str, Any]:
    """Measure at a hundred calls a second, and at the limits the settings have by default."""
    fast = _measure(stage, stage.running_workers(CAAS_REQUESTS_PER_SECOND=100), "at 100 calls a second", 0.5, 0)
    rate = 5  # the default of CAAS_REQUESTS_PER_SECOND
    careful = _measure(stage, stage.workers_at_defaults(), "at the default limits", 3, 2 * 1000 / rate)
    return {"title": f"confirm to charge, {READINGS} readings waiting", "rows": [*fast, *careful]}


def _measure(stage: Stage, workers: AbstractContextManager[None], what: str, every: float, turns: float) -> list[Row]:
    """Confirm an order `every` so many seconds; `turns`: milliseconds of the rate's turns that are allowed more."""
    subscriptions = stage.running(READ + CONFIRMS)
    read, bought = subscriptions[:READ], subscriptions[READ:]
    quotes = _quotes(stage, bought)
    with workers:
        since = stage.ca.total()
        for number in range(READINGS):
            tasks.sync_subscription.delay(read[number % READ].pk)
        confirmed = _confirm_in_turn(stage, quotes, every)
        wanted = set(confirmed)
        ended = time.monotonic()
        wait_for(
            lambda: wanted <= _charged(stage.ca.calls(since)) or time.monotonic() - ended > PATIENCE,
            seconds=2 * PATIENCE,
            what="the charges",
        )
        calls, now = stage.ca.calls(since), time.monotonic()
    return _rows(what, calls, bought, confirmed, now, turns)


def _quotes(stage: Stage, subscriptions: list[Subscription]) -> list[Quote]:
    with stage.running_workers():
        quotes = [stage.quote(one, stage.new_names(1)) for one in subscriptions]
        stage.wait_for_prices(quotes)
    return quotes


def _confirm_in_turn(stage: Stage, quotes: list[Quote], every: float) -> dict[str, float]:
    """Confirm one after the other; give the instant of each by its name."""
    confirmed = {}
    for quote in quotes:
        name = quote.lines.get().name
        confirmed[name] = time.monotonic()
        stage.confirm(quote)
        time.sleep(max(0, confirmed[name] + every - time.monotonic()))
    return confirmed


def _charged(calls: list[Call]) -> set[str]:
    return {call.name for call in calls if call.is_charge}


def _rows(
    what: str,
    calls: list[Call],
    bought: list[Subscription],
    confirmed: dict[str, float],
    now: float,
    turns: float,
) -> list[Row]:
    accounts = {one.binding.acme_account_id for one in bought}
    own = [call for call in calls if call.account in accounts]
    waits, excesses = [], []
    for name, instant in confirmed.items():
        charge = next((call for call in own if call.is_charge and call.name == name), None)
        wait = ((charge.arrived if charge else now) - instant) * 1000
        account = charge.account if charge else ""
        readings = [one for one in own if one.account == account and not one.is_charge and one.arrived >= instant]
        waits.append(wait)
        excesses.append(
            wait - len([one for one in readings if charge and one.arrived < charge.arrived]) * LATENCY * 1000
        )
    missing = len(confirmed) - len(_charged(own))
    note = f"{missing} of {len(confirmed)} had not come by the end" if missing else ""
    allowed = ALLOWED + turns
    return [
        Row(f"{what}: p50", percentile(waits, 0.5), "ms", None, note),
        Row(f"{what}: p95", percentile(waits, 0.95), "ms", None, note),
        Row("  without the readings before it: p50", percentile(excesses, 0.5), "ms"),
        Row("  without the readings before it: p95", percentile(excesses, 0.95), "ms", allowed),
    ]
