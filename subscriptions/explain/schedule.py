"""Why something that runs by itself did not: which process to look at."""

from collections.abc import Iterable

from portal.task_plan import PLANNED, Planned


def away(missed: Iterable[Planned]) -> str:
    """Give which process seems to be away, from the planned tasks that were missed; an empty text for none."""
    names = {planned.name for planned in missed}
    if not names:
        return ""
    queues = {planned.queue for planned in PLANNED}
    dead = [queue for queue in sorted(queues) if all(one.name in names for one in PLANNED if one.queue == queue)]
    if len(dead) == len(queues):
        return "Nothing runs by itself: look whether beat and the workers run."
    if not dead:
        return "The worker that takes it runs, for others of its tasks ended well: look at its log."
    words = " and ".join(f"“{queue}”" for queue in dead)
    return f"Nothing of {words} runs: look whether the worker that takes it runs."


def every(seconds: int) -> str:
    """Give how often something runs, in words."""
    for size, one, many in ((86400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes")):
        if seconds % size == 0:
            number = seconds // size
            return f"every {one}" if number == 1 else f"every {number} {many}"
    return f"every {seconds} seconds"


def took(seconds: float | None) -> str:
    """Give how long a run took, as exactly as is of use; "–" where none has ended."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return f"{max(round(seconds * 1000), 1)}\N{NO-BREAK SPACE}ms"
    if seconds < 100:
        return f"{seconds:.1f}\N{NO-BREAK SPACE}s"
    minutes = round(seconds / 60)
    return f"{minutes}\N{NO-BREAK SPACE}min" if minutes < 100 else f"{minutes / 60:.1f}\N{NO-BREAK SPACE}h"
