"""The steps of a story about the ledger, in the words of the people and workers in it."""

from collections.abc import Sequence
from copy import copy
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from accounts.models import User
from accounts.roles import ResellerRole
from subscriptions.caas.client import CaasClient
from subscriptions.ledger.claims import Claim
from subscriptions.models import AcmeServer, EabBinding, Operation, Order, Quote, Subscription
from subscriptions.sandbox import Sandbox
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quotes import request_quote
from subscriptions.services.subscriptions import create_subscription
from subscriptions.worker import claiming, execution, pricing, readings, settling
from tests import cast

if TYPE_CHECKING:
    from tests.ledger.conftest import FrozenClock

WORKER = "worker-1"


class World:
    """A reseller, a customer and the CA."""

    def __init__(self, ca: Sandbox, caas: CaasClient, clock: "FrozenClock") -> None:
        self.ca, self.caas, self.clock = ca, caas, clock
        self.staff: User = cast.make_user("ada@reseller.example", reseller_role=ResellerRole.ADMIN)
        self.customer = cast.make_customer("Northwind Traders")
        self.prevalidation = cast.make_prevalidation(self.customer, number="880000001")
        readings.sync_servers(client=caas)

    def new_subscription(self, validation_type: str = "DV", *, years: int = 1) -> Subscription:
        """A member of staff submits the form."""
        server = AcmeServer.objects.get(validation_type=validation_type)
        return create_subscription(
            actor=self.staff,
            customer=self.customer,
            server=server,
            term_years=years,
            prevalidation=self.prevalidation if validation_type == "OV" else None,
            form_token=uuid4(),
        )

    def ready_subscription(self, validation_type: str = "DV") -> Subscription:
        """A subscription whose ACME account the CA has made."""
        subscription = self.new_subscription(validation_type)
        self.work(subscription.operations.get())
        subscription.refresh_from_db()
        assert subscription.state == Subscription.State.READY
        return subscription

    def quote(self, subscription: Subscription, names: Sequence[str], *, add_companions: bool = False) -> Quote:
        """Staff ask for prices and a worker gets them."""
        quote = request_quote(
            actor=self.staff,
            subscription=subscription,
            names=names,
            add_companions=add_companions,
            prevalidation=subscription.prevalidation,
            form_token=uuid4(),
        )
        pricing.price(quote.pk, client=self.caas)
        quote.refresh_from_db()
        return quote

    def order(self, subscription: Subscription, names: Sequence[str], *, add_companions: bool = False) -> Order:
        """Staff confirm a quote."""
        return confirm_quote(actor=self.staff, quote=self.quote(subscription, names, add_companions=add_companions))

    def work(self, operation: Operation) -> Operation | None:
        """A worker takes a message for the operation."""
        return execution.execute(operation.pk, client=self.caas, worker=WORKER)

    def claim(self, operation: Operation, *, worker: str = WORKER) -> Claim:
        """A worker claims the operation, and does nothing more yet."""
        claim = claiming.claim_operation(operation.pk, client=self.caas, worker=worker)
        assert claim is not None
        return claim

    def prepare(self, claim: Claim) -> Claim:
        """The worker reads and lets the guards look."""
        prepared = execution.prepare(claim)
        assert prepared is not None
        return prepared

    def send(self, claim: Claim) -> None:
        """The worker calls the CA and records what it said."""
        if (sent := execution.call(claim)) is not None:
            execution.record(claim, sent)

    def client_that_looks_no_more(self) -> CaasClient:
        """The client of a worker that was stopped after its last look, with the request half way out."""
        client = copy(self.caas)
        for name in ("add_domain", "remove_domain", "preregister"):
            change = getattr(self.caas, name)
            setattr(client, name, lambda change=change, **given: change(**given | {"last_look": lambda: True}))
        return client

    def settle(self, operation: Operation) -> Operation:
        """A worker reads at the CA what became of the operation."""
        if operation.binding_id is not None:
            settling.settle_binding(operation.binding_id, client=self.caas, worker=WORKER)
        operation.refresh_from_db()
        return operation

    def settle_until_known(self, operation: Operation) -> Operation:
        """Read every five minutes, as the sweep does, until the outcome is known or a person must decide."""
        for _ in range(10):
            if self.settle(operation).state != Operation.State.UNKNOWN:
                return operation
            self.clock.advance(minutes=5)
        return operation

    def read(self, subscription: Subscription) -> Subscription:
        """A worker reads what the CA knows of a subscription."""
        readings.sync_subscription(subscription.pk, client=self.caas)
        subscription.refresh_from_db()
        return subscription

    def binding(self, subscription: Subscription) -> EabBinding:
        """The subscription's EAB binding, read afresh."""
        return EabBinding.objects.get(subscription=subscription)

    def charged_by_ca(self) -> Decimal:
        """What the CA took, less what it gave back."""
        return Decimal(self.ca.summary()["resellers"]["northwind"]["net"])

    def charged_in_ledger(self) -> Decimal:
        """What the ledger says was charged."""
        charges = Operation.objects.filter(state=Operation.State.SUCCEEDED).values_list("charged", flat=True)
        return sum((charge or Decimal(0) for charge in charges), Decimal(0))

    def changes(self, action: str) -> int:
        """How many calls of an action that were to change something reached the CA: quotes do not count."""
        counts = self.ca.summary()["calls"].get(action)
        return counts["received"] - counts["quotes"] if counts else 0
