"""What is known of a name, and what is said of it: the types of the diagnosis."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from subscriptions.models import Subscription
from subscriptions.preflight.results import Look, Outcome
from subscriptions.rules.instants import day_text
from subscriptions.rules.written_names import written


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a name: of its subscription, of the CA's last reading, and from outside."""

    name: str
    now: datetime
    state: Subscription.State
    expires_at: datetime | None = None
    is_there: bool = True
    is_listed: bool = True
    account_status: str = ""  # the CA's word where it can not be used, else empty
    organization_problem: str = ""
    clients: int = 0
    stopped_clients: int = 0
    client_seen_at: datetime | None = None
    client_name: str = ""
    has_failed: bool = False
    last_words: str = ""
    last_seen_at: datetime | None = None
    valid_until: datetime | None = None
    due_at: datetime | None = None
    read_at: datetime | None = None
    is_held: bool = False
    looks: Sequence[Look] = ()
    is_looking: bool = False
    was_looked_at: bool = True

    @property
    def shown(self) -> str:
        """The name as people read it."""
        return str(written(self.name))

    @property
    def is_wildcard(self) -> bool:
        """Whether it is a wildcard, which is proved by DNS-01 only."""
        return self.name.startswith("*.")

    @property
    def has_certificate(self) -> bool:
        """Whether its last certificate is still valid."""
        return self.valid_until is not None and self.valid_until > self.now

    @property
    def is_due(self) -> bool:
        """Whether its certificate should have been renewed by now."""
        return self.due_at is not None and self.due_at <= self.now

    @property
    def is_quiet(self) -> bool:
        """Whether no client of its key was seen since its certificate was due."""
        return self.client_seen_at is not None and self.due_at is not None and self.client_seen_at < self.due_at

    def worst(self, *outcomes: Outcome, codes: Sequence[str] = ()) -> Look | None:
        """Give the first look with one of some outcomes, of some codes where any are named, in the order of codes."""
        of = [look for look in self.looks if look.outcome in outcomes and (not codes or look.code in codes)]
        return min(of, key=lambda look: codes.index(look.code)) if of and codes else next(iter(of), None)


@dataclass(frozen=True, slots=True)
class Link:
    """Where the next step is done: a place of the portal (a key of the page that shows it), and its words."""

    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: what, how it ended, what was seen, and what to do where something is."""

    topic: str
    outcome: Outcome
    text: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One sentence, one next step, and the lines below; `tone` is `success`, `info`, `warning` or `danger`."""

    code: str
    sentence: str
    step: str
    tone: str
    link: Link | None = None
    lines: Sequence[Line] = field(default_factory=list)


def day_of(instant: datetime | None) -> str:
    """Give the day of an instant in words; empty without one."""
    return day_text(instant.date()) if instant else ""
