"""What the topics share: from an error to a look, and from a name to the zones above it."""

from collections.abc import Iterator
from typing import Any

from portal.outbound import Answer, Off, OutboundError, Unreadable

from . import results
from .results import Look, Outcome, Topic

MOST_FACTS = 20  # of each list that a look carries
LONGEST_FACT = 300  # characters


def not_looked(topic: Topic, error: OutboundError, asked: str) -> Look:
    """Give the look that an error leaves: nothing is known."""
    if isinstance(error, Off):
        return Look(topic, Outcome.OFF, results.OFF)
    if isinstance(error, Unreadable):
        return Look(topic, Outcome.UNKNOWN, results.UNREADABLE, {"asked": asked, "detail": error.why})
    why = "refused" if error.why == "not_public" else error.why
    return Look(topic, Outcome.UNKNOWN, results.NO_ANSWER, {"asked": asked, "why": why})


def failed(answer: Answer) -> bool:
    """Whether a name server answered with a failure."""
    return answer.rcode not in ("NOERROR", "NXDOMAIN")


def failure(answer: Answer) -> dict[str, str]:
    """Give the facts of a failure."""
    return {"answer": answer.rcode, "detail": answer.detail}


def climb(name: str) -> Iterator[str]:
    """Give a name and each above it, the top-level domain last."""
    labels = name.split(".")
    for depth in range(len(labels)):
        yield ".".join(labels[depth:])


def some(values: Any) -> list[Any]:
    """Give the first of many, as a list; a text is cut."""
    return [value[:LONGEST_FACT] if isinstance(value, str) else value for value in list(values)[:MOST_FACTS]]
