"""A portal and a CA without a network between them: the real client, the sandbox, and one clock for both."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from django.db.models import DateTimeField, Value
from django.utils import timezone

from subscriptions.caas.client import CaasClient
from subscriptions.caas.transport import Timeouts
from subscriptions.ledger import clock as ledger_clock
from subscriptions.ledger.limiter import DatabaseLimiter, Limits
from subscriptions.sandbox import Sandbox
from tests.ledger.world import World
from tests.sandbox_transport import sandbox_transport

LOGIN, PASSWORD = "northwind", "not-a-real-password"


class FrozenClock:
    """A clock that moves only when told to. It starts tomorrow at nine: rows written with the real time are older."""

    def __init__(self) -> None:
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        self.instant = datetime.combine(tomorrow, time(9), UTC)

    def __call__(self) -> datetime:
        return self.instant

    def expression(self, after: timedelta = timedelta(0)) -> Value:
        """The same as the database gives it in a statement, or a time after it."""
        return Value(self.instant + after, output_field=DateTimeField())

    def advance(self, **step: float) -> None:
        """Move forward by the arguments of `timedelta`."""
        self.instant += timedelta(**step)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FrozenClock:
    frozen = FrozenClock()
    monkeypatch.setattr(timezone, "now", frozen)
    # The database's clock and the host's since its boot stand still with it.
    monkeypatch.setattr(ledger_clock, "_has_own_clock", lambda: False)
    monkeypatch.setattr(ledger_clock, "seconds_since_boot", lambda: frozen.instant.timestamp())
    return frozen


@pytest.fixture
def ca(tmp_path: Path, clock: FrozenClock) -> Iterator[Sandbox]:
    """The CA's side."""
    sandbox = Sandbox(tmp_path / "sandbox.sqlite3", clock=clock, logins={LOGIN: PASSWORD})
    yield sandbox
    sandbox.close()


@pytest.fixture
def caas(ca: Sandbox) -> Iterator[CaasClient]:
    """The portal's client of the CA, behind the shared gate."""
    transport = sandbox_transport(ca)
    limiter = DatabaseLimiter(
        limits=lambda: Limits(4, 10_000), lease=timedelta(seconds=120), sleep=lambda seconds: None
    )
    with CaasClient(
        url="https://caas.example/products/!ACMEAdmin",
        login_name=LOGIN,
        login_password=PASSWORD,
        timeout=Timeouts(connect=1, read=5, total=10),
        limiter=limiter,
        read_transport=transport,
        change_transport=transport,
    ) as client:
        yield client


@pytest.fixture
def world(db: None, ca: Sandbox, caas: CaasClient, clock: FrozenClock, no_broker: list[object]) -> World:
    """A reseller with one customer, the CA's servers listed, and the gate open."""
    return World(ca, caas, clock)
