"""`make bench`, or `python -m tests.bench --only NAME` (which may be repeated) for a part.

Prints a table for each measurement as it is made, and all of them once more as JSON at the end. A row shows what was
measured, the target that the figure is to stay at or below, and the one as a multiple of the other: a ratio of 1.00
and below has reached the target. Rows without a target are there to compare with, rows set in belong to the one above.
Targets that depend on the machine or on the CA (the limit of calls × latency ÷ 16, cURL) are measured in the same run.
Nothing passes or fails. Figures count on a machine that does nothing else: the load at the start stands on top, and
workers, database, CA and measurer share its processors.

`pages` and `latency` need nothing. The others need PostgreSQL and Redis (TEST_DATABASE_URL, TEST_REDIS_URL, which is
emptied) and are left out with the reason where one does not answer. They run the workers and beat as `make run` starts
them, but two processes of the worker that makes charges, against the stand-in CA of `ca.py`, 100 ms an answer. `charge`
carries operations out one by one in this process's child and lists each statement with its callers in the JSON.
"""

import argparse
import json
import logging
import os
import sys
from typing import Any

import django

from tests.bench import servers
from tests.bench.rows import lines
from tests.on_servers import missing_servers

HERE = ("pages", "latency")
say = sys.stdout.write


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure; nothing passes or fails.")
    parser.add_argument("--only", action="append", choices=[*HERE, *servers.NAMES], metavar="NAME", help="a part")
    wanted = parser.parse_args().only or [*HERE, *servers.NAMES]
    load = os.getloadavg()[0]
    say(f"{os.cpu_count()} processors, load {load:.2f} at the start\n\n")
    results: list[dict[str, Any]] = [{"name": "machine", "processors": os.cpu_count(), "load": load}]
    results += _measured_here(wanted)
    if asked := [name for name in servers.NAMES if name in wanted]:
        results += _measured_on_servers(asked)
    say(json.dumps(results) + "\n")


def _measured_on_servers(names: list[str]) -> list[dict[str, Any]]:
    if problems := missing_servers():
        say("\n".join([f"Not measured ({', '.join(names)}):", *problems]) + "\n")
        return []
    results = []
    for result in servers.measured(names):
        say("\n".join(lines(f"{result['name']}: {result['title']}", result["rows"])) + "\n")
        sys.stdout.flush()
        results.append(result | {"rows": [row.as_json() for row in result["rows"]]})
    return results


def _measured_here(names: list[str]) -> list[dict[str, Any]]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    logging.disable(logging.WARNING)
    known = {"pages": _pages, "latency": _latency}
    return [known[name]() for name in HERE if name in names]


def _pages() -> dict[str, Any]:
    from tests.bench.pages import FEW, MANY, costs

    say(f"{'page':26}{'queries':>14}{'ms':>16}{'time':>9}   with {FEW} and with {MANY} rows\n")
    rows = []
    for name, few, many in costs():
        queries, times = f"{few.queries} -> {many.queries}", f"{few.time:.1f} -> {many.time:.1f}"
        say(f"{name:26}{queries:>14}{times:>16}{many.time / few.time:>8.2f}x\n")
        rows.append({"name": name, "queries": [few.queries, many.queries], "ms": [few.time, many.time]})
    say("\n")
    return {"name": "pages", "rows": rows}


def _latency() -> dict[str, Any]:
    from tests.bench.latency import latencies

    say("confirm to first call at the CA\n")
    measured = list(latencies())
    for name, median, worst in measured:
        say(f"{name:26}{median:>8.0f} ms median{worst:>8.0f} ms worst\n")
    if len(measured) == 2:
        say(f"{'ratio of the medians':26}{measured[0][1] / measured[1][1]:>8.2f}x\n")
    say("\n")
    return {"name": "latency", "rows": [{"name": name, "median": one, "worst": two} for name, one, two in measured]}


if __name__ == "__main__":
    main()
