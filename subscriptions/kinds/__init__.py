"""The catalogue: every kind of operation there is. A new action of the CA is a module here, and a line in CATALOGUE."""

from collections.abc import Mapping

from subscriptions.kinds.add_domain import AddDomain, Wanted
from subscriptions.kinds.base import Kind, PricedKind
from subscriptions.kinds.preregister import Preregister
from subscriptions.kinds.remove_domain import RemoveDomain
from subscriptions.models import Operation

__all__ = ["ADDING", "CATALOGUE", "CHARGING", "KINDS", "MAKING", "REMOVING", "Wanted", "kind_of", "new_operation"]

# What a page that sells or takes back asks for, so that it need not know a kind by name.
MAKING: Kind = Preregister()
ADDING: PricedKind = AddDomain()
REMOVING: Kind = RemoveDomain()

CATALOGUE: tuple[Kind, ...] = (MAKING, ADDING, REMOVING)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in CATALOGUE}
CHARGING = frozenset(kind.name.value for kind in CATALOGUE if kind.charges)


def kind_of(operation: Operation) -> Kind:
    """Give the kind of an operation."""
    return KINDS[operation.kind]


def new_operation(kind: Kind, **fields: object) -> Operation:
    """Give a new operation of a kind, with what the ledger has to know of it; it is not written yet."""
    operation = Operation(kind=kind.name, lane=kind.lane, takes_away=kind.takes_away, **fields)
    operation.exclusive = kind.exclusive(operation)
    return operation
