"""Whether a validating resolver takes the name for signed, unsigned or broken."""

from portal.outbound import Answer, OutboundError, resolve

from . import results
from .looking import failed, not_looked
from .question import Question
from .results import Look, Outcome, Topic


def look(question: Question) -> list[Look]:
    """Ask with and without validation, and whether the resolver validates at all."""
    name = question.host
    try:
        return [_seen(question, resolve(name, "A", until=question.until))]
    except OutboundError as error:
        return [not_looked(Topic.DNSSEC, error, name)]


def _seen(question: Question, answer: Answer) -> Look:
    name = question.host
    if failed(answer):
        unchecked = resolve(name, "A", until=question.until, checking_disabled=True)
        if failed(unchecked):
            facts = {"asked": name, "why": answer.rcode}
            return Look(Topic.DNSSEC, Outcome.UNKNOWN, results.NO_ANSWER, facts)
        return Look(Topic.DNSSEC, Outcome.PROBLEM, results.BROKEN, {"name": name, "detail": answer.detail})
    if answer.is_validated:
        return Look(Topic.DNSSEC, Outcome.FINE, results.SIGNED, {"name": name})
    # The root is signed: whoever does not say so of it validates nothing.
    if resolve(".", "SOA", until=question.until).is_validated:
        return Look(Topic.DNSSEC, Outcome.FINE, results.UNSIGNED, {"name": name})
    return Look(Topic.DNSSEC, Outcome.UNKNOWN, results.NOT_VALIDATING, {"name": name})
