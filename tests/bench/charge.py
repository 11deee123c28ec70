"""One charge alone: how many statements it takes, and how much CPU."""

import re
import statistics
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from subscriptions import tasks
from subscriptions.models import Operation
from tests.bench.ca import LATENCY
from tests.bench.rows import Row
from tests.bench.stage import FAST, ROOT, Stage

WARM, TIMED, COUNTED = 3, 30, 5
STATEMENTS = 20  # the target
TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and the innermost functions of the project that led to it, the innermost first."""

    sql: str
    callers: tuple[str, ...]

    @property
    def short_sql(self) -> str:
        """The statement without its list of columns."""
        return re.sub(r"^SELECT .*? FROM ", "SELECT … FROM ", self.sql).replace('"', "")[:400]

    @property
    def is_savepoint(self) -> bool:
        """Whether it begins or ends a nested transaction."""
        return self.sql.startswith(("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO"))

    @property
    def is_of_the_end(self) -> bool:
        """Whether it belongs to what comes after the operation's end: sending the next ones."""
        return any(name.endswith(":send_due_operations") for name in self.callers)


def measure(stage: Stage) -> dict[str, Any]:
    """Measure charges one by one in this process, with a CA that answers at once and no worker beside."""
    pks = _queued(stage, WARM + TIMED + COUNTED)
    stage.ca.set_latency(0)
    with override_settings(**FAST):  # the client that is made at the first charge keeps them
        for pk in pks[:WARM]:
            tasks.execute_operation(pk)
        times = [_timed(pk) for pk in pks[WARM : WARM + TIMED]]
        counted = [_statements(pk) for pk in pks[WARM + TIMED :]]
    stage.ca.set_latency(LATENCY)
    assert not Operation.objects.filter(pk__in=pks).exclude(state=Operation.State.SUCCEEDED).exists()
    # A charge now and then also takes turns for those after it, or looks at the whole queue.
    statements, control = sorted(counted, key=lambda charge: len(charge[0]))[COUNTED // 2]
    thread, process = (statistics.median(one[index] for one in times) * 1000 for index in (0, 1))
    rows = [
        Row("statements a charge, BEGIN and COMMIT apart", len(statements), "", STATEMENTS),
        Row("  of them savepoints and their releases", sum(one.is_savepoint for one in statements), ""),
        Row("  of them sending the next of the lane", sum(one.is_of_the_end for one in statements), ""),
        *(Row(f"  {word}", control[word], "") for word in sorted(control)),
        Row("CPU a charge, nothing beside it", process, "ms", None, f"median of {TIMED}"),
        Row("  of it in the task's own thread", thread, "ms", None, "the rest is the client's loop"),
    ]
    shown = [[one.short_sql, *one.callers] for one in statements]
    return {"title": "one charge alone", "rows": rows, "statements": shown}


def _queued(stage: Stage, number: int) -> list[int]:
    subscription = stage.running(1)[0]
    with stage.running_workers():
        quote = stage.quote(subscription, stage.new_names(number))
        stage.wait_for_prices([quote])
    order = stage.confirm(quote)
    stage.empty_the_broker()
    return list(Operation.objects.filter(order=order).order_by("pk").values_list("pk", flat=True))


def _timed(pk: int) -> tuple[float, float]:
    thread, process = time.thread_time(), time.process_time()
    tasks.execute_operation(pk)
    return time.thread_time() - thread, time.process_time() - process


def _statements(pk: int) -> tuple[list[Statement], Counter[str]]:
    """Carry out one operation; give its statements, and how often each word of transaction control was said."""
    seen: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, params: object, many: bool, context: object) -> Any:
        seen.append(Statement(sql, _callers()))
        return execute(sql, params, many, context)

    with CaptureQueriesContext(connection) as captured, connection.execute_wrapper(note):
        tasks.execute_operation(pk)
    words = (query["sql"].rstrip(";") for query in captured.captured_queries)
    return seen, Counter(word for word in words if word in TRANSACTIONS)


def _callers() -> tuple[str, ...]:
    """The functions of the project on the stack, the innermost first, as `file:function`."""
    frames = reversed(traceback.extract_stack())
    places = ((frame.filename.removeprefix(f"{ROOT}/"), frame.name) for frame in frames)
    return tuple(
        f"{path}:{name}" for path, name in places if path.startswith(("subscriptions/", "accounts/", "portal/"))
    )
