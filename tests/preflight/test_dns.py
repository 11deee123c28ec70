"""The addresses of a name, DNSSEC, and what stands at `_acme-challenge`."""

import pytest

from subscriptions.explain.preflight import words_of
from subscriptions.preflight import acme_txt, dns, dnssec
from subscriptions.preflight.examine import TopicLook
from subscriptions.preflight.results import Look, Outcome, Topic
from tests.preflight.conftest import NAME, ask_about, told
from tests.preflight.name_server import NameServer

CHALLENGE = f"_acme-challenge.{NAME}"


def test_it_works(resolver: NameServer) -> None:
    resolver.records = {
        (NAME, "CNAME"): ["cdn.example.net."],
        ("cdn.example.net", "A"): ["93.184.215.14"],
        ("cdn.example.net", "AAAA"): ["2606:4700::1111"],
    }
    facts = {"addresses": ["93.184.215.14", "2606:4700::1111"], "chain": ["cdn.example.net"]}
    assert dns.look(ask_about()) == [Look(Topic.DNS, Outcome.FINE, "addresses", facts)]


@pytest.mark.parametrize(("wants_http", "outcome"), [(True, "problem"), (False, "warning")])
def test_a_name_that_is_not_there(resolver: NameServer, wants_http: bool, outcome: str) -> None:
    (look,) = dns.look(ask_about(wants_http=wants_http))
    assert (look.outcome, look.code, look.facts["missing"]) == (outcome, "no_name", NAME)


def test_an_alias_to_nothing(resolver: NameServer) -> None:
    resolver.records[NAME, "CNAME"] = ["gone.example.net."]

    (look,) = dns.look(ask_about())

    assert (look.code, look.facts["missing"], look.facts["chain"]) == (
        "no_name",
        "gone.example.net",
        ["gone.example.net"],
    )


@pytest.mark.parametrize(("wants_http", "outcome"), [(True, "problem"), (False, "fine")])
def test_a_name_without_an_address(resolver: NameServer, wants_http: bool, outcome: str) -> None:
    resolver.records[NAME, "TXT"] = ['"hello"']
    assert told(dns.look(ask_about(wants_http=wants_http))) == [(outcome, "no_address")]
    assert told(dns.look(ask_about(f"*.{NAME}"))) == [("fine", "no_address")]


@pytest.mark.parametrize(
    ("addresses", "outcome"), [(["10.0.0.1"], "problem"), (["100.64.0.1", "93.184.215.14"], "warning")]
)
def test_addresses_nobody_outside_reaches(resolver: NameServer, addresses: list[str], outcome: str) -> None:
    resolver.records[NAME, "A"] = addresses

    (look,) = dns.look(ask_about())

    assert (look.outcome, look.code, look.facts["addresses"]) == (outcome, "not_public", addresses[:1])
    assert look.facts["public"] == addresses[1:]


@pytest.mark.parametrize("public", [[], ["93.184.215.14"]])
def test_an_alias_tells_no_address_that_is_not_public(resolver: NameServer, public: list[str]) -> None:
    resolver.records = {
        (NAME, "CNAME"): ["intranet.corp.example."],
        ("intranet.corp.example", "CNAME"): ["host7.corp.example."],
        ("host7.corp.example", "A"): ["10.1.2.3", *public],
    }

    (look,) = dns.look(ask_about())

    assert (look.code, look.outcome) == ("not_public", "warning" if public else "problem")
    assert look.facts == {"public": public, "chain": ["intranet.corp.example"]}
    assert "an address that is not public" in words_of(look).text


def test_an_alias_to_nothing_names_no_more_than_its_target(resolver: NameServer) -> None:
    resolver.records = {
        (NAME, "CNAME"): ["b.example.com."],
        ("b.example.com", "CNAME"): ["intranet.corp.example."],
        ("intranet.corp.example", "CNAME"): ["host7.corp.example."],
    }

    (look,) = dns.look(ask_about())

    chain = ["b.example.com", "intranet.corp.example"]
    assert (look.code, look.facts) == ("no_name", {"missing": "intranet.corp.example", "chain": chain})


def test_a_circle_of_aliases(resolver: NameServer) -> None:
    resolver.records = {(NAME, "CNAME"): ["b.example.com."], ("b.example.com", "CNAME"): [f"{NAME}."]}
    assert told(dns.look(ask_about())) == [("problem", "alias_loop")]


def test_a_failure(resolver: NameServer) -> None:
    resolver.rcodes[NAME] = "SERVFAIL"
    (look,) = dns.look(ask_about())
    assert (look.code, look.facts["answer"], look.facts["asked"]) == ("dns_failed", "SERVFAIL", f"{NAME} A")


@pytest.mark.parametrize("looked", [dns.look, dnssec.look, acme_txt.look])
def test_nobody_answers(resolver: NameServer, looked: TopicLook) -> None:
    resolver.silent = {NAME, CHALLENGE}
    (look,) = looked(ask_about(seconds=0.1))
    assert (look.outcome, look.code, look.facts["why"]) == ("unknown", "no_answer", "timed_out")


def test_signed_unsigned_and_broken(resolver: NameServer) -> None:
    resolver.records = {(NAME, "A"): ["93.184.215.14"], (".", "SOA"): ["a. b. 1 1 1 1 1"]}
    assert told(dnssec.look(ask_about())) == [("unknown", "not_validating")]

    resolver.validated = {"."}
    assert told(dnssec.look(ask_about())) == [("fine", "unsigned")]

    resolver.validated = {".", NAME}
    assert told(dnssec.look(ask_about())) == [("fine", "signed")]

    resolver.bogus = {NAME}
    assert told(dnssec.look(ask_about())) == [("problem", "broken")]

    resolver.bogus, resolver.rcodes = set(), {NAME: "SERVFAIL"}
    assert told(dnssec.look(ask_about())) == [("unknown", "no_answer")]


def test_what_is_left_of_a_challenge(resolver: NameServer) -> None:
    assert told(acme_txt.look(ask_about())) == [("fine", "txt_none")]

    resolver.records[CHALLENGE, "TXT"] = ['"second"', '"first" "part"']
    (look,) = acme_txt.look(ask_about())
    facts = {"at": CHALLENGE, "values": ["firstpart", "second"], "chain": []}
    assert look == Look(Topic.ACME_TXT, Outcome.WARNING, "txt_left", facts)


def test_a_challenge_handed_on(resolver: NameServer) -> None:
    resolver.records[CHALLENGE, "CNAME"] = ["1234.acme-dns.example."]
    (look,) = acme_txt.look(ask_about(f"*.{NAME}"))
    assert (look.code, look.facts["to"]) == ("txt_delegated", "1234.acme-dns.example")

    resolver.records["1234.acme-dns.example", "TXT"] = ['"old"']
    assert told(acme_txt.look(ask_about())) == [("warning", "txt_left")]

    resolver.records["1234.acme-dns.example", "CNAME"] = [f"{CHALLENGE}."]
    assert told(acme_txt.look(ask_about())) == [("problem", "alias_loop")]

    resolver.rcodes[CHALLENGE] = "REFUSED"
    assert told(acme_txt.look(ask_about())) == [("problem", "dns_failed")]
