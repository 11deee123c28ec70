"""A reseller with customers who have bought 500 names, and what happens to them in the course of a year."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

from accounts.models import Customer, User
from accounts.roles import CustomerRole, ResellerRole
from subscriptions.models import AcmeServer, Subscription
from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.service import AcmeService
from subscriptions.sandbox.acme.validation import accept_everything
from subscriptions.sandbox.faults import Fault
from subscriptions.services.extensions import request_extension
from subscriptions.services.hand_over import hand_over
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quotes import request_quote
from subscriptions.services.subscriptions import create_subscription
from subscriptions.worker import heartbeat
from tests import cast
from tests.accounts.mail_servers import TAKEN, Mailbox
from tests.ledger.conftest import FrozenClock
from tests.year.beat import Beat
from tests.year.clients import Client, make_client

CUSTOMERS, SUBSCRIPTIONS, CLIENTS, NAMES = 5, 2, 5, 10  # of each the ones below; 500 names
STEP = timedelta(hours=4)
READ_EVERY = timedelta(hours=8)
AWAY = timedelta(hours=6)  # at most: how long the CA or the mail server is away
CHANCE_OF_BEING_AWAY = 0.01  # of each step
CHANCE_OF_A_KILL = 0.003  # of each task


@dataclass
class Bought:
    """A subscription with what its customer runs, and when it was extended."""

    row: Subscription
    clients: list[Client]
    owner: User
    first_end: datetime
    ends_at: datetime
    extends_at: datetime | None
    extended_at: datetime | None = None


class Business:
    """The reseller, the customers, the CA and the mail server."""

    def __init__(self, beat: Beat, ca: Sandbox, mailbox: Mailbox, clock: FrozenClock, chance: Random) -> None:
        self.beat, self.ca, self.mailbox, self.clock, self.chance = beat, ca, mailbox, clock, chance
        self.service = AcmeService(ca, accept_everything)
        self.staff: User = cast.make_user("ada@reseller.example", reseller_role=ResellerRole.ADMIN)
        self.owners: dict[int, User] = {}
        self.bought: list[Bought] = []
        self.away: list[tuple[datetime, datetime]] = []  # when the CA was
        self._back_at = clock.instant

    def open(self) -> None:
        """Have everything bought, handed over, and every client registered."""
        self.beat.tick()
        for number in range(CUSTOMERS):
            customer = cast.make_customer(f"Company {number}")
            self.owners[customer.pk] = owner = cast.make_user(f"owner@company{number}.example")
            cast.add_person(customer, owner, CustomerRole.OWNER)
            self.bought += [self._buy(customer, number, part) for part in range(SUBSCRIPTIONS)]

    def _buy(self, customer: Customer, number: int, part: int) -> Bought:
        server = AcmeServer.objects.get(validation_type="DV")
        subscription = create_subscription(
            actor=self.staff, customer=customer, server=server, term_years=1, prevalidation=None, form_token=uuid4()
        )
        self.beat.work()
        subscription.refresh_from_db()
        groups = [tuple(_names(number, part, client)) for client in range(CLIENTS)]
        quote = request_quote(
            actor=self.staff,
            subscription=subscription,
            names=[name for group in groups for name in group],
            add_companions=False,
            prevalidation=None,
            form_token=uuid4(),
        )
        self.beat.work()
        quote.refresh_from_db()
        confirm_quote(actor=self.staff, quote=quote)
        self.beat.work()
        subscription.refresh_from_db()
        hand_over(actor=self.staff, subscriptions=[subscription])
        self.beat.work()
        key = subscription.binding.eab_key_id, subscription.binding.eab_hmac_key.reveal()
        clients = [make_client(self.ca, self.service, key, server.directory_url, group) for group in groups]
        subscription.refresh_from_db()
        end = subscription.expires_at
        assert end is not None
        in_window = self.clock.instant + timedelta(days=self.chance.uniform(270, 360))
        extends_at = in_window if self.chance.random() < 0.6 else None
        return Bought(subscription, clients, self.owners[customer.pk], end, end, extends_at)

    def live_until(self, end: datetime) -> None:
        """Let the time go by, with workers that are killed now and then."""
        self.beat.kills = CHANCE_OF_A_KILL
        while self.clock.instant < end:
            self.clock.instant += STEP
            self._go_away_perhaps()
            for bought in self.bought:
                self._extend(bought)
                for client in bought.clients:
                    if self.clock.instant + STEP < bought.ends_at:
                        client.step(self.clock.instant, self.chance)
            heartbeat.beat("worker-1", self.clock.instant)
            self.beat.tick()

    def _extend(self, bought: Bought) -> None:
        if bought.extends_at is None or self.clock.instant < bought.extends_at or self.clock.instant < self._back_at:
            return
        quote = request_extension(actor=self.staff, subscription=bought.row, years=1, form_token=uuid4())
        self.beat.work()
        quote.refresh_from_db()
        confirm_quote(actor=self.staff, quote=quote)
        self.beat.work()
        bought.row.refresh_from_db()
        assert bought.row.expires_at is not None
        assert bought.row.expires_at > bought.ends_at
        bought.extends_at, bought.extended_at, bought.ends_at = None, self.clock.instant, bought.row.expires_at

    def _go_away_perhaps(self) -> None:
        """Have the CA or the mail server away for some hours, each about once a month, and never both."""
        now = self.clock.instant
        if now < self._back_at:
            return
        self.ca.disarm()
        self.mailbox.answers["DATA"] = TAKEN
        if now < self._back_at + timedelta(days=1) or self.chance.random() >= CHANCE_OF_BEING_AWAY:
            return
        self._back_at = now + self.chance.random() * AWAY
        if self.chance.random() < 0.5:
            self.mailbox.answers["DATA"] = "451 4.3.0 Try again later"
            return
        fault = self.chance.choice([Fault.unreachable(), Fault.server_error(), Fault.wrong_json()])
        self.ca.arm("*", fault, count=None)
        self.away.append((now, self._back_at))


def _names(number: int, part: int, client: int) -> Iterator[str]:
    """Give the names of one client's certificate; the last one's is for a wildcard and one that it covers."""
    base = f"company{number}.example.com"
    yield from (f"host{part}{client}{name}.{base}" for name in range(NAMES))
