"""A thousand names for fifty customers at once, beside cURL."""

import subprocess
import time
from collections import Counter
from typing import Any

from subscriptions.models import Order, Quote
from tests.bench.ca import LATENCY, Call
from tests.bench.rows import Row
from tests.bench.stage import Stage

ACCOUNTS, NAMES = 50, 20
CHARGES = ACCOUNTS * NAMES
READINGS = 2 * ACCOUNTS  # LISTDOMAINS once an account: a list that is not empty ends with a second, empty page
SLOTS = 16
CPU = 23.5  # the target in milliseconds: half of the 45 to 50 that were measured when it was set
SAMPLE = 50  # calls of the loop that are really made


def measure(stage: Stage) -> dict[str, Any]:
    """Measure with prices younger than a minute."""
    return _measure(stage, "1,000 additions over 50 accounts", CHARGES + READINGS)


def measure_quoted_again(stage: Stage) -> dict[str, Any]:
    """Measure with every price asked again right before its charge."""
    title = "1,000 additions, every line quoted again"
    return _measure(stage, title, 2 * CHARGES + READINGS, CAAS_PRICE_MAX_AGE=0)


def _measure(stage: Stage, title: str, needed: int, **changes: float) -> dict[str, Any]:
    subscriptions = stage.running(ACCOUNTS)
    with stage.running_workers(CAAS_MAX_CONCURRENCY=SLOTS, **changes):
        started = time.monotonic()
        quotes = [stage.quote(one, stage.new_names(NAMES)) for one in subscriptions]
        stage.wait_for_prices(quotes)
        quoting = time.monotonic() - started
        seconds, used, calls = _confirm(stage, quotes)
    return {"title": title, "rows": [*_rows(stage, seconds, used, calls, needed), Row("quoting them", quoting, "s")]}


def _confirm(stage: Stage, quotes: list[Quote]) -> tuple[float, dict[str, float], list[Call]]:
    before, since = stage.used(), stage.ca.total()
    started = time.monotonic()
    orders: list[Order] = [stage.confirm(quote) for quote in quotes]
    stage.wait_until_settled(orders)
    seconds = time.monotonic() - started
    after = stage.used()
    return seconds, {name: after[name] - before[name] for name in after}, stage.ca.calls(since)


def _rows(stage: Stage, seconds: float, used: dict[str, float], calls: list[Call], needed: int) -> list[Row]:
    limit = needed * LATENCY / SLOTS
    loop, parallel = _curl_loop(stage) / SAMPLE * CHARGES, _curl_parallel(stage)
    readings = Counter(call.account for call in calls if call.action == "LISTDOMAINS" and not call.page)
    quotes = sum(call.is_quote for call in calls)
    return [
        Row("wall time", seconds, "s", 2.5 * limit, f"target 2.5 × the limit of {needed:,} calls"),
        Row("the limit: calls needed × latency ÷ 16", limit, "s"),
        Row("  as a multiple of the limit", seconds / limit, "×", 2.5),
        Row("cURL in a loop", loop, "s", None, f"{SAMPLE} calls measured, scaled to {CHARGES:,}"),
        Row("  the wall time as a part of it", seconds / loop, "×", 1 / 6, "target: six times as fast"),
        Row("xargs -P 16 curl", parallel, "s", None, f"{CHARGES:,} calls measured"),
        Row("  the wall time as a multiple of it", seconds / parallel, "×"),
        Row("calls made", len(calls), "", needed),
        Row("  as a limit: calls made × latency ÷ 16", len(calls) * LATENCY / SLOTS, "s"),
        Row("  baseline readings, the most an account", max(readings.values(), default=0), "", 1),
        Row("  prices asked again", quotes, ""),
        Row("CPU of the workers a charge", used["workers"] / CHARGES * 1000, "ms", CPU, "with receiving and sending"),
        Row("CPU of the database server a charge", used["database"] / CHARGES * 1000, "ms", None, "of all its bases"),
        Row("CPU of the stand-in CA a charge", used["ca"] / CHARGES * 1000, "ms"),
        Row("CPU of confirming a charge (web)", used["web"] / CHARGES * 1000, "ms"),
        Row("commits a charge", used["commits"] / CHARGES, "", None, "reads outside a transaction counted too"),
        Row("new connections to the database a charge", used["connections"] / CHARGES, ""),
    ]


def _body(name: str) -> str:
    return (
        "loginName=northwind&loginPassword=x&action=ADDDOMAIN&acmeAccountID=curl&quoteOnly=N"
        f"&addAssociatedFQDN=N&domainName={name}"
    )


def _curl_loop(stage: Stage) -> float:
    """Seconds of SAMPLE charges one after the other, a process each, as a reseller's script has it."""
    script = 'while read -r body; do curl --silent --output /dev/null --data "$body" "$0"; done'
    return _timed(["bash", "-c", script, stage.ca.url], stage.new_names(SAMPLE))


def _curl_parallel(stage: Stage) -> float:
    """Seconds of as many charges as were measured, sixteen cURL processes at a time."""
    command = [
        "xargs",
        "-P",
        str(SLOTS),
        "-n",
        "1",
        "curl",
        "--silent",
        "--output",
        "/dev/null",
        stage.ca.url,
        "--data",
    ]
    return _timed(command, stage.new_names(CHARGES))


def _timed(command: list[str], names: list[str]) -> float:
    bodies = "\n".join(_body(name) for name in names) + "\n"
    started = time.monotonic()
    subprocess.run(command, input=bodies, text=True, check=True)
    return time.monotonic() - started
