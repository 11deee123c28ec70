"""A worker's claim of one operation: what the steps of its execution share."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from subscriptions.caas.client import CaasClient
from subscriptions.ledger import moves
from subscriptions.models import Operation


@dataclass(frozen=True, slots=True)
class Claim:
    """An operation in state `sending`, claimed by this worker, with the client to send it by."""

    operation: Operation
    token: UUID
    client: CaasClient
    worker: str
    lease: timedelta

    @property
    def by(self) -> moves.Author:
        """The author of the moves this claim makes."""
        return moves.Author(worker=self.worker)

    def mark_sent(self) -> bool:
        """Write that the call goes out now; False where the claim was lost and nothing may be sent."""
        return moves.mark_sent(self.operation, token=self.token, now=timezone.now(), lease=self.lease)

    def save(self, **fields: object) -> None:
        """Write fields of the claimed operation, but never its state; without effect where the claim was lost."""
        Operation.objects.filter(pk=self.operation.pk, claim_token=self.token).update(**fields)
        self.operation.refresh_from_db(fields=list(fields))
