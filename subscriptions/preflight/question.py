"""What is asked about a name, as every topic gets it."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ports:
    """Where name servers, web servers and TLS servers listen: tests have theirs elsewhere."""

    dns: int = 53
    http: int = 80
    https: int = 443


@dataclass(frozen=True, slots=True)
class Question:
    """A name in A-labels, perhaps a wildcard; who may issue for it; whether a proof by HTTP is wanted."""

    name: str
    identifiers: Collection[str]
    wants_http: bool
    until: float
    """When all looks have to be over, by `time.monotonic()`."""
    ports: Ports = Ports()

    @property
    def host(self) -> str:
        """Give the name without the asterisk of a wildcard."""
        return self.name.removeprefix("*.")

    @property
    def is_wildcard(self) -> bool:
        """Say whether it is a wildcard."""
        return self.name != self.host
