"""Port 80 of every address of a name, as an HTTP-01 challenge meets it."""

import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from portal.outbound import Fetched, OutboundError, addresses_of, get

from . import results
from .looking import not_looked, some
from .question import Ports, Question
from .results import Look, Outcome, Topic

PATH = "/.well-known/acme-challenge/"  # RFC 8555 8.3
MOST_ADDRESSES = 8
AT_ONCE = 4
_LOGIN = frozenset({401, 403, 407, 511})
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """What one address answered, or why it did not."""

    address: str
    answer: Fetched | None = None
    error: OutboundError | None = None

    @property
    def redirects(self) -> tuple[str, ...]:
        """Give where it was sent on to."""
        told = self.answer or self.error
        return told.redirects if told else ()


def look(question: Question) -> list[Look]:
    """Ask every address for a path that no challenge has, and follow where it leads."""
    if not question.wants_http:
        return [Look(Topic.HTTP, Outcome.FINE, results.NOT_NEEDED)]
    if question.is_wildcard:
        return [Look(Topic.HTTP, Outcome.PROBLEM, results.WILDCARD_NEEDS_DNS)]
    try:
        addresses = addresses_of(question.host, until=question.until).reachable
    except OutboundError as error:
        if error.why in ("no_name", "no_address"):
            return [Look(Topic.HTTP, Outcome.UNKNOWN, results.NOTHING_TO_REACH)]
        return [not_looked(Topic.HTTP, error, question.host)]
    if not addresses:
        return [Look(Topic.HTTP, Outcome.UNKNOWN, results.NOTHING_TO_REACH)]
    path = f"{PATH}{secrets.token_urlsafe(16)}"
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="preflight-http") as pool:
        each = list(pool.map(_asking(question, path), addresses[:MOST_ADDRESSES]))
    return looks(path, each)


def looks(path: str, each: Iterable[Seen]) -> list[Look]:
    """Say what the answers of all addresses mean together."""
    judged = [seen for seen in each if not (seen.error and seen.error.why == "no_route")]
    if not judged:
        return [Look(Topic.HTTP, Outcome.UNKNOWN, results.NO_ANSWER, {"asked": path, "why": "no_route"})]
    silent = [seen for seen in judged if seen.error and not seen.redirects]
    answering = [seen for seen in judged if seen not in silent]
    found = [_silent(silent, answering)] if silent else []
    found += [problem for seen in answering if (problem := _problem(path, seen))]
    if found:
        return some(found)
    addresses = [
        {
            "address": seen.address,
            "status": seen.answer.status if seen.answer else None,
            "redirects": some(seen.redirects),
        }
        for seen in answering
    ]
    return [Look(Topic.HTTP, Outcome.FINE, results.HTTP_ANSWERS, {"path": path, "addresses": addresses})]


def _asking(question: Question, path: str) -> Callable[[str], Seen]:
    ports = question.ports
    port = "" if ports.http == Ports().http else f":{ports.http}"

    def ask(address: str) -> Seen:
        url = f"http://{question.host}{port}{path}"
        try:
            answer = get(url, address=address, until=question.until, ports={ports.http, ports.https})
        except OutboundError as error:
            return Seen(address, error=error)
        return Seen(address, answer=answer)

    return ask


def _silent(silent: Iterable[Seen], answering: Iterable[Seen]) -> Look:
    facts = {
        "addresses": [{"address": seen.address, "why": seen.error.why if seen.error else ""} for seen in silent],
        "answering": [seen.address for seen in answering],
    }
    return Look(Topic.HTTP, Outcome.PROBLEM, results.HTTP_SILENT, facts)


def _problem(path: str, seen: Seen) -> Look | None:
    # A proof is looked for whether or not the certificate on the way holds: what is renewed has often ended.
    if seen.error and seen.error.why not in ("certificate", "no_route"):
        facts = {"address": seen.address, "to": seen.redirects[-1], "why": seen.error.why}
        return Look(Topic.HTTP, Outcome.PROBLEM, results.HTTP_REDIRECT_BROKEN, facts)
    for target in seen.redirects:
        if urlsplit(target).path != path:
            facts = {"address": seen.address, "to": target}
            return Look(Topic.HTTP, Outcome.WARNING, results.HTTP_PATH_LOST, facts)
    if seen.answer and (seen.answer.status in _LOGIN or seen.answer.status >= _SERVER_ERROR):
        where: dict[str, Any] = {"address": seen.address, "status": seen.answer.status, "at": seen.answer.url}
        return Look(Topic.HTTP, Outcome.WARNING, results.HTTP_ERROR, where)
    return None
