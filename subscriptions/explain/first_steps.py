"""The three steps to the first certificate, ticked off from what the CA reports. Pure."""

from dataclasses import dataclass

from subscriptions.models import Subscription


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
    def is_waiting(self) -> bool:
        """Whether something can be expected to change by itself soon."""
        if self.state in (Subscription.State.FAILED, Subscription.State.LAPSED):
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
