"""The guide hardly shows LISTTRANSACTIONS' JSON: a charge that cannot be read whole is never taken for none."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from subscriptions.caas.types import TransactionInfo
from subscriptions.models import Operation, Transaction
from subscriptions.sandbox import Fault
from subscriptions.worker.restores import compare
from tests.ledger.world import World

State = Operation.State


def _read_as(world: World, monkeypatch: pytest.MonkeyPatch, **missing: Any) -> None:
    list_transactions: Callable[..., tuple[TransactionInfo, ...]] = world.caas.list_transactions

    def unread(**arguments: Any) -> tuple[TransactionInfo, ...]:
        return tuple(replace(one, **missing) for one in list_transactions(**arguments))

    monkeypatch.setattr(world.caas, "list_transactions", unread)


def _lost(world: World) -> Operation:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    return operation


def test_a_charge_of_unreadable_kind_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _read_as(world, monkeypatch, kind="")
    operation = world.settle(_lost(world))
    assert operation.state == State.SUCCEEDED
    assert (operation.is_charge_open, operation.charged) == (False, operation.price)
    assert operation.ca_order_number == world.ca.summary()["charges"][0]["orderNumber"]


@pytest.mark.parametrize("missing", [{"kind": ""}, {"names": ()}, {"kind": "", "names": ()}], ids=str)
def test_a_charge_without_its_name_in_the_list_is_not_charged_again(
    world: World, monkeypatch: pytest.MonkeyPatch, missing: dict[str, Any]
) -> None:
    _read_as(world, monkeypatch, **missing)
    operation = _lost(world)
    monkeypatch.setattr(world.caas, "list_domains", lambda **_: ())  # the CA's list of names lags behind
    if missing == {"kind": ""}:
        assert world.settle_until_known(operation).state == State.ATTENTION
    else:
        assert world.settle_until_known(operation).state == State.UNKNOWN, "what cannot be read says nothing"
        world.clock.advance(hours=24)
        assert world.settle(operation).state == State.ATTENTION
    assert world.work(operation) is None
    assert world.changes("ADDDOMAIN") == 1


def test_a_charge_of_unreadable_kind_is_a_difference(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = _lost(world)
    assert world.settle(operation).state == State.SUCCEEDED
    assert compare(world.caas) == []
    Operation.objects.filter(pk=operation.pk).update(ca_order_number=None)
    Transaction.objects.all().delete()
    _read_as(world, monkeypatch, kind="", names=())
    assert [one.subject for one in compare(world.caas)] == [world.binding(operation.subscription).eab_key_id]
