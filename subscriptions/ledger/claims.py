"""A worker's claim of one operation: what the steps of its execution share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from subscriptions.caas.client import CaasClient
from subscriptions.ledger import clock, gate, moves
from subscriptions.models import AcmeServer, Baseline, Operation, Order, Subscription


@dataclass(frozen=True, slots=True)
class Claim:
    """An operation in state `sending`, claimed by this worker, with the client to send it by.

    `baseline` is what the CA showed before its call, where its kind needs that; `conditions` are what must hold at the
    last look before it is sent, made at that moment: on SQLite they hold the time they were made at.
    """

    operation: Operation
    token: UUID
    client: CaasClient
    worker: str
    lease: timedelta
    charges: bool
    baseline: Baseline | None = None
    conditions: list[Callable[[], Q]] = field(default_factory=list)

    @property
    def by(self) -> moves.Author:
        """The author of the moves this claim makes."""
        return moves.Author(worker=self.worker)

    def last_look(self) -> bool:
        """Write that the call goes out now; False where something has changed meanwhile, and nothing may be sent.

        Claim and lease hold, the gate is open for it, its order is not stopped, its price is young enough.
        """
        only = Q(gate.is_open(charges=self.charges)) & _is_not_stopped()
        if self.charges:
            only &= _server_takes_charges()
        for condition in self.conditions:
            only &= condition()
        return moves.mark_sent(self.operation, token=self.token, lease=self.lease, only=only)

    def renew(self) -> bool:
        """Have the claim hold for another lease, after an answer of the CA; False where it was lost."""
        return moves.renew(self.operation, token=self.token, lease=self.lease)

    def save(self, **fields: object) -> None:
        """Write fields of the claimed operation, but never its state; without effect where the claim was lost."""
        held = Operation.objects.filter(pk=self.operation.pk, claim_token=self.token)
        held.update(**fields, lease_expires_at=clock.instant(self.lease))
        for name, value in fields.items():
            setattr(self.operation, name, value)


def _is_not_stopped() -> Q:
    """A person who has it sent after the order was stopped has looked at why."""
    stopped = Order.objects.filter(pk=OuterRef("order_id"), stopped_at__isnull=False)
    after_the_decision = stopped.filter(stopped_at__gt=OuterRef("decided_at"))
    return (Q(decided_at=None) & ~Exists(stopped)) | (Q(decided_at__isnull=False) & ~Exists(after_the_decision))


def _server_takes_charges() -> Q:
    closed = AcmeServer.objects.filter(charges_closed_at__isnull=False)
    return Q(~Exists(Subscription.objects.filter(pk=OuterRef("subscription_id"), server__in=closed)))
