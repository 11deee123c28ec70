"""What stories about suspended accounts are told with: staff confirm, workers carry out, and how it is then."""

from typing import Any

from subscriptions.models import AcmeAccount, Operation, Subscription
from subscriptions.services import account_states as services
from tests.ledger.world import World

OPEN, SUSPENDED, DEACTIVATED = Subscription.AccountState
ACTIONS = {
    services.suspend: "SUSPENDACCOUNT",
    services.reinstate: "UNSUSPENDACCOUNT",
    services.deactivate: "DEACTIVATEACCOUNT",
}
CHANGES = list(ACTIONS)


def with_two_clients(world: World) -> Subscription:
    """A running subscription with a name, whose key a second client has registered with."""
    subscription = world.run(world.ready_subscription())
    world.register(subscription, "second")
    return world.read(subscription)


def confirmed(world: World, change: Any, subscription: Subscription, account: str = "") -> Operation:
    """Staff confirm a change of the whole key, or of one account."""
    subscription.refresh_from_db()
    row = AcmeAccount.objects.get(acme_account_id=account) if account else None
    operation: Operation = change(actor=world.staff, subscription=subscription, account=row)
    return operation


def done(world: World, change: Any, subscription: Subscription, account: str = "") -> Operation:
    """Staff confirm a change and a worker makes it."""
    operation = confirmed(world, change, subscription, account)
    world.work(operation)
    operation.refresh_from_db()
    subscription.refresh_from_db()
    return operation


def at_the_ca(world: World, subscription: Subscription) -> dict[str, str]:
    """The CA's word for the state of each account of the key, and, as "", of the key itself."""
    key_id = world.binding(subscription).eab_key_id
    with world.ca.state.transaction() as db:
        [key] = db.execute("SELECT id, status FROM bindings WHERE key_id = ?", (key_id,)).fetchall()
        rows = db.execute("SELECT acme_account_id, status FROM accounts WHERE binding_id = ?", (key["id"],))
        return {"": key["status"]} | {row["acme_account_id"]: row["status"] for row in rows}


def kept(subscription: Subscription) -> dict[str, str]:
    """The same as it is kept here; of the key itself the subscription's state."""
    subscription.refresh_from_db()
    rows = AcmeAccount.objects.filter(binding__subscription=subscription)
    key = {OPEN: "active"}.get(Subscription.AccountState(subscription.account_state), subscription.account_state)
    return {"": key} | dict(rows.values_list("acme_account_id", "status"))
