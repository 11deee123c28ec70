"""Asking name servers: the resolver of this machine, or one server directly."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
from django.conf import settings

from .addresses import Address, is_reachable, require_reachable
from .errors import OutboundError, TimedOut, Unreachable, Unreadable
from .times import end_of, seconds_left

STEP = 2.5  # seconds for one server's answer
MOST_PORT = 65535
PASSES = 2  # of all resolvers, before nobody answers
PAYLOAD = 1232  # bytes by UDP; what is longer comes over TCP
MOST_ALIASES = 12
MOST_ADDRESSES = 16  # of one host that are looked at


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name server said of a name and a type. Names are in A-labels, lower case, without a final dot."""

    rcode: str
    """NOERROR, NXDOMAIN, SERVFAIL …"""
    records: tuple[Any, ...]
    """Those of the type asked for, at the end of the chain, as dnspython has them."""
    chain: tuple[str, ...]
    """The aliases followed, in their order; the last is where the records are."""
    loops: bool
    """The aliases lead in a circle, or to too many."""
    is_authoritative: bool
    is_validated: bool
    zone: str
    """The zone that holds the name, where the answer is that there is nothing; otherwise empty."""
    referral: tuple[str, tuple[str, ...]]
    """A zone further down and its name servers, where an authoritative server refers to them."""
    detail: str
    """What a server says about its failure (RFC 8914)."""


@dataclass(frozen=True, slots=True)
class HostAddresses:
    """The addresses of a host: those that may be connected to, and those that may not."""

    reachable: tuple[str, ...]
    refused: tuple[str, ...]
    answer: Answer | None
    """Of the A records; None for a literal address."""


def resolve(name: str, rdtype: str, *, until: float | None = None, checking_disabled: bool = False) -> Answer:
    """Ask the resolver, each of `OUTBOUND_RESOLVERS` or the system's in turn until one answers.

    A failure (SERVFAIL, REFUSED) is an answer too, where no other resolver has a better one. `checking_disabled`
    tells it not to validate. Raises Off, TimedOut, Unreachable or Unreadable.
    """
    end = end_of(until, name)
    query = _query(name, rdtype)
    if checking_disabled:
        query.flags |= dns.flags.CD
    failure: Answer | None = None
    trouble: OutboundError = Unreachable(name)
    for address, port in _resolvers() * PASSES:
        try:
            answer = _asked(query, address, port, end, name)
        except OutboundError as error:
            trouble = error
            continue
        if answer.rcode in ("NOERROR", "NXDOMAIN"):
            return answer
        failure = answer
    if failure is None:
        raise trouble
    return failure


def ask(server: str, name: str, rdtype: str, *, port: int = 53, until: float | None = None) -> Answer:
    """Ask one name server by its address, which is judged first, and ask it for what it knows itself only.

    Raises Off, Refused, TimedOut, Unreachable or Unreadable.
    """
    end = end_of(until, name)
    query = _query(name, rdtype)
    query.flags &= ~dns.flags.RD
    return _asked(query, require_reachable(server), port, end, name)


def addresses_of(host: str, *, until: float | None = None) -> HostAddresses:
    """Give the addresses of a host, IPv6 first as clients do, or of a literal address itself, each judged.

    Raises what `resolve` does, and Unreachable (`no_name`, `no_address`, `unreachable`) where there is none.
    """
    end = end_of(until, host)
    if (literal := _literal(host)) is not None:
        return _judged([literal], None)
    # Both families: a CA may take either.
    four, six = resolve(host, "A", until=end), resolve(host, "AAAA", until=end)
    found = [ipaddress.ip_address(record.to_text()) for answer in (six, four) for record in answer.records]
    if not found:
        raise Unreachable(host, _why_none(four))
    return _judged(found, four)


def unreadable_resolvers() -> list[str]:
    """Give the texts in `OUTBOUND_RESOLVERS` that name no server."""
    return [text for text in settings.OUTBOUND_RESOLVERS if text.strip() and _with_port(text.strip()) is None]


def _judged(addresses: Iterable[Address], answer: Answer | None) -> HostAddresses:
    each = list(dict.fromkeys(addresses))[:MOST_ADDRESSES]
    return HostAddresses(
        reachable=tuple(str(address) for address in each if is_reachable(address)),
        refused=tuple(str(address) for address in each if not is_reachable(address)),
        answer=answer,
    )


def _why_none(answer: Answer) -> str:
    return {"NXDOMAIN": "no_name", "NOERROR": "no_address"}.get(answer.rcode, "unreachable")


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def _resolvers() -> list[tuple[str, int]]:
    if settings.OUTBOUND_RESOLVERS:
        return [place for text in settings.OUTBOUND_RESOLVERS if (place := _with_port(text.strip())) is not None]
    try:
        return [(str(server), 53) for server in dns.resolver.Resolver().nameservers]
    except dns.resolver.NoResolverConfiguration:
        return []


def _with_port(text: str) -> tuple[str, int] | None:
    if (literal := _literal(text)) is not None:
        return str(literal), 53
    address, _, port = text.rpartition(":")
    literal = _literal(address)
    return (str(literal), int(port)) if literal is not None and port.isdecimal() and int(port) <= MOST_PORT else None


def _query(name: str, rdtype: str) -> dns.message.Message:
    try:
        return dns.message.make_query(f"{name.removesuffix('.')}.", rdtype, want_dnssec=True, payload=PAYLOAD)
    except (dns.exception.DNSException, ValueError) as error:
        raise Unreadable(name) from error


def _asked(query: dns.message.Message, address: str, port: int, end: float, name: str) -> Answer:
    try:
        # What somebody else sends to the same port is passed over, until the time is up.
        reply, _ = dns.query.udp_with_fallback(
            query, address, timeout=seconds_left(end, STEP, name), port=port, ignore_unexpected=True, ignore_errors=True
        )
    except dns.exception.Timeout as error:
        raise TimedOut(name) from error
    except OSError as error:
        raise Unreachable(name) from error
    except (dns.exception.DNSException, EOFError, ValueError) as error:
        raise Unreadable(name) from error
    return _read(query, reply)


def _read(query: dns.message.Message, reply: dns.message.Message) -> Answer:
    question = query.question[0]
    chain, loops, end = _followed(question.name, reply)
    records = [
        record for rrset in reply.answer if rrset.name == end and rrset.rdtype == question.rdtype for record in rrset
    ]
    return Answer(
        rcode=dns.rcode.to_text(reply.rcode()),
        records=() if loops else tuple(records),
        chain=tuple(_text(name) for name in chain),
        loops=loops,
        is_authoritative=bool(reply.flags & dns.flags.AA),
        is_validated=bool(reply.flags & dns.flags.AD),
        zone=next((_text(rrset.name) for rrset in reply.authority if rrset.rdtype == dns.rdatatype.SOA), ""),
        referral=_referral(reply),
        detail=_detail(reply),
    )


def _followed(start: dns.name.Name, reply: dns.message.Message) -> tuple[list[dns.name.Name], bool, dns.name.Name]:
    aliases = {
        rrset.name: rrset[0].target for rrset in reply.answer if rrset.rdtype == dns.rdatatype.CNAME and len(rrset) > 0
    }
    if reply.question and reply.question[0].rdtype == dns.rdatatype.CNAME:
        return [], False, start
    chain: list[dns.name.Name] = []
    name = start
    while name in aliases:
        name = aliases[name]
        if name == start or name in chain or len(chain) >= MOST_ALIASES:
            return [*chain, name], True, name
        chain.append(name)
    return chain, False, name


def _referral(reply: dns.message.Message) -> tuple[str, tuple[str, ...]]:
    if reply.answer or reply.flags & dns.flags.AA:
        return "", ()
    for rrset in reply.authority:
        if rrset.rdtype == dns.rdatatype.NS:
            return _text(rrset.name), tuple(sorted(_text(record.target) for record in rrset))
    return "", ()


def _detail(reply: dns.message.Message) -> str:
    texts = [option.to_text() for option in reply.options if isinstance(option, dns.edns.EDEOption)]
    return "; ".join(texts)[:200]


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
