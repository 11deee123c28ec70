"""The steps of a story about the ledger, in the words of the people and workers in it."""

import inspect
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from uuid import uuid4

from accounts.models import User
from accounts.roles import ResellerRole
from subscriptions.caas.client import CaasClient
from subscriptions.ledger.claims import Claim
from subscriptions.models import AcmeServer, EabBinding, Finding, Operation, Order, Quote, Subscription
from subscriptions.sandbox import Reply, Sandbox
from subscriptions.services.extensions import request_extension
from subscriptions.services.names import remove_names
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
        self.forms: list[dict[str, list[str]]] = []
        self._rewritten: dict[str, Callable[[dict[str, Any]], object]] = {}
        self._rewrites_quotes = False
        self._answer = ca.handle_admin
        setattr(ca, "handle_admin", self._rewrite)  # noqa: B010 - a method of the stand-in
        readings.sync_servers(client=caas)

    def rewrite(
        self, action: str, change: Callable[[dict[str, Any]], object] | None, *, with_quotes: bool = False
    ) -> None:
        """From now on the CA's answers to an action are changed in place, or, with None, no longer."""
        self._rewrites_quotes = self._rewrites_quotes or with_quotes
        if change is None:
            self._rewritten.pop(action, None)
        else:
            self._rewritten[action] = change

    def _rewrite(self, body: bytes, **told: Any) -> Reply:
        reply = self._answer(body, **told)
        form = parse_qs(body.decode())
        self.forms.append(form)
        change = self._rewritten.get(form["action"][0])
        is_kept = form.get("quoteOnly") == ["Y"] and not self._rewrites_quotes
        if change is None or reply.cut or reply.status != 200 or is_kept:
            return reply
        with suppress(ValueError):  # cut short by a fault
            answer = json.loads(reply.body)
            change(answer)
            return replace(reply, body=json.dumps(answer).encode())
        return reply

    def rewrite_charges(self, change: Callable[[dict[str, Any]], object]) -> None:
        """From now on each entry of LISTTRANSACTIONS is changed in place."""

        def each(answer: dict[str, Any]) -> None:
            for subscription in answer["subscriptions"]:
                for entry in subscription["transactions"]:
                    change(entry)

        self.rewrite("LISTTRANSACTIONS", each)

    def run(self, subscription: Subscription, name: str = "first.example.com") -> Subscription:
        """Have the subscription run: its first name is added."""
        self.work(self.order(subscription, [name]).operations.get())
        subscription.refresh_from_db()
        return subscription

    def add(self, subscription: Subscription, name: str, *, add_companions: bool = False) -> Operation:
        """Staff order a name and a worker adds it."""
        subscription.refresh_from_db()
        operation = self.order(subscription, [name], add_companions=add_companions).operations.get()
        self.work(operation)
        operation.refresh_from_db()
        return operation

    def removal(self, subscription: Subscription, name: str) -> Operation:
        """Staff have a name taken out; no worker has done so yet."""
        return remove_names(actor=self.staff, domains=[subscription.domains.present().get(name=name)])[0]

    def remove(self, subscription: Subscription, name: str) -> Operation:
        """Staff have a name taken out and a worker does so."""
        operation = self.removal(subscription, name)
        self.work(operation)
        operation.refresh_from_db()
        return operation

    def by_curl(self, subscription: Subscription, name: str, *, remove: bool = False) -> None:
        """Somebody else with the reseller's login adds or removes a name."""
        account = self.binding(subscription).acme_account_id
        if remove:
            self.caas.remove_domain(acme_account_id=account, name=name, last_look=lambda: True)
        else:
            self.caas.add_domain(acme_account_id=account, name=name, last_look=lambda: True)

    def register(self, subscription: Subscription, acme_account_id: str, *, status: str = "valid") -> None:
        """One more ACME client registers with the subscription's key."""
        with self.ca.state.transaction() as db:
            db.execute(
                "INSERT INTO accounts (binding_id, acme_account_id, status)"
                " SELECT id, ?, ? FROM bindings WHERE key_id = ?",
                (acme_account_id, status, self.binding(subscription).eab_key_id),
            )

    def deactivate(self, acme_account_id: str) -> None:
        """A client deactivates its ACME account (RFC 8555, 7.3.6)."""
        with self.ca.state.transaction() as db:
            db.execute("UPDATE accounts SET status = 'deactivated' WHERE acme_account_id = ?", (acme_account_id,))

    def move_names(self, subscription: Subscription, anchor: str) -> None:
        """Somebody else with the reseller's login moves the names to another pre-validation (UPDATEDOMAINS)."""
        with self.ca.state.transaction() as db:
            db.execute(
                "UPDATE domains SET anchor = ? WHERE subscription_id IN (SELECT subscriptions.id FROM subscriptions"
                " JOIN bindings ON bindings.id = binding_id WHERE key_id = ?)",
                (anchor, self.binding(subscription).eab_key_id),
            )

    def read_twice(self, subscription: Subscription, *, minutes: float = 5) -> None:
        """Two readings, so many minutes apart."""
        self.read(subscription)
        self.clock.advance(minutes=minutes)
        self.read(subscription)

    def findings(self) -> dict[str, list[str]]:
        """The keys of the lines of each open finding, by its sort."""
        found = Finding.objects.filter(state=Finding.State.OPEN)
        return {finding.sort: [line["key"] for line in finding.lines] for finding in found}

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
        """A subscription whose ACME account the CA has made, and that its customer sees."""
        subscription = self.new_subscription(validation_type)
        self.work(subscription.operations.get())
        Subscription.objects.filter(pk=subscription.pk).update(shown_at=self.clock.instant)
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

    def extension_quote(self, subscription: Subscription, *, years: int = 1) -> Quote:
        """Staff ask what an extension costs and a worker gets the price."""
        subscription.refresh_from_db()
        quote = request_extension(actor=self.staff, subscription=subscription, years=years, form_token=uuid4())
        pricing.price(quote.pk, client=self.caas)
        quote.refresh_from_db()
        return quote

    def extension(self, subscription: Subscription, *, years: int = 1) -> Operation:
        """Staff confirm an extension; no worker has sent it yet."""
        order = confirm_quote(actor=self.staff, quote=self.extension_quote(subscription, years=years))
        return order.operations.get()

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
        for name, method in inspect.getmembers(CaasClient, inspect.isfunction):
            if name.startswith("_") or "last_look" not in inspect.signature(method).parameters:
                continue
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
