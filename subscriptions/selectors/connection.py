"""Reads about the connection to the CA."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from subscriptions.explain.states import ServerState, mark_of
from subscriptions.models import AcmeServer, Gate, HeldKind

SERVER_HEADING = (
    "Server", "ACME server URL", "Type", "State", "Why it is not sold", "Charges held since ({zone})",
    "Last listed ({zone})",
)  # fmt: skip


def servers() -> QuerySet[AcmeServer]:
    """Give every ACME server the CA lists or has listed."""
    return AcmeServer.objects.all()


def state_of_server(server: AcmeServer) -> ServerState:
    """Say whether a server is no longer listed, offered, or hidden: so it is where it cannot be sold."""
    if server.listed_at is None:
        return ServerState.GONE
    return ServerState.OFFERED if server.is_offered and not server.why_not_sold else ServerState.HIDDEN


def in_state(servers: QuerySet[AcmeServer], state: ServerState) -> QuerySet[AcmeServer]:
    """Keep the servers in a state."""
    if state == ServerState.GONE:
        return servers.filter(listed_at=None)
    offered = AcmeServer.objects.offered()
    listed = servers.exclude(listed_at=None)
    return listed.filter(pk__in=offered) if state == ServerState.OFFERED else listed.exclude(pk__in=offered)


def server_lines(servers: QuerySet[AcmeServer]) -> Iterator[tuple[str | datetime | None, ...]]:
    """Give ACME servers (from `servers`) under SERVER_HEADING."""
    for server in servers:
        yield (
            server.description,
            server.directory_url,
            server.validation_type,
            mark_of("server", state_of_server(server)).word,
            server.why_not_sold,
            server.charges_closed_at,
            server.listed_at,
        )


def gate() -> Gate | None:
    """Give the gate before the CA, or None where no worker has started yet."""
    return Gate.objects.filter(pk=Gate.SINGLETON).first()


def closed_servers() -> QuerySet[AcmeServer]:
    """Give the ACME servers for which nothing that costs money is sent, the first closed in front."""
    return AcmeServer.objects.exclude(charges_closed_at=None).order_by("charges_closed_at", "pk")


def held_kinds(now: datetime) -> QuerySet[HeldKind]:
    """Give the kinds of operation that are held because answers of them were lost in a row."""
    return HeldKind.objects.filter(held_until__gt=now).order_by("held_until", "pk")
