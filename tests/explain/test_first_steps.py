"""The three steps to the first certificate."""

from dataclasses import replace

import pytest

from subscriptions.explain.first_steps import Progress, announcement, guide_steps
from subscriptions.models import Subscription

START = Progress(
    state=Subscription.State.RUNNING,
    has_names=True,
    being_added=0,
    was_seen=False,
    is_registered=False,
    has_certificate=False,
)


@pytest.mark.parametrize(
    ("progress", "states", "spoken"),
    [
        (START, ["current", "todo", "todo"], "Step 1 of 3: Set up your ACME client"),
        (replace(START, was_seen=True), ["done", "current", "todo"], "Step 2 of 3: Register it"),
        (replace(START, is_registered=True), ["done", "done", "current"], "Step 3 of 3: First certificate issued"),
        (replace(START, is_registered=True, has_certificate=True), ["done", "done", "done"], ""),
    ],
)
def test_states(progress: Progress, states: list[str], spoken: str) -> None:
    steps = guide_steps(progress, setup_url="/setup/")
    assert [step.state for step in steps] == states
    assert [step.url for step in steps] == ["/setup/" if state == "current" else "" for state in states]
    assert announcement(steps) == spoken


def test_names_come_first() -> None:
    assert "Names come first" not in guide_steps(START, setup_url="/")[2].text
    assert "Names come first" in guide_steps(replace(START, has_names=False), setup_url="/")[2].text


@pytest.mark.parametrize(
    ("progress", "waits"),
    [
        (START, True),
        (replace(START, has_certificate=True), False),
        (replace(START, has_certificate=True, being_added=1), True),
        (replace(START, state=Subscription.State.CREATING), True),
        (replace(START, state=Subscription.State.FAILED), False),
        (replace(START, state=Subscription.State.LAPSED), False),
    ],
)
def test_waiting(progress: Progress, waits: bool) -> None:
    assert progress.is_waiting is waits
