"""A CA that takes its time, while the sweep looks for workers that are gone."""

from typing import Any

import pytest

from subscriptions.worker import claiming
from tests.ledger.world import World


def after(seconds: float, world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Have so many seconds pass before each call that the client's method `name` makes."""
    ask = getattr(world.caas, name)

    def asked(**given: Any) -> Any:
        world.clock.advance(seconds=seconds)
        claiming.reap_dead_claims(world.clock.instant)
        return ask(**given)

    monkeypatch.setattr(world.caas, name, asked)
