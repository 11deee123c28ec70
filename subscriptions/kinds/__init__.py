"""The catalogue: every kind of operation there is. A new action of the CA is a module here, and a line in CATALOGUE."""

from collections.abc import Mapping

from subscriptions.kinds.account_states import AccountKind, AccountScope
from subscriptions.kinds.add_domain import AddDomain
from subscriptions.kinds.base import Kind, PricedKind, new_operation
from subscriptions.kinds.deactivate_account import DeactivateAccount
from subscriptions.kinds.extend_domains import ExtendDomains
from subscriptions.kinds.move_anchor import MoveAnchor
from subscriptions.kinds.preregister import Preregister
from subscriptions.kinds.reinstate_account import ReinstateAccount
from subscriptions.kinds.remove_domain import RemoveDomain
from subscriptions.kinds.suspend_account import SuspendAccount
from subscriptions.models import Domain, Operation, QuoteLine
from subscriptions.rules.names import registrable_domain

__all__ = [
    "ADDING",
    "CATALOGUE",
    "CHARGING",
    "DEACTIVATING",
    "EXTENDING",
    "KINDS",
    "MAKING",
    "MOVING",
    "REINSTATING",
    "REMOVING",
    "SUSPENDING",
    "AccountKind",
    "AccountScope",
    "Kind",
    "PricedKind",
    "kind_of",
    "new_operation",
    "new_removal",
    "priced_kind_of",
]

# What a page that sells or takes back asks for, so that it need not know a kind by name.
MAKING: Kind = Preregister()
ADDING: PricedKind = AddDomain()
REMOVING: Kind = RemoveDomain()
EXTENDING: PricedKind = ExtendDomains()
MOVING: Kind = MoveAnchor()
SUSPENDING: AccountKind = SuspendAccount()
REINSTATING: AccountKind = ReinstateAccount()
DEACTIVATING: AccountKind = DeactivateAccount()

CATALOGUE: tuple[Kind, ...] = (
    MAKING,
    ADDING,
    REMOVING,
    EXTENDING,
    MOVING,
    SUSPENDING,
    REINSTATING,
    DEACTIVATING,
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in CATALOGUE}
CHARGING = frozenset(kind.name.value for kind in CATALOGUE if kind.charges)


def kind_of(operation: Operation) -> Kind:
    """Give the kind of an operation."""
    return KINDS[operation.kind]


def priced_kind_of(line: QuoteLine) -> PricedKind:
    """Give what a line of a quote buys."""
    kind = KINDS[line.kind]
    if not isinstance(kind, PricedKind):
        raise TypeError(f"{line.kind} costs nothing, so no quote is about it.")
    return kind


def new_removal(domain: Domain, **fields: object) -> Operation:
    """Give a new operation that takes a name out, its free companion with it; it is not written yet."""
    return new_operation(
        REMOVING,
        subscription=domain.subscription,
        binding=domain.subscription.binding,
        domain_name=domain.name,
        registrable_domain=registrable_domain(domain.name),
        names=[domain.name],
        **fields,
    )
