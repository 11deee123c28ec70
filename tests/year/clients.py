"""The customers' ACME clients: each keeps one certificate, by the sandbox's real ACME side, unless it is in trouble.

What a client did is written down here, apart from the portal: it is what the portal's words are held against.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.service import AcmeService
from subscriptions.sandbox.faults import Fault
from tests.sandbox.acme_client import AcmeClient, b64, direct

FAILING_CODES = (3, 7)  # pre-sign failed, rejected
DUE = 2 / 3  # of the lifetime: when a client renews


class Trouble(StrEnum):
    """What can be the matter with a client."""

    FORGETS = "forgets"
    FAILS = "fails"
    IS_REVOKED = "is revoked"


@dataclass(frozen=True)
class Issued:
    """A certificate as the client has it."""

    at: datetime
    valid_from: datetime
    valid_until: datetime
    certificate: x509.Certificate

    def after(self, share: float) -> datetime:
        """The instant at which this share of its lifetime is over."""
        return self.valid_from + share * (self.valid_until - self.valid_from)


@dataclass
class Client:
    """One client: the names of its certificate, and what became of it."""

    acme: AcmeClient
    ca: Sandbox
    names: tuple[str, ...]
    issued: list[Issued] = field(default_factory=list)
    failed: list[tuple[datetime, int]] = field(default_factory=list)
    revoked: list[datetime] = field(default_factory=list)
    revocations: int = 0  # that are to come, those that were included
    trouble: Trouble | None = None
    trouble_ends: datetime | None = None
    renews_at: datetime | None = None
    tries_at: datetime | None = None

    def step(self, now: datetime, chance: Random) -> None:
        """Do what the client does at this time of day."""
        if self.renews_at is not None and now < self.renews_at:
            return
        if self.trouble_ends is not None and now >= self.trouble_ends:
            self.trouble = self.trouble_ends = None
        if self.trouble is None:
            self._obtain(now, chance)
        elif self.trouble is Trouble.IS_REVOKED and len(self.revoked) < self.revocations:
            self._revoke(now)
        elif self.trouble is Trouble.FAILS and (self.tries_at is None or now >= self.tries_at):
            self._fail(now, chance)

    def _obtain(self, now: datetime, chance: Random) -> None:
        chain = self.acme.obtain(*self.names)
        leaf = chain[0]
        new = Issued(now, leaf.not_valid_before_utc, leaf.not_valid_after_utc, leaf)
        self.issued.append(new)
        self.renews_at, self.tries_at = new.after(DUE + chance.uniform(0, 0.03)), None
        self._choose_trouble(new, chance)

    def _fail(self, now: datetime, chance: Random) -> None:
        code = chance.choice(FAILING_CODES)
        self.ca.arm("order", Fault.order_ends(code), domainName=self.names[0])
        order = self.acme.order(*self.names)
        self.acme.validate(order)
        assert "certificate" not in self.acme.finalize(order, *self.names).content
        self.failed.append((now, code))
        self.tries_at = now + timedelta(days=1)

    def _choose_trouble(self, new: Issued, chance: Random) -> None:
        """Decide what will be the matter once the certificate that was just issued is to be renewed."""
        drawn = chance.random()
        if drawn < 0.10:
            self.trouble = Trouble.FORGETS if drawn < 0.06 else Trouble.FAILS
            assert self.renews_at is not None
            self.trouble_ends = self.renews_at + timedelta(days=chance.uniform(2, 45))
        elif drawn < 0.12:
            self.trouble, self.revocations = Trouble.IS_REVOKED, self.revocations + 1
            self.renews_at = new.at + timedelta(days=chance.uniform(5, 50))
            self.trouble_ends = self.renews_at + timedelta(days=chance.uniform(2, 6))

    def _revoke(self, now: datetime) -> None:
        # RFC 8555, 7.6
        der = self.issued[-1].certificate.public_bytes(Encoding.DER)
        assert self.acme.post(self.acme.directory["revokeCert"], {"certificate": b64(der)}).status == 200
        self.revoked.append(now)


def make_client(ca: Sandbox, service: AcmeService, key: tuple[str, str], url: str, names: tuple[str, ...]) -> Client:
    """Give a client that has registered with an EAB key (its ID and HMAC key) at a directory."""
    acme = AcmeClient(direct(service), url)
    assert acme.register(*key).status == 201
    return Client(acme, ca, names)
