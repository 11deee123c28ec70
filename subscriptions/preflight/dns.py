"""The addresses of a name."""

import ipaddress

from portal.outbound import Answer, OutboundError, is_reachable, resolve

from . import results
from .looking import failed, failure, not_looked, some
from .question import Question
from .results import Look, Outcome, Topic


def look(question: Question) -> list[Look]:
    """Look up A and AAAA."""
    name = question.host
    try:
        four = resolve(name, "A", until=question.until)
        six = resolve(name, "AAAA", until=question.until)
    except OutboundError as error:
        return [not_looked(Topic.DNS, error, name)]
    answers = (four, six)
    if wrong := _wrong(question, answers):
        return [wrong]
    addresses = [ipaddress.ip_address(record.to_text()) for answer in answers for record in answer.records]
    chain = max((some(answer.chain) for answer in answers), key=len)
    serious = Outcome.PROBLEM if _must_be_reached(question) else Outcome.FINE
    if not addresses:
        return [Look(Topic.DNS, serious, results.NO_ADDRESS, {"chain": chain})]
    public = [str(address) for address in addresses if is_reachable(address)]
    others = [str(address) for address in addresses if not is_reachable(address)]
    if others:
        outcome = Outcome.PROBLEM if _must_be_reached(question) and not public else Outcome.WARNING
        facts = {"addresses": some(others), "public": some(public), "chain": chain}
        return [Look(Topic.DNS, outcome, results.NOT_PUBLIC, facts)]
    return [Look(Topic.DNS, Outcome.FINE, results.ADDRESSES, {"addresses": some(public), "chain": chain})]


def _must_be_reached(question: Question) -> bool:
    return question.wants_http and not question.is_wildcard


def _wrong(question: Question, answers: tuple[Answer, ...]) -> Look | None:
    for answer, rdtype in zip(answers, ("A", "AAAA"), strict=True):
        if answer.loops:
            return Look(Topic.DNS, Outcome.PROBLEM, results.ALIAS_LOOP, {"chain": some(answer.chain)})
        if failed(answer):
            facts = {"asked": f"{question.host} {rdtype}", **failure(answer)}
            return Look(Topic.DNS, Outcome.PROBLEM, results.DNS_FAILED, facts)
        if answer.rcode == "NXDOMAIN":
            missing = answer.chain[-1] if answer.chain else question.host
            outcome = Outcome.PROBLEM if _must_be_reached(question) else Outcome.WARNING
            return Look(Topic.DNS, outcome, results.NO_NAME, {"missing": missing, "chain": some(answer.chain)})
    return None
