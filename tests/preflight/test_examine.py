"""All looks at a name: never an exception, never past the time, each topic once."""

import threading
from datetime import datetime

import pytest
from pytest_django import Settings

from subscriptions.preflight import acme_txt, caa, results
from subscriptions.preflight import examine as examining
from subscriptions.preflight.examine import TopicLook, examine
from subscriptions.preflight.question import Question
from subscriptions.preflight.results import Look, Outcome, Topic
from tests.preflight.conftest import ask_about
from tests.preflight.name_server import NameServer


def examined(name: str = "shop.example.com", seconds: float = 5.0) -> list[Look]:
    return examine(name, identifiers=["sectigo.com"], wants_http=True, seconds=seconds)


@pytest.fixture
def outbound_on(settings: Settings) -> None:
    settings.OUTBOUND = True


def test_what_may_not_reach_out_says_so_for_each_topic(settings: Settings) -> None:
    settings.OUTBOUND = False

    assert examined() == [Look(topic, Outcome.OFF, results.OFF) for topic in Topic]


@pytest.mark.usefixtures("outbound_on")
def test_a_mistake_in_one_topic_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(question: Question) -> list[Look]:
        raise ZeroDivisionError

    def fine(question: Question) -> list[Look]:
        return [Look(Topic.DNS, Outcome.FINE, results.ADDRESSES, {"addresses": [question.host]})]

    monkeypatch.setattr(examining, "TOPICS", {Topic.CAA: broken, Topic.DNS: fine})

    assert examined("*.example.com") == [
        Look(Topic.DNS, Outcome.FINE, results.ADDRESSES, {"addresses": ["example.com"]}),
        Look(Topic.CAA, Outcome.UNKNOWN, results.UNREADABLE, {"detail": "ZeroDivisionError"}),
    ]


@pytest.mark.usefixtures("outbound_on")
def test_a_topic_that_does_not_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def endless(question: Question) -> list[Look]:
        over.wait(10)
        return []

    monkeypatch.setattr(examining, "TOPICS", {Topic.HTTP: endless})
    began = datetime.now().astimezone()

    assert examined(seconds=0.05) == [Look(Topic.HTTP, Outcome.UNKNOWN, results.OUT_OF_TIME)]

    assert (datetime.now().astimezone() - began).total_seconds() < 5
    over.set()


def test_a_look_is_kept_as_json_and_read_back() -> None:
    look = Look(Topic.CAA, Outcome.PROBLEM, results.CAA_FORBIDS, {"at": "example.com", "allowed": ["ca.example"]})

    assert Look.of(look.kept()) == look


def test_a_look_is_kept_without_control_characters() -> None:
    facts = {"at": "a\0b", "values": ["\x1b[1m", "plain ü"], "by": {"k\x85": [{"deep": "\ud800"}]}, "count": 3}

    assert Look(Topic.CAA, Outcome.FINE, results.CAA_ALLOWS, facts).kept()["facts"] == {
        "at": r"a\x00b",
        "values": [r"\x1b[1m", "plain ü"],
        "by": {r"k\x85": [{"deep": r"\xd800"}]},
        "count": 3,
    }


@pytest.mark.parametrize(
    ("look", "at", "kind", "record", "fact", "expected"),
    [
        (acme_txt.look, "_acme-challenge.shop.example.com", "TXT", r'"a\000b"', "values", [r"a\x00b"]),
        (caa.look, "shop.example.com", "CAA", r'0 issue "a\000b"', "records", [r'0 issue "a\x00b"']),
    ],
)
def test_a_nul_of_a_name_server_is_not_kept(
    resolver: NameServer, look: TopicLook, at: str, kind: str, record: str, fact: str, expected: list[str]
) -> None:
    resolver.records[at, kind] = [record]

    (seen,) = look(ask_about())

    assert "\0" in seen.facts[fact][0]
    assert seen.kept()["facts"][fact] == expected


def test_each_code_stands_once() -> None:
    names = [name for name, value in vars(results).items() if name.isupper() and isinstance(value, str)]

    assert len(results.CODES) == len(names)
