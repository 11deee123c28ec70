"""Whatever kind of operation there is, the worker half knows how to prepare, send and settle it."""

from subscriptions.models import Operation
from subscriptions.worker.execution import PREPARE, SEND
from subscriptions.worker.settling import SETTLE


def test_every_kind_is_carried_out_and_settled() -> None:
    kinds = set(Operation.Kind)
    assert set(PREPARE) == set(SEND) == set(SETTLE) == kinds
    assert set(Operation.CHARGING) <= kinds
