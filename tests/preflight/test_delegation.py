"""The name servers of a zone, each asked directly: lame ones, and ones that disagree."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from subscriptions.preflight import delegation
from subscriptions.preflight.results import Look, Outcome, Topic
from tests.preflight.conftest import NAME, ask_about, told
from tests.preflight.name_server import NameServer

SOA = "ns1.example.com. hostmaster.example.com. {} 1 1 1 1"
BOTH = ["ns1.example.com.", "ns2.example.com."]


def holds_zone(server: NameServer, serial: int = 1) -> NameServer:
    server.authoritative = True
    server.records = {("example.com", "SOA"): [SOA.format(serial)], (NAME, "A"): ["93.184.215.14"]}
    return server


@pytest.fixture
def first(loopback: NameServer) -> Iterator[NameServer]:
    """The first name server of the zone; the zone above is at 127.0.0.5 and hands on to both."""
    with NameServer("127.0.0.2") as server, NameServer("127.0.0.5", server.address[1]) as above:
        above.authoritative, above.delegated = True, {"example.com": BOTH}
        loopback.records = {
            ("example.com", "SOA"): [SOA.format(1)],
            ("example.com", "NS"): BOTH,
            ("com", "SOA"): [SOA.format(9)],
            ("com", "NS"): ["a.tld.example."],
            ("a.tld.example", "A"): ["127.0.0.5"],
            ("ns1.example.com", "A"): ["127.0.0.2"],
            ("ns2.example.com", "A"): ["127.0.0.3"],
            (NAME, "A"): ["93.184.215.14"],
        }
        yield holds_zone(server)


@pytest.fixture
def second(first: NameServer) -> Iterator[NameServer]:
    with NameServer("127.0.0.3", first.address[1]) as server:
        yield holds_zone(server)


def looked(first: NameServer) -> list[Look]:
    return delegation.look(ask_about(dns=first.address[1]))


@pytest.mark.usefixtures("second")
def test_it_works(first: NameServer) -> None:
    facts = {"zone": "example.com", "servers": ["ns1.example.com", "ns2.example.com"]}
    assert looked(first) == [Look(Topic.DELEGATION, Outcome.FINE, "delegated", facts)]


def test_one_is_lame(first: NameServer, second: NameServer) -> None:
    second.rcodes["example.com"] = "REFUSED"

    (look,) = looked(first)

    assert (look.outcome, look.code, look.facts["answering"]) == ("warning", "lame", ["ns1.example.com"])
    assert look.facts["servers"] == [{"server": "ns2.example.com", "address": "127.0.0.3", "why": "REFUSED"}]


def test_all_are_lame(first: NameServer, second: NameServer) -> None:
    first.authoritative = False
    second.records = {}

    (look,) = looked(first)

    assert told([look]) == [("problem", "lame")]
    assert [server["why"] for server in look.facts["servers"]] == ["not_authoritative", "not_authoritative"]


def test_look_ups_fail_and_the_zone_above_says_where(
    first: NameServer, second: NameServer, loopback: NameServer
) -> None:
    loopback.rcodes = dict.fromkeys((NAME, "example.com"), "SERVFAIL")
    first.rcodes["example.com"] = second.rcodes["example.com"] = "SERVFAIL"

    (look,) = looked(first)

    assert (look.outcome, look.code, look.facts["zone"]) == ("problem", "lame", "example.com")


def test_they_hold_different_things(first: NameServer, second: NameServer) -> None:
    holds_zone(second, serial=2)
    del second.records[NAME, "A"]

    differ, serials = looked(first)

    assert told([differ, serials]) == [("problem", "servers_differ"), ("warning", "serials_differ")]
    assert differ.facts["answers"] == {"ns1.example.com": "yes", "ns2.example.com": "no_name"}
    assert serials.facts["serials"] == {"ns1.example.com": 1, "ns2.example.com": 2}


@pytest.mark.usefixtures("second")
def test_the_zone_above_names_others(first: NameServer, loopback: NameServer) -> None:
    loopback.records["example.com", "NS"] = ["ns1.example.com."]

    (look,) = looked(first)

    assert told([look]) == [("warning", "parent_differs")]
    assert (look.facts["parent"], look.facts["child"]) == (["ns1.example.com", "ns2.example.com"], ["ns1.example.com"])


def test_a_name_server_that_is_not_public_is_not_asked(first: NameServer, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = []

    (look,) = looked(first)

    assert told([look]) == [("warning", "server_not_public")]
    assert look.facts["servers"] == [{"server": "ns1.example.com"}, {"server": "ns2.example.com"}]
    assert first.asked == []


@pytest.mark.usefixtures("second")
def test_a_name_server_without_an_address(first: NameServer, loopback: NameServer) -> None:
    del loopback.records["ns2.example.com", "A"]

    (look,) = looked(first)

    assert look.facts["servers"] == [{"server": "ns2.example.com", "address": "", "why": "no_address"}]


def test_no_zone_at_all(loopback: NameServer) -> None:
    assert told(delegation.look(ask_about())) == [("problem", "no_zone")]


def test_nobody_answers(resolver: NameServer) -> None:
    resolver.silent = {NAME}
    assert told(delegation.look(ask_about(seconds=0.1))) == [("unknown", "no_answer")]
