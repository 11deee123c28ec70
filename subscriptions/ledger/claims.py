"""A worker's claim of one operation: what the steps of its execution share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, Q

from subscriptions.caas.client import CaasClient
from subscriptions.ledger import clock, gate, moves
from subscriptions.models import AcmeServer, Baseline, Operation, Order


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
    def claimed_at(self) -> datetime:
        """When it was claimed, by the database's clock."""
        claimed_at = self.operation.claimed_at
        assert claimed_at is not None  # noqa: S101 - written with the claim
        return claimed_at

    @property
    def by(self) -> moves.Author:
        """The author of the moves this claim makes."""
        return moves.Author(worker=self.worker)

    def last_look(self) -> bool:
        """Write that the call goes out now; False where something has changed meanwhile, and nothing may be sent.

        Claim and lease hold, the gate is open for it, its order is not stopped, its price is young enough.
        """
        only = Q(gate.is_open(charges=self.charges)) & _is_not_stopped(self.operation)
        if self.charges:
            only &= _server_takes_charges(self.operation)
        for condition in self.conditions:
            only &= condition()
        return moves.mark_sent(self.operation, token=self.token, lease=self.lease, only=only)

    def save(self, **fields: object) -> None:
        """Write fields of the claimed operation, but never its state, and have the claim hold for another lease.

        Without effect where the claim was lost.
        """
        held = Operation.objects.filter(pk=self.operation.pk, claim_token=self.token)
        held.update(**fields, lease_expires_at=clock.instant(self.lease))
        for name, value in fields.items():
            setattr(self.operation, name, value)


def _is_not_stopped(operation: Operation) -> Q:
    """A person who has it sent after the order was stopped has looked at why."""
    if operation.order_id is None:
        return Q()
    stopped = Order.objects.filter(pk=operation.order_id, stopped_at__isnull=False)
    if operation.decided_at is not None:
        stopped = stopped.filter(stopped_at__gt=operation.decided_at)
    return Q(~Exists(stopped))


def _server_takes_charges(operation: Operation) -> Q:
    closed = AcmeServer.objects.filter(pk=operation.subscription.server_id, charges_closed_at__isnull=False)
    return Q(~Exists(closed))
