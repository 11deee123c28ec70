"""CAA as the CA evaluates it (RFC 8659): which record counts, and what it lets the CA do."""

import pytest

from subscriptions.preflight import caa
from subscriptions.preflight.results import Look, Outcome, Topic
from tests.preflight.conftest import NAME, ask_about, told
from tests.preflight.name_server import NameServer

OURS, OTHER = '0 issue "sectigo.com"', '0 issue "ca.example.net"'


def test_it_works(resolver: NameServer) -> None:
    resolver.records["example.com", "CAA"] = [OURS, OTHER, '0 iodef "mailto:security@example.com"']

    (look,) = caa.look(ask_about())

    assert (look.topic, look.outcome, look.code) == (Topic.CAA, Outcome.FINE, "caa_allows")
    assert look.facts["at"] == "example.com"
    assert look.facts["tag"] == "issue"
    assert sorted(look.facts["records"]) == [
        '0 iodef "mailto:security@example.com"',
        '0 issue "ca.example.net"',
        '0 issue "sectigo.com"',
    ]
    assert resolver.asked == [("shop.example.com", "CAA"), ("example.com", "CAA")]


def test_none_up_to_the_top(resolver: NameServer) -> None:
    facts = {"looked_at": ["shop.example.com", "example.com", "com"]}
    assert caa.look(ask_about()) == [Look(Topic.CAA, Outcome.FINE, "caa_none", facts)]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([OURS], "caa_allows"),
        (['0 issue "SECTIGO.com"'], "caa_allows"),
        (['0 ISSUE "usertrust.com"'], "caa_allows"),
        (['0 issue "  sectigo.com  "'], "caa_allows"),
        (['0 issue "sectigo.com;"'], "caa_allows"),
        (['0 issue "sectigo.com ; "'], "caa_allows"),
        (['128 issue "sectigo.com"'], "caa_allows"),
        ([OTHER, OURS], "caa_allows"),
        ([OURS, '0 issue ";"'], "caa_allows"),  # 4.2: each record permits, none forbids what another permits
        ([OURS, '0 issue "sectigo.com; policy=ev"'], "caa_allows"),
        (['0 issuewild "ca.example.net"'], "caa_allows"),  # says nothing about other names than wildcards
        (['0 issuewild ";"'], "caa_allows"),
        (['0 iodef "mailto:a@example.com"'], "caa_allows"),
        (['0 unheardof "x"'], "caa_allows"),
        (['128 iodef "mailto:a@example.com"'], "caa_allows"),
        ([OTHER], "caa_forbids"),
        (['0 issue "notsectigo.com"', '0 issue "sectigo.com.example.net"'], "caa_forbids"),
        ([OTHER, '0 issue ";"'], "caa_forbids"),
        (['0 issue ";"'], "caa_forbids_all"),
        (['0 issue ""'], "caa_forbids_all"),
        (['0 issue "%%%%%"'], "caa_forbids_all"),  # what is not grammatical permits nobody
        (['0 issue "sectigo.com."'], "caa_forbids_all"),
        (['0 issue "sectigo.com ca.example.net"'], "caa_forbids_all"),
        (['0 issue "sectigo.com; policy"'], "caa_forbids_all"),
        (['128 tbs "unknown"', OURS], "caa_critical"),
        (['128 issuevmc ";"'], "caa_critical"),
    ],
)
def test_what_records_permit(resolver: NameServer, records: list[str], expected: str) -> None:
    resolver.records[NAME, "CAA"] = records

    assert [look.code for look in caa.look(ask_about())] == [expected]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([OURS], "caa_allows"),
        ([OTHER], "caa_forbids"),
        ([OTHER, '0 issuewild "sectigo.com"'], "caa_allows"),
        ([OURS, '0 issuewild "ca.example.net"'], "caa_forbids"),
        ([OURS, '0 issuewild ";"'], "caa_forbids_all"),
        (['0 issue ";"', '0 issuewild "sectigo.com"'], "caa_allows"),
        (['0 iodef "mailto:a@example.com"'], "caa_allows"),
    ],
)
def test_what_records_permit_a_wildcard(resolver: NameServer, records: list[str], expected: str) -> None:
    resolver.records["example.com", "CAA"] = records

    assert [look.code for look in caa.look(ask_about("*.example.com"))] == [expected]


def test_the_nearest_counts_alone(resolver: NameServer) -> None:
    resolver.records = {(NAME, "CAA"): [OTHER], ("example.com", "CAA"): [OURS]}

    (look,) = caa.look(ask_about())

    assert (look.code, look.facts["at"], look.facts["allowed"]) == ("caa_forbids", NAME, ["ca.example.net"])
    assert look.facts["wanted"] == ["sectigo.com", "usertrust.com"]


def test_an_alias_is_followed_and_not_climbed_from(resolver: NameServer) -> None:
    resolver.records = {
        (NAME, "CNAME"): ["shop.hoster.example."],
        ("hoster.example", "CAA"): [OURS],  # RFC 6844 would have climbed there
        ("example.com", "CAA"): [OTHER],
    }
    (look,) = caa.look(ask_about())
    assert (look.code, look.facts["at"]) == ("caa_forbids", "example.com")

    resolver.records["shop.hoster.example", "CAA"] = [OURS]
    (look,) = caa.look(ask_about())
    assert (look.code, look.facts["at"], look.facts["chain"]) == ("caa_allows", NAME, ["shop.hoster.example"])


def test_conditions_are_told(resolver: NameServer) -> None:
    record = '0 issue "sectigo.com; accounturi=https://acme.example/1; validationmethods=dns-01"'
    resolver.records[NAME, "CAA"] = [OTHER, record]

    (look,) = caa.look(ask_about())

    assert told([look]) == [("warning", "caa_limited")]
    assert look.facts["conditions"] == {"accounturi": "https://acme.example/1", "validationmethods": "dns-01"}


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED"])
def test_a_failing_look_up_is_no_permission(resolver: NameServer, rcode: str) -> None:
    resolver.rcodes["example.com"] = rcode

    (look,) = caa.look(ask_about())

    facts = {"at": "example.com", "answer": rcode, "detail": ""}
    assert look == Look(Topic.CAA, Outcome.PROBLEM, "caa_failed", facts)


def test_a_circle_of_aliases(resolver: NameServer) -> None:
    resolver.records[NAME, "CNAME"] = [f"{NAME}."]

    (look,) = caa.look(ask_about())

    assert (look.code, look.facts["answer"]) == ("caa_failed", "loop")


def test_nobody_answers(resolver: NameServer) -> None:
    resolver.silent = {NAME}

    (look,) = caa.look(ask_about(seconds=0.1))

    facts = {"asked": f"{NAME} CAA", "why": "timed_out"}
    assert look == Look(Topic.CAA, Outcome.UNKNOWN, "no_answer", facts)


@pytest.mark.parametrize("value", [" " * 60_000 + "!", "a-" * 30_000, ";" + "a" * 60_000, "a;" + " " * 60_000 + "x"])
def test_a_long_value_is_read_in_one_pass(value: str) -> None:
    """A stranger's zone gives it: where a pattern began anew at each character, the worker would stand for minutes."""
    record = caa.Property(0, "issue", value)
    assert (record.issuer, record.parameters) == ("", {})
