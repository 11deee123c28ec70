"""What else happens when somebody accepts an invitation: who waits for that says so here, and need not be known."""

from collections.abc import Callable

from accounts.models import Invitation, Membership

Joined = Callable[[Invitation, Membership], None]

_waiting: list[Joined] = []


def when_somebody_joins(do: Joined) -> Joined:
    """Have `do` called in the transaction in which an invitation makes a person one of a customer's people."""
    _waiting.append(do)
    return do


def tell_joined(invitation: Invitation, membership: Membership) -> None:
    """Do what waited for it. The customer's row is held: nobody else joins it meanwhile."""
    for do in _waiting:
        do(invitation, membership)
