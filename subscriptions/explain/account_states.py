"""What it means for a customer that an ACME account, or one of its clients, is suspended or deactivated. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from subscriptions.models import Subscription

State = Subscription.State


@dataclass(frozen=True, slots=True)
class AccountWords:
    """A stopped ACME account in words, for its customer: what is so, what it means, what to do, and that in short."""

    title: str
    text: str
    remedy: str
    short: str


OF_STATES: Mapping[State, AccountWords] = {
    State.SUSPENDED: AccountWords(
        title="Your ACME account is suspended",
        text=(
            "None of your clients can order or renew a certificate, and none can register, until it is reinstated. "
            "Certificates that were issued stay valid until they expire."
        ),
        remedy="Ask your provider why, and until when.",
        short="Suspended: nothing can be issued or renewed.",
    ),
    State.DEACTIVATED: AccountWords(
        title="Your ACME account is deactivated for good",
        text=(
            "No client can order, renew or register with these ACME credentials any more. "
            "Certificates that were issued stay valid until they expire."
        ),
        remedy="Ask your provider for new ACME credentials, and register your clients with those.",
        short="Deactivated for good: nothing can be issued or renewed.",
    ),
}


@dataclass(frozen=True, slots=True)
class StoppedClients:
    """How many of a subscription's registered clients are suspended, and deactivated by the provider lately."""

    clients: int = 0
    suspended: int = 0
    deactivated: int = 0

    @property
    def sentence(self) -> str:
        """Say it; empty where none is."""
        parts = []
        if self.suspended:
            parts.append(f"{self._share(self.suspended)} suspended")
        if self.deactivated:
            parts.append(f"{self._share(self.deactivated)} deactivated by your provider")
        return f"{' and '.join(parts)}." if parts else ""

    @property
    def is_all(self) -> bool:
        """Whether none of them goes on."""
        return self.clients == self.suspended + self.deactivated

    def _share(self, number: int) -> str:
        clients = "registered client" if self.clients == 1 else "registered clients"
        return f"{number} of {self.clients} {clients} {'is' if number == 1 else 'are'}"
