"""The names that a CA looks up: at one name server, or by the machine's own resolver."""

from typing import Any

import dns.exception
import dns.resolver

from .problems import Problem

TIMEOUT = 5.0


class Lookups:
    """Asks the name server at (address, port), or whom the machine asks where there is none; remembers nothing."""

    def __init__(self, server: tuple[str, int] | None = None) -> None:
        self._resolver = dns.resolver.Resolver(configure=server is None)
        if server is not None:
            self._resolver.nameservers = [server[0]]
            self._resolver.port = server[1]
        self._resolver.cache = None
        self._asks_own_server = server is not None

    def address(self, host: str) -> str:
        """An address of the host, or the host itself for the operating system, which knows /etc/hosts too.

        Raises Problem (dns) where there is none.
        """
        if not self._asks_own_server:
            return host
        for kind in ("A", "AAAA"):
            if addresses := self.records(host, kind):
                return str(addresses[0])
        raise Problem("dns", f"No address found for {host}")

    def records(self, name: str, kind: str) -> list[Any]:
        """The records of that kind, none for a name without; raises Problem (dns) for a look-up that fails."""
        try:
            return list(self._resolver.resolve(name, kind, lifetime=TIMEOUT))
        except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
            return []
        except dns.exception.DNSException as error:
            raise Problem("dns", f"Looking up {kind} of {name}: {error}") from error
