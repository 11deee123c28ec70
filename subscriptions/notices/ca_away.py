"""The CA does not answer for a while. It needs nobody here, but nothing is read or charged meanwhile."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar

from accounts.models import Matter, User
from accounts.told_notices import Audience, Link, MatterFound, ToldNotice
from subscriptions.selectors.connection import gate

AWAY_FOR = timedelta(minutes=15)  # a short outage is no news


class CaAwayNotice(ToldNotice):
    """Told at once."""

    name = "ca_away"
    label = "CA does not answer"
    audience: ClassVar[Audience] = Audience.STAFF
    is_urgent: ClassVar[bool] = True

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give the one outage, where it has lasted."""
        row = gate()
        if row is not None and row.problem and row.problem_at is not None and row.problem_at <= now - AWAY_FOR:
            yield MatterFound(key="ca", began_at=row.problem_at, facts={"problem": row.problem})

    def title(self, matter: Matter) -> str:
        """Say what is the case."""
        return "The CA does not answer"

    def text(self, matter: Matter) -> str:
        """Give what the worker met, and say that work goes on by itself."""
        problem = str(matter.facts.get("problem", "")).rstrip(".")
        return f"{problem}. Nothing is lost: work goes on by itself once the CA answers."

    def solved_title(self, matter: Matter) -> str:
        """Say that it answers again."""
        return "Solved: the CA answers again"

    def link(self, matter: Matter, person: User | None) -> Link:
        """Give the page of the connection."""
        return Link("subscriptions:server-list")
