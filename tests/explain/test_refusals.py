"""Each reason for which the CA refuses has its advice."""

import pytest

from subscriptions.caas.errors import RefusalReason
from subscriptions.explain.refusals import ADVICE, advice
from subscriptions.models import Operation, QuoteLine
from subscriptions.sandbox import Fault
from tests.ledger.world import World


def test_every_reason_has_advice_and_no_other() -> None:
    assert ADVICE.keys() == set(RefusalReason)


def test_a_reason_that_is_not_known_gets_what_fits_any() -> None:
    assert advice("") == ADVICE["other"]


@pytest.mark.parametrize(("row", "reason"), [("permission", "permission"), ("no-subscription", "expired")])
def test_the_reason_is_kept_with_the_refused_row(world: World, row: str, reason: str) -> None:
    subscription = world.ready_subscription()
    world.ca.arm("ADDDOMAIN", Fault.error(row), quoteOnly="Y")
    line = world.quote(subscription, ["refused.example.com"]).lines.get()
    assert (line.state, line.error_reason) == (QuoteLine.State.REFUSED, reason)

    operation = world.order(subscription, ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.error(row), quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.error_reason) == (Operation.State.REFUSED, reason)
