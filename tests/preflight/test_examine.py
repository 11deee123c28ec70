"""All looks at a name: never an exception, never past the time, each topic once."""

import threading
from datetime import datetime

import pytest
from pytest_django import Settings

from subscriptions.preflight import examine as examining
from subscriptions.preflight import results
from subscriptions.preflight.examine import examine
from subscriptions.preflight.question import Question
from subscriptions.preflight.results import Look, Outcome, Topic


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


def test_each_code_stands_once() -> None:
    names = [name for name, value in vars(results).items() if name.isupper() and isinstance(value, str)]

    assert len(results.CODES) == len(names)
