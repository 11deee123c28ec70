"""Every state has a word, an icon that exists and a tone that is styled."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from subscriptions.explain.states import VOCABULARY, StateMark, mark_of
from subscriptions.models import Gate, Operation, Quote, QuoteLine, Subscription

BADGES = (Path(settings.BASE_DIR) / "static" / "css" / "badges.css").read_text()
MARKS = [(kind, state) for kind, marks in VOCABULARY.items() for state in marks]


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        ("subscription", Subscription.State.values),
        ("operation", Operation.State.values),
        ("quote", Quote.State.values),
        ("quote_line", QuoteLine.State.values),
        ("gate", Gate.Closed.values),
        ("invitation", ["accepted", "revoked", "expired", "open"]),
    ],
)
def test_every_state_has_a_mark(kind: str, states: list[str]) -> None:
    assert set(VOCABULARY[kind]) == set(states)


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


def test_a_state_the_ca_invents_keeps_its_word() -> None:
    assert mark_of("acme_account", "on hold") == StateMark("on hold", "question-mark-circle")


def test_the_case_of_the_cas_words_does_not_matter() -> None:
    assert mark_of("acme_account", "VALID").word == "Registered"


def test_no_state_at_all() -> None:
    assert mark_of("acme_account", "").word == "Unknown"


def test_a_kind_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        mark_of("weather", "fine")
