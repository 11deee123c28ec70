"""The three steps to the first certificate."""

from dataclasses import replace

import pytest

from subscriptions.explain.first_steps import (
    Progress,
    Workflow,
    WorkflowLinks,
    announcement,
    guide_steps,
    steps_of_a_new_account,
    workflow_steps,
)
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


# --- The reseller's staff ---------------------------------------------------------------------------------------------

BEGUN = Workflow(
    state=Subscription.State.READY,
    prevalidation="",
    has_names=False,
    being_added=0,
    is_handed_over=False,
    is_registered=False,
    has_certificate=False,
)
LINKS = WorkflowLinks(prevalidation="/pv/", names="/names/", hand_over="/hand-over/")
TITLES = ["ACME account", "Pre-validation", "Names", "Hand-over", "Client registered", "First certificate"]


@pytest.mark.parametrize(
    ("workflow", "states", "urls"),
    [
        (replace(BEGUN, state=Subscription.State.CREATING), "current done todo todo todo todo", ["", "", "", ""]),
        (BEGUN, "done done current todo todo todo", ["", "", "/names/", "/hand-over/"]),
        (
            replace(BEGUN, prevalidation="Not yet."),
            "done current todo todo todo todo",
            ["", "/pv/", "/names/", "/hand-over/"],
        ),
        (replace(BEGUN, is_handed_over=True), "done done current done todo todo", ["", "", "/names/", ""]),
        (replace(BEGUN, has_names=True), "done done done current todo todo", ["", "", "", "/hand-over/"]),
        (
            replace(BEGUN, has_names=True, is_handed_over=True, is_registered=True),
            "done done done done done current",
            ["", "", "", ""],
        ),
    ],
)
def test_the_workflow_shows_where_one_stands(workflow: Workflow, states: str, urls: list[str]) -> None:
    steps = workflow_steps(workflow, LINKS)

    assert [step.title for step in steps] == TITLES
    assert " ".join(step.state for step in steps) == states
    assert [step.url for step in steps][:4] == urls


def test_the_workflow_of_dv_has_no_pre_validation() -> None:
    steps = workflow_steps(replace(BEGUN, prevalidation=None), LINKS)
    assert [step.title for step in steps] == [title for title in TITLES if title != "Pre-validation"]
    assert [step.title for step in steps_of_a_new_account(needs_prevalidation=False)] == [step.title for step in steps]
    new = steps_of_a_new_account(needs_prevalidation=True)
    assert [step.title for step in new] == TITLES
    assert [step.state for step in new] == ["current", *["todo"] * 5]


def test_the_workflow_tells_why_no_name_can_be_added() -> None:
    assert workflow_steps(replace(BEGUN, prevalidation="It has lapsed."), LINKS)[1].text == "It has lapsed."
    assert workflow_steps(replace(BEGUN, being_added=3), LINKS)[2].text == "3 being added at the CA."
