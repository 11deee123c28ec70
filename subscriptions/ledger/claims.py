"""A worker's claim of one operation: what the steps of its execution share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.db.models import Exists, Q

from subscriptions.caas.client import CaasClient
from subscriptions.ledger import clock, gate, moves
from subscriptions.ledger.kept import Change, Given, instant, kept
from subscriptions.models import AcmeServer, Baseline, Operation, Order, Subscription


class Condition(Protocol):
    """What must hold of an operation at its last look; those that ask the same are equal."""

    def expression(self) -> Q:
        """Give it as a part of a kept statement."""

    def __hash__(self) -> int:
        """Those that are equal have the same."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An operation in state `sending`, claimed by this worker, with the client to send it by.

    `baseline` is what the CA showed before its call, where its kind needs that; `conditions` are what must hold at the
    last look before it is sent, asked for at that moment.
    """

    operation: Operation
    token: UUID
    client: CaasClient
    worker: str
    lease: timedelta
    charges: bool
    baseline: Baseline | None = None
    conditions: list[Callable[[], Condition]] = field(default_factory=list)

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

        Claim and lease hold, the gate is open for it, its order is not stopped, its price is young enough, and the
        ACME account that a charge is for can be used.
        """
        operation = self.operation
        marking = _marking(
            charges=self.charges,
            is_of_order=operation.order_id is not None,
            is_decided=operation.decided_at is not None,
            conditions=tuple(condition() for condition in self.conditions),
            lease=self.lease,
        )
        marked = marking(
            id=operation.pk,
            claim_token=self.token,
            order=operation.order_id,
            decided_at=operation.decided_at,
            subscription=operation.subscription_id,
            server=operation.subscription.server_id if self.charges else None,
        )
        return marked == 1

    def save(self, **fields: object) -> None:
        """Write fields of the claimed operation, but never its state, and have the claim hold for another lease.

        Without effect where the claim was lost.
        """
        sending = Operation.objects.filter(state=Operation.State.SENDING)
        held = sending.filter(pk=self.operation.pk, claim_token=self.token)
        held.update(**fields, lease_expires_at=clock.instant(self.lease))
        for name, value in fields.items():
            setattr(self.operation, name, value)


@kept
def _marking(
    *, charges: bool, is_of_order: bool, is_decided: bool, conditions: tuple[Condition, ...], lease: timedelta
) -> Change:
    """Give the one statement that writes, right before the call, that an operation is being sent."""
    only = Q(gate.is_open(charges=charges))
    if is_of_order:
        only &= _is_not_stopped(is_decided=is_decided)
    if charges:
        only &= _server_takes_charges() & _account_is_open()
    for condition in conditions:
        only &= condition.expression()
    held = Operation.objects.filter(
        only,
        pk=Given.of(Operation, "id"),
        state=Operation.State.SENDING,
        claim_token=Given.of(Operation, "claim_token"),
        lease_expires_at__gt=instant(),
    )
    return Change(held, sent_at=instant(), lease_expires_at=instant(lease))


def _is_not_stopped(*, is_decided: bool) -> Q:
    """A person who has it sent after the order was stopped has looked at why."""
    stopped = Order.objects.filter(pk=Given.of(Operation, "order"), stopped_at__isnull=False)
    if is_decided:
        stopped = stopped.filter(stopped_at__gt=Given.of(Operation, "decided_at"))
    return Q(~Exists(stopped))


def _server_takes_charges() -> Q:
    closed = AcmeServer.objects.filter(pk=Given.of(Subscription, "server"), charges_closed_at__isnull=False)
    return Q(~Exists(closed))


def _account_is_open() -> Q:
    stopped = Subscription.objects.filter(pk=Given.of(Operation, "subscription"))
    return Q(~Exists(stopped.exclude(account_state=Subscription.AccountState.OPEN)))
