"""The catalogue of kinds, and what the ledger knows of them."""

import pytest
from django.utils import timezone

from subscriptions.kinds import CATALOGUE, KINDS, new_operation
from subscriptions.kinds.base import Kind, PricedKind
from subscriptions.ledger.clock import Stamp
from subscriptions.ledger.reading import BindingReading
from subscriptions.models import Operation
from subscriptions.rules.proof import Timing, Verdict


def test_the_catalogue_and_the_enum_hold_the_same() -> None:
    assert [kind.name for kind in CATALOGUE] == list(Operation.Kind)
    assert set(KINDS) == set(Operation.Kind.values)


@pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.name)
def test_each_kind_is_settled_by_reading_or_sent_again(kind: Kind) -> None:
    assert kind.repeatable or kind.lists
    assert not (kind.repeatable and kind.charges)
    assert kind.charges == isinstance(kind, PricedKind)
    for step in ("look", "judge"):
        assert (getattr(type(kind), step) is not getattr(Kind, step)) == bool(kind.lists)


def test_what_no_list_settles_is_left_to_a_person() -> None:
    operation, kind = Operation(), KINDS[Operation.Kind.PREREGISTER]
    seen = kind.look(operation, BindingReading(Stamp(timezone.now(), {})))
    assert kind.judge(operation, seen, Timing(True, True, True)).verdict is Verdict.UNCLEAR


@pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.name)
def test_a_new_operation_says_on_its_row_what_the_ledger_asks(kind: Kind) -> None:
    operation = new_operation(kind, subscription_id=1, binding_id=2, domain_name="a.example")
    others = {
        Operation.Kind.PREREGISTER: "made:1",
        Operation.Kind.EXTEND_DOMAINS: "term:2",
        Operation.Kind.MOVE_ANCHOR: "anchors:2",
    }
    expected = "account:2" if kind.lane == Operation.Lane.ACCOUNT else others.get(kind.name, "name:2:a.example")
    assert operation.exclusive == expected
    assert (operation.kind, operation.lane) == (kind.name, kind.lane)
    assert operation.takes_away == kind.takes_away
