"""The three steps to the first certificate, ticked off from what the CA reports. Pure."""

from dataclasses import dataclass

from subscriptions.models import Subscription

State = Subscription.State


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a customer is on the way to the first certificate, from what the CA reports."""

    state: Subscription.State
    has_names: bool
    being_added: int
    was_seen: bool
    is_registered: bool
    has_certificate: bool

    @property
    def is_on_the_way(self) -> bool:
        """Whether a first certificate is to come, and can."""
        return self.state in (State.READY, State.RUNNING) and not self.has_certificate

    @property
    def is_waiting(self) -> bool:
        """Whether something can be expected to change by itself soon."""
        if self.state not in (State.CREATING, State.READY, State.RUNNING):
            return False
        return self.being_added > 0 or not self.has_certificate


@dataclass(frozen=True, slots=True)
class GuideStep:
    """A step of the guide; `state` is `done`, `current` (the one to do now) or `todo`. `url` leads to doing it."""

    title: str
    text: str
    state: str
    url: str = ""
    action: str = ""


def guide_steps(progress: Progress, *, setup_url: str) -> list[GuideStep]:
    """Give the three steps with their states; the first that is not done is the current one."""
    done = [progress.was_seen or progress.is_registered, progress.is_registered, progress.has_certificate]
    current = done.index(False) if False in done else -1
    return [
        GuideStep(
            title,
            text,
            state="done" if is_done else "current" if number == current else "todo",
            url=setup_url if number == current else "",
            action=action,
        )
        for number, ((title, text, action), is_done) in enumerate(zip(_texts(progress), done, strict=True))
    ]


def _texts(progress: Progress) -> list[tuple[str, str, str]]:
    waiting = "" if progress.has_names else " Names come first: your provider adds them."
    return [
        ("Set up your ACME client", "Choose yours and follow its instructions.", "Choose your client"),
        ("Register it", "Done when the CA reports that your client registered.", "Open the instructions"),
        (
            "First certificate issued",
            f"Done when the CA reports a certificate for one of your names.{waiting}",
            "Open the instructions",
        ),
    ]


def announcement(steps: list[GuideStep]) -> str:
    """Give what a screen reader says when the guide has moved on."""
    current = next((number for number, step in enumerate(steps) if step.state == "current"), None)
    return "" if current is None else f"Step {current + 1} of {len(steps)}: {steps[current].title}"


# --- The reseller's staff ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Workflow:
    """How far a subscription is on the way from its ACME account to the first certificate, as its staff see it.

    `prevalidation` is why no name can be added under its pre-validation, or an empty text; None where it needs none.
    """

    state: Subscription.State
    prevalidation: str | None
    has_names: bool
    being_added: int
    is_handed_over: bool
    is_registered: bool
    has_certificate: bool
    is_hand_over_pending: bool = False


@dataclass(frozen=True, slots=True)
class WorkflowLinks:
    """Where each step is done; empty for who may not do it, or where it is done elsewhere."""

    prevalidation: str = ""
    names: str = ""
    hand_over: str = ""


def workflow_steps(workflow: Workflow, links: WorkflowLinks) -> list[GuideStep]:
    """Give the steps of the workflow ("OV subscriptions" in the CaaS guide), for DV without the pre-validation.

    The first that is not done is the current one; names and hand-over lead on in any order.
    """
    is_made = workflow.state not in (Subscription.State.CREATING, Subscription.State.FAILED)
    steps = [(ACCOUNT, is_made, "", "")]
    if workflow.prevalidation is not None:
        is_valid = workflow.has_names or not workflow.prevalidation
        text = "The CA has validated the organization." if is_valid else workflow.prevalidation
        steps.append(((PREVALIDATION[0], text), is_valid, links.prevalidation, "See it"))
    adding = f"{workflow.being_added} being added at the CA." if workflow.being_added else NAMES[1]
    handing = "Done when an invited person accepts." if workflow.is_hand_over_pending else HAND_OVER[1]
    steps += [
        ((NAMES[0], adding), workflow.has_names, links.names if is_made else "", "Add names"),
        (
            (HAND_OVER[0], handing),
            workflow.is_handed_over,
            links.hand_over if is_made else "",
            "Look" if workflow.is_hand_over_pending else "Hand over",
        ),
        (REGISTERED, workflow.is_registered, "", ""),
        (CERTIFICATE, workflow.has_certificate, "", ""),
    ]
    current = next((number for number, (_, is_done, *_) in enumerate(steps) if not is_done), -1)
    return [
        GuideStep(
            title,
            text,
            state="done" if is_done else "current" if number == current else "todo",
            url="" if is_done else url,
            action=action,
        )
        for number, ((title, text), is_done, url, action) in enumerate(steps)
    ]


def steps_of_a_new_account(*, needs_prevalidation: bool) -> list[GuideStep]:
    """Give the steps before there is anything: the ACME account is the current one."""
    before = [ACCOUNT, PREVALIDATION] if needs_prevalidation else [ACCOUNT]
    return [
        GuideStep(title, text, state="todo" if number else "current")
        for number, (title, text) in enumerate([*before, NAMES, HAND_OVER, REGISTERED, CERTIFICATE])
    ]


ACCOUNT = ("ACME account", "Created at the CA, at no charge.")
PREVALIDATION = ("Pre-validation", "The CA validates the organization; it is recorded here.")
NAMES = ("Names", "Quoted, confirmed and added. The first one starts the term.")
HAND_OVER = ("Hand-over", "The customer’s people get a mail that their credentials are ready.")
REGISTERED = ("Client registered", "The customer sets up an ACME client; the CA reports it.")
CERTIFICATE = ("First certificate", "Ordered by the client; the CA reports it.")
