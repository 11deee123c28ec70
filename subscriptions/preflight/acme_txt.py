"""What stands at `_acme-challenge` of a name."""

from portal.outbound import Answer, OutboundError, resolve

from . import results
from .looking import failed, failure, not_looked, some
from .question import Question
from .results import Look, Outcome, Topic

LABEL = "_acme-challenge"  # RFC 8555 8.4


def look(question: Question) -> list[Look]:
    """Look for values left over, and for an alias that hands the place to another name."""
    at = f"{LABEL}.{question.host}"
    try:
        answer = resolve(at, "TXT", until=question.until)
    except OutboundError as error:
        return [not_looked(Topic.ACME_TXT, error, f"{at} TXT")]
    return [_seen(at, answer)]


def _seen(at: str, answer: Answer) -> Look:
    chain = some(answer.chain)
    if answer.loops:
        return Look(Topic.ACME_TXT, Outcome.PROBLEM, results.ALIAS_LOOP, {"chain": chain})
    if failed(answer):
        failing = {"asked": f"{at} TXT", **failure(answer)}
        return Look(Topic.ACME_TXT, Outcome.PROBLEM, results.DNS_FAILED, failing)
    if answer.records:
        values = [b"".join(record.strings).decode("latin-1") for record in answer.records]
        facts = {"at": at, "values": some(sorted(values)), "chain": chain}
        return Look(Topic.ACME_TXT, Outcome.WARNING, results.TXT_LEFT, facts)
    if chain:
        return Look(Topic.ACME_TXT, Outcome.FINE, results.TXT_DELEGATED, {"at": at, "to": chain[-1], "chain": chain})
    return Look(Topic.ACME_TXT, Outcome.FINE, results.TXT_NONE, {"at": at})
