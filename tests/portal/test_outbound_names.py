"""Asking name servers: whatever they answer, or do not."""

import time
from collections.abc import Iterator

import dns.message
import dns.rrset
import pytest
from pytest_django import Settings

from portal.outbound import (
    Off,
    OutboundError,
    Refused,
    TimedOut,
    Unreachable,
    Unreadable,
    addresses_of,
    ask,
    resolve,
)
from tests.preflight.name_server import NameServer


@pytest.fixture
def resolver(settings: Settings) -> Iterator[NameServer]:
    with NameServer() as server:
        settings.OUTBOUND = True
        settings.OUTBOUND_RESOLVERS = [server.setting]
        yield server


def texts(*records: object) -> list[str]:
    return sorted(str(record) for record in records)


def test_it_works(resolver: NameServer) -> None:
    resolver.records = {
        ("shop.example.com", "CNAME"): ["cdn.example.net."],
        ("cdn.example.net", "A"): ["93.184.215.14", "93.184.215.15"],
    }
    resolver.validated = {"shop.example.com"}

    answer = resolve("shop.example.com", "A")

    assert texts(*answer.records) == ["93.184.215.14", "93.184.215.15"]
    assert (answer.rcode, answer.chain, answer.loops) == ("NOERROR", ("cdn.example.net",), False)
    assert answer.is_validated
    assert not answer.is_authoritative


def test_nothing_is_asked_where_it_is_off(settings: Settings, resolver: NameServer) -> None:
    settings.OUTBOUND = False

    with pytest.raises(Off):
        resolve("example.com", "A")
    with pytest.raises(Off):
        ask("127.0.0.1", "example.com", "A")
    with pytest.raises(Off):
        addresses_of("1.1.1.1")
    assert resolver.asked == []


def test_what_is_cut_short_comes_over_tcp(resolver: NameServer) -> None:
    resolver.records["many.example.com", "TXT"] = [f'"{number:0>200}"' for number in range(250)]
    resolver.truncated = {"many.example.com"}

    assert len(resolve("many.example.com", "TXT").records) == 250
    assert len(resolver.asked) == 2


@pytest.mark.parametrize("length", [2, 40])
def test_a_circle_of_aliases_ends(resolver: NameServer, length: int) -> None:
    for number in range(length):
        resolver.records[f"a{number}.example.com", "CNAME"] = [f"a{(number + 1) % length}.example.com."]

    answer = resolve("a0.example.com", "A")

    assert answer.loops
    assert answer.records == ()
    assert len(answer.chain) <= 13


def test_a_failure_is_an_answer_unless_another_resolver_has_a_better_one(
    settings: Settings, resolver: NameServer
) -> None:
    resolver.rcodes["example.com"] = "SERVFAIL"
    assert resolve("example.com", "A").rcode == "SERVFAIL"

    with NameServer() as other:
        other.records["example.com", "A"] = ["93.184.215.14"]
        settings.OUTBOUND_RESOLVERS = [resolver.setting, other.setting]
        assert texts(*resolve("example.com", "A").records) == ["93.184.215.14"]


def test_validation_is_left_to_the_asker_on_demand(resolver: NameServer) -> None:
    resolver.records["example.com", "A"] = ["93.184.215.14"]
    resolver.bogus = {"example.com"}

    assert resolve("example.com", "A").rcode == "SERVFAIL"
    assert resolve("example.com", "A", checking_disabled=True).rcode == "NOERROR"


def test_a_resolver_that_says_nothing(resolver: NameServer) -> None:
    resolver.silent = {"example.com"}
    began = time.monotonic()

    with pytest.raises(TimedOut):
        resolve("example.com", "A", until=began + 0.2)

    assert time.monotonic() - began < 2


def test_a_resolver_that_is_not_there(settings: Settings) -> None:
    with NameServer() as gone:
        place = gone.setting
    settings.OUTBOUND, settings.OUTBOUND_RESOLVERS = True, [place]

    with pytest.raises(OutboundError) as raised:
        resolve("example.com", "A", until=time.monotonic() + 0.3)
    assert isinstance(raised.value, Unreachable | TimedOut)


def test_an_answer_to_another_question_is_passed_over(resolver: NameServer) -> None:
    def of_somebody_else(query: dns.message.Message) -> bytes:
        other = dns.message.make_response(dns.message.make_query("other.example.com", "A", id=query.id))
        other.answer.append(dns.rrset.from_text("other.example.com.", 60, "IN", "A", "93.184.215.14"))
        return other.to_wire()

    resolver.raw = of_somebody_else
    with pytest.raises(TimedOut):
        resolve("example.com", "A", until=time.monotonic() + 0.2)


def test_rubbish_is_passed_over(resolver: NameServer) -> None:
    resolver.raw = lambda query: query.id.to_bytes(2, "big") + b"\x80\x00" + b"\xff" * 40
    with pytest.raises(TimedOut):
        resolve("example.com", "A", until=time.monotonic() + 0.2)


@pytest.mark.parametrize("name", [f"{'a' * 64}.example.com", "a..example.com", ".".join(["abcdefg"] * 40)])
def test_what_is_no_name_is_not_asked_for(resolver: NameServer, name: str) -> None:
    with pytest.raises(Unreadable):
        resolve(name, "A")
    assert resolver.asked == []


def test_addresses_are_judged_each(resolver: NameServer) -> None:
    resolver.records = {
        ("example.com", "A"): ["93.184.215.14", "10.0.0.1", "169.254.169.254"],
        ("example.com", "AAAA"): ["2606:4700::1111", "::1", "::ffff:93.184.215.14", "64:ff9b::a00:1"],
    }

    found = addresses_of("example.com")

    assert found.reachable == ("2606:4700::1111", "93.184.215.14")
    inside = {"::1", "::ffff:5db8:d70e", "64:ff9b::a00:1", "10.0.0.1", "169.254.169.254"}
    assert set(found.refused) == inside


def test_the_end_of_aliases_is_judged(resolver: NameServer) -> None:
    resolver.records = {
        ("www.example.com", "CNAME"): ["inside.example.net."],
        ("inside.example.net", "A"): ["127.0.0.1"],
    }

    assert addresses_of("www.example.com").reachable == ()


@pytest.mark.parametrize(("host", "reachable"), [("1.1.1.1", ("1.1.1.1",)), ("[::1]", ()), ("127.0.0.1", ())])
def test_a_literal_is_judged_and_asked_nobody_about(
    resolver: NameServer, host: str, reachable: tuple[str, ...]
) -> None:
    assert addresses_of(host).reachable == reachable
    assert resolver.asked == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "localhost"])
def test_other_writings_of_an_address_are_names_like_any(resolver: NameServer, host: str) -> None:
    with pytest.raises(Unreachable) as raised:
        addresses_of(host)

    assert raised.value.why == "no_name"
    assert resolver.asked == [(host, "A"), (host, "AAAA")]


def test_a_host_without_an_address(resolver: NameServer) -> None:
    resolver.records["example.com", "TXT"] = ['"v=spf1 -all"']

    with pytest.raises(Unreachable) as raised:
        addresses_of("example.com")
    assert raised.value.why == "no_address"


def test_a_server_asked_directly_is_judged_first(settings: Settings, resolver: NameServer) -> None:
    resolver.authoritative = True
    host, port = resolver.address
    with pytest.raises(Refused):
        ask(host, "example.com", "SOA", port=port)
    assert resolver.asked == []

    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    resolver.delegated = {"example.com": ["ns2.example.net.", "ns1.example.net."]}
    answer = ask(host, "shop.example.com", "A", port=port)
    assert answer.referral == ("example.com", ("ns1.example.net", "ns2.example.net"))
