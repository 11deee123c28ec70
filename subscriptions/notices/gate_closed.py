"""The connection to the CA is closed, wholly or for what costs money: a person has to reopen it."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from accounts.models import Matter, User
from accounts.told_notices import Audience, Link, MatterFound, ToldNotice
from subscriptions.explain.waits import CLOSED_TITLES
from subscriptions.selectors.connection import closed_servers, gate


class GateClosedNotice(ToldNotice):
    """Told at once: nothing that waits is sent until then."""

    name = "gate_closed"
    label = "Connection to the CA is closed"
    audience: ClassVar[Audience] = Audience.STAFF
    is_urgent: ClassVar[bool] = True

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give what is closed: the gate, or the charges of one server."""
        row = gate()
        if row is not None and row.closed_for:
            facts = {"closed_for": row.closed_for, "why": row.reason}
            yield MatterFound(key=f"gate:{row.closed_for}", began_at=row.closed_at or now, facts=facts)
        for server in closed_servers():
            yield MatterFound(
                key=f"server:{server.code}",
                began_at=server.charges_closed_at or now,
                about_kind="acmeserver",
                about_code=server.code,
                about_name=str(server),
                facts={"why": server.charges_closed_reason},
            )

    def title(self, matter: Matter) -> str:
        """Say what is not sent."""
        if matter.about_name:
            return f"Nothing that costs money is sent for {matter.about_name}"
        return CLOSED_TITLES[matter.facts["closed_for"]]

    def text(self, matter: Matter) -> str:
        """Say why, and who can reopen it."""
        return f"{matter.facts.get('why', '')} A reseller admin can reopen the connection.".strip()

    def solved_title(self, matter: Matter) -> str:
        """Say that it was reopened."""
        return (
            f"Solved: the connection to the CA was reopened{f' for {matter.about_name}' if matter.about_name else ''}"
        )

    def link(self, matter: Matter, person: User | None) -> Link:
        """Give the page of the CA's servers, where it is reopened."""
        return Link("subscriptions:server-list")
