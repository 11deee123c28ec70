"""A worker that lost a quote meanwhile changes none of its prices: they are what a person confirms."""

from decimal import Decimal
from uuid import uuid4

import pytest

from subscriptions.kinds import ADDING
from subscriptions.kinds.base import Asked
from subscriptions.models import Quote
from subscriptions.services.quotes import request_quote
from subscriptions.worker import pricing
from tests.ledger.world import World


def test_a_late_answer_leaves_a_ready_quote_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    quote = request_quote(
        actor=world.staff,
        subscription=world.ready_subscription(),
        names=["example.com"],
        add_companions=False,
        prevalidation=None,
        form_token=uuid4(),
    )

    ask = ADDING.price

    def slow(line: object, client: object) -> Asked:
        monkeypatch.setattr(ADDING, "price", ask)  # the second worker is not slow
        world.clock.advance(seconds=121)
        pricing.price(quote.pk, client=world.caas)
        return Asked(("example.com",), Decimal("500.00"), "USD")

    monkeypatch.setattr(ADDING, "price", slow)
    pricing.price(quote.pk, client=world.caas)

    quote.refresh_from_db()
    assert quote.state == Quote.State.READY
    assert quote.lines.get().cost == quote.amounts["USD"]
    assert quote.amounts["USD"] != Decimal("500.00")
