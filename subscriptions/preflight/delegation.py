"""The name servers of the zone that holds a name, each asked directly."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from portal.outbound import Answer, OutboundError, Unreachable, addresses_of, ask, resolve

from . import results
from .looking import climb, failed, not_looked, some
from .question import Question
from .results import Look, Outcome, Topic

MOST_SERVERS = 8
MOST_ADDRESSES = 2  # of each server
AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone: its name servers as the zone above names them and as it does itself; either may be unknown."""

    name: str
    parent: tuple[str, ...]
    child: tuple[str, ...]

    @property
    def servers(self) -> list[str]:
        """Give all of its name servers."""
        return sorted({*self.parent, *self.child})[:MOST_SERVERS]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one address of a name server said: `why` is empty where it answers for the zone."""

    server: str
    address: str
    why: str = ""
    serial: int = 0
    holds: str = ""
    """Of the name: `yes`, `no_name` or `empty`; empty where it was not said."""


def look(question: Question) -> list[Look]:
    """Find the zone and ask each of its name servers for it."""
    try:
        zone = zone_of(question)
    except OutboundError as error:
        return [not_looked(Topic.DELEGATION, error, question.host)]
    if zone is None:
        return [Look(Topic.DELEGATION, Outcome.PROBLEM, results.NO_ZONE, {"name": question.host})]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="preflight-dns") as pool:
        each = [seen for many in pool.map(partial(_asked, question, zone.name), zone.servers) for seen in many]
    return looks(zone, each)


def zone_of(question: Question) -> Zone | None:
    """Find the zone that holds the name, though its own servers may fail; raises OutboundError."""
    broken = ""
    for name in climb(question.host):
        answer = resolve(name, "SOA", until=question.until)
        if failed(answer):
            broken = name
        elif answer.records and not answer.chain:
            if broken:  # The zone in which look-ups fail is below this one, if this one hands it on.
                return _handed_on(question, name, broken)
            return Zone(name, _named_above(question, name), _servers(question, name))
    return None


def looks(zone: Zone, each: Sequence[Seen]) -> list[Look]:
    """Say what the answers of all name servers mean together."""
    judged = [seen for seen in each if seen.why != "no_route"]
    private = [seen for seen in judged if seen.why == "not_public"]
    lame = [seen for seen in judged if seen.why and seen.why != "not_public"]
    good = [seen for seen in judged if not seen.why]
    if not judged:
        facts: dict[str, Any] = {"asked": zone.name, "why": "no_route"}
        return [Look(Topic.DELEGATION, Outcome.UNKNOWN, results.NO_ANSWER, facts)]
    found = [_lame(zone, lame, good)] if lame else []
    if private:
        facts = {
            "zone": zone.name,
            "servers": [{"server": name} for name in dict.fromkeys(seen.server for seen in private)],
        }
        found.append(Look(Topic.DELEGATION, Outcome.WARNING, results.SERVER_NOT_PUBLIC, facts))
    found += _differences(zone, good)
    fine = Look(Topic.DELEGATION, Outcome.FINE, results.DELEGATED, {"zone": zone.name, "servers": zone.servers})
    return found or [fine]


def _lame(zone: Zone, lame: Sequence[Seen], good: Sequence[Seen]) -> Look:
    facts = {
        "zone": zone.name,
        "servers": some({"server": seen.server, "address": seen.address, "why": seen.why} for seen in lame),
        "answering": sorted({seen.server for seen in good}),
    }
    return Look(Topic.DELEGATION, Outcome.WARNING if good else Outcome.PROBLEM, results.LAME, facts)


def _differences(zone: Zone, good: Sequence[Seen]) -> list[Look]:
    found = []
    answers = {seen.server: seen.holds for seen in good if seen.holds}
    if len(set(answers.values())) > 1:
        facts: dict[str, Any] = {"zone": zone.name, "answers": answers}
        found.append(Look(Topic.DELEGATION, Outcome.PROBLEM, results.SERVERS_DIFFER, facts))
    serials = {seen.server: seen.serial for seen in good}
    if len(set(serials.values())) > 1:
        facts = {"zone": zone.name, "serials": serials}
        found.append(Look(Topic.DELEGATION, Outcome.WARNING, results.SERIALS_DIFFER, facts))
    if zone.parent and zone.child and set(zone.parent) != set(zone.child):
        facts = {"zone": zone.name, "parent": some(zone.parent), "child": some(zone.child)}
        found.append(Look(Topic.DELEGATION, Outcome.WARNING, results.PARENT_DIFFERS, facts))
    return found


def _servers(question: Question, zone: str) -> tuple[str, ...]:
    answer = resolve(zone, "NS", until=question.until)
    return tuple(sorted(record.target.to_text(omit_final_dot=True).lower() for record in answer.records))


def _named_above(question: Question, zone: str) -> tuple[str, ...]:
    """What the zone above hands the zone on to; empty where that cannot be learnt."""
    for name in list(climb(zone))[1:]:
        try:
            answer = resolve(name, "SOA", until=question.until)
            if answer.records and not answer.chain:
                return _referral(question, name, zone)[1]
        except OutboundError:
            return ()
    return ()


def _handed_on(question: Question, above: str, name: str) -> Zone | None:
    zone, servers = _referral(question, above, name)
    return Zone(zone, servers, ()) if zone else None


def _referral(question: Question, above: str, name: str) -> tuple[str, tuple[str, ...]]:
    """Ask the servers of a zone for a name below it, until one says who has it."""
    for server in _servers(question, above)[:MOST_SERVERS]:
        try:
            for address in addresses_of(server, until=question.until).reachable[:MOST_ADDRESSES]:
                answer = ask(address, name, "NS", port=question.ports.dns, until=question.until)
                if answer.referral[0]:
                    return answer.referral
                if answer.is_authoritative:  # it holds both zones, so that it refers to nobody
                    return "", ()
        except OutboundError:
            continue
    return "", ()


def _asked(question: Question, zone: str, server: str) -> list[Seen]:
    try:
        found = addresses_of(server, until=question.until)
    except OutboundError as error:
        return [Seen(server, "", "no_address" if isinstance(error, Unreachable) else error.why)]
    refused = [Seen(server, address, "not_public") for address in found.refused[:MOST_ADDRESSES]]
    return refused + [_said(question, zone, server, address) for address in found.reachable[:MOST_ADDRESSES]]


def _said(question: Question, zone: str, server: str, address: str) -> Seen:
    asking = partial(ask, address, port=question.ports.dns, until=question.until)
    try:
        start = asking(zone, "SOA")
        if failed(start):
            return Seen(server, address, start.rcode)
        if not (start.is_authoritative and start.records):
            return Seen(server, address, "not_authoritative")
        return Seen(server, address, "", start.records[0].serial, _holds(asking(question.host, "A")))
    except OutboundError as error:
        return Seen(server, address, error.why)


def _holds(answer: Answer) -> str:
    if answer.referral[0] or failed(answer):
        return ""
    if answer.rcode == "NXDOMAIN" and not answer.chain:
        return "no_name"
    return "yes" if answer.records or answer.chain else "empty"
