"""The addresses of a name."""

import ipaddress
from collections.abc import Sequence
from itertools import takewhile

from portal.outbound import Answer, OutboundError, is_reachable, resolve
from subscriptions.rules.names import registrable_domain

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
        return [Look(Topic.DNS, serious, results.NO_ADDRESS, {"chain": _told(question, chain)})]
    public = [str(address) for address in addresses if is_reachable(address)]
    others = [str(address) for address in addresses if not is_reachable(address)]
    if others:
        outcome = Outcome.PROBLEM if _must_be_reached(question) and not public else Outcome.WARNING
        # An alias into a zone that only this resolver knows would have it tell what is inside.
        kept = {} if chain else {"addresses": some(others)}
        facts = {**kept, "public": some(public), "chain": _told(question, chain)}
        return [Look(Topic.DNS, outcome, results.NOT_PUBLIC, facts)]
    return [Look(Topic.DNS, Outcome.FINE, results.ADDRESSES, {"addresses": some(public), "chain": chain})]


def _must_be_reached(question: Question) -> bool:
    return question.wants_http and not question.is_wildcard


def _told(question: Question, chain: Sequence[str]) -> list[str]:
    """Give the aliases up to the first outside the name's own domain: that one its owner wrote."""
    own = registrable_domain(question.host)
    inside = list(takewhile(lambda name: name == own or name.endswith(f".{own}"), chain))
    return some(chain[: len(inside) + 1])


def _wrong(question: Question, answers: tuple[Answer, ...]) -> Look | None:
    for answer, rdtype in zip(answers, ("A", "AAAA"), strict=True):
        if answer.loops:
            return Look(Topic.DNS, Outcome.PROBLEM, results.ALIAS_LOOP, {"chain": _told(question, answer.chain)})
        if failed(answer):
            facts = {"asked": f"{question.host} {rdtype}", **failure(answer)}
            return Look(Topic.DNS, Outcome.PROBLEM, results.DNS_FAILED, facts)
        if answer.rcode == "NXDOMAIN":
            chain = _told(question, answer.chain)
            missing = chain[-1] if chain else question.host
            outcome = Outcome.PROBLEM if _must_be_reached(question) else Outcome.WARNING
            return Look(Topic.DNS, outcome, results.NO_NAME, {"missing": missing, "chain": chain})
    return None
