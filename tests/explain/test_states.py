"""Every state has a word, an icon that exists and a tone that is styled."""

import re
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from accounts.models import NoticeChoice, Telling, UndeliverableAddress
from accounts.roles import CustomerRole, Permission, ResellerRole
from accounts.told_notices import Audience
from accounts.told_notices import Topic as NoticeTopic
from subscriptions.explain.acme_errors import Certainty
from subscriptions.explain.states import VOCABULARY, StateMark, mark_of
from subscriptions.ledger.reading import CaList
from subscriptions.models import CustomerRequest, Finding, Operation, Prevalidation, Subscription, Transaction
from subscriptions.preflight.results import Topic as LookTopic
from subscriptions.rules.certificates import Standing
from subscriptions.rules.prevalidations import RenewalMode
from subscriptions.rules.proof import Verdict
from subscriptions.rules.visibility import Visibility
from subscriptions.selectors.prevalidations import OfferFor
from subscriptions.selectors.removals import Refund
from tests.policy.sources import modules

BADGES = (Path(settings.BASE_DIR) / "static" / "css" / "badges.css").read_text()
MARKS = [(kind, state) for kind, marks in VOCABULARY.items() for state in marks]
TEMPLATES = {path.name: path.read_text() for path in sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))}
# What is no state of anything, or never shown. Constants of happenings have words of their own.
NO_STATES = {
    Audience,
    CaList,
    Certainty,
    CustomerRequest.Kind,
    CustomerRole,
    Finding.Sort,
    LookTopic,
    NoticeChoice.How,
    NoticeTopic,
    Operation.Kind,
    OfferFor,
    Operation.Lane,
    Permission,
    Prevalidation.Recorded,
    Refund,
    RenewalMode,
    ResellerRole,
    Standing,
    Subscription.AccountState,
    Telling.How,
    Transaction.Explained,
    UndeliverableAddress.Reason,
    Verdict,
    Visibility,
}
# Nor is the entry point of the web process loaded here: it begins with a look at the database.
WITHOUT_STATES = re.compile(r"subscriptions\.(caas|sandbox|recipes|help|preflight)\b|\w+\.happenings$|portal\.wsgi$")


def enums(top: type[Enum] = Enum) -> Iterator[type[Enum]]:
    """Give every enum of the project, wherever it is defined."""
    for enum in top.__subclasses__():
        yield from enums(enum)
        if enum.__module__ in modules() and not WITHOUT_STATES.match(enum.__module__):
            yield enum


def test_every_state_has_a_mark() -> None:
    for name in modules():
        if not WITHOUT_STATES.match(name):
            import_module(name)
    # Not by value: members of two enums may be equal as texts.
    states = {(enum, member.name) for enum in enums() if enum not in NO_STATES for member in enum}
    marked = {(type(state), state.name) for marks in VOCABULARY.values() for state in marks}
    assert len(states) > 40
    assert sorted(f"{enum.__qualname__}.{name}" for enum, name in states - marked) == []


@pytest.mark.parametrize("kind", VOCABULARY)
def test_a_kind_holds_the_states_of_one_enum(kind: str) -> None:
    [enum] = {type(state) for state in VOCABULARY[kind]}
    assert {state.name for state in VOCABULARY[kind]} == set(enum.__members__)


def test_pages_ask_for_kinds_that_exist() -> None:
    asked = [
        (name, kind, state)
        for name, text in TEMPLATES.items()
        for kind, state in re.findall(
            r"""(?:\{% (?:badge|state_word) |badge_kind=)["'](\w+)["'](?: ["'](\w+)["'])?""", text
        )
    ]
    assert len(asked) > 20
    assert [one for one in asked if one[1] not in VOCABULARY or (one[2] and one[2] not in VOCABULARY[one[1]])] == []


@pytest.mark.parametrize("state", Operation.State)
def test_the_word_is_the_models(state: Operation.State) -> None:
    assert mark_of("operation", state).word == state.label


@pytest.mark.parametrize(("kind", "state"), MARKS)
def test_a_badge_shows_icon_and_word(kind: str, state: str) -> None:
    mark = mark_of(kind, state)

    html = Template("{% load ui %}{% badge kind state %}").render(Context({"kind": kind, "state": state}))

    assert html.startswith(f'<span class="state state--{mark.tone}')
    assert "<svg" in html
    assert html.endswith(f"{mark.word}</span>")
    assert mark.tone == "neutral" or f".state--{mark.tone}" in BADGES
    assert mark.icon != "question-mark-circle"


def test_a_replaced_certificate_is_told() -> None:
    assert mark_of("certificate", "replaced").word == "Replaced"


def test_a_state_the_ca_invents_keeps_its_word() -> None:
    assert mark_of("acme_account", "on hold") == StateMark("on hold", "question-mark-circle")


def test_the_case_of_the_cas_words_does_not_matter() -> None:
    assert mark_of("acme_account", "VALID").word == "Registered"


def test_no_state_at_all() -> None:
    assert mark_of("acme_account", "").word == "Unknown"


def test_a_kind_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        mark_of("weather", "fine")
