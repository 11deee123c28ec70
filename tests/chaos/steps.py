"""What people and the sweep do in the fault runs, and what the ledger shows them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from accounts.models import Customer, User
from portal.celery import app
from subscriptions import tasks
from subscriptions.models import (
    AcmeServer,
    EabBinding,
    Finding,
    Operation,
    OperationEvent,
    Quote,
    Subscription,
    Transaction,
    UnassignedAccount,
    WorkerHeartbeat,
)
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quotes import request_quote
from subscriptions.services.subscriptions import create_subscription

EMAIL, PASSWORD = "ada@reseller.example", "correct horse battery"


def prepare() -> None:
    """One member of staff and one customer."""
    User.objects.create_user(EMAIL, PASSWORD, reseller_role="reseller_admin")
    Customer.objects.create(name="Northwind Traders")


def is_up() -> bool:
    """Whether a worker beats and the CA's servers are known."""
    return WorkerHeartbeat.objects.exists() and AcmeServer.objects.exists()


def subscribe() -> str:
    """Submit the form for a DV subscription; give its code."""
    made = create_subscription(
        actor=User.objects.get(),
        customer=Customer.objects.get(),
        server=AcmeServer.objects.get(validation_type="DV"),
        term_years=1,
        prevalidation=None,
        form_token=_token(),
    )
    return str(made.code)


def _token() -> UUID:
    return uuid4()


def quote(code: str, names: list[str]) -> str:
    """Ask for prices; give the quote's code."""
    made = request_quote(
        actor=User.objects.get(),
        subscription=Subscription.objects.get(code=code),
        names=names,
        add_companions=False,
        prevalidation=None,
        form_token=_token(),
    )
    return str(made.code)


def quote_state(code: str) -> str:
    """How far the asking is."""
    return Quote.objects.get(code=code).state


def confirm(code: str) -> None:
    """Confirm a quote."""
    confirm_quote(actor=User.objects.get(), quote=Quote.objects.get(code=code))


def read(code: str) -> None:
    """Have a subscription read at the CA."""
    tasks.sync_subscription.delay(Subscription.objects.get(code=code).pk)


def probe() -> None:
    """Have the CA's list of servers read."""
    tasks.probe_ca.delay()


def waiting(queue: str) -> int:
    """How many messages wait in a queue."""
    broker: Any = app.connection_for_read()
    with broker:
        size: int = broker.default_channel.queue_declare(queue, passive=False).message_count
    return size


def sweep() -> None:
    """What beat has done every few seconds."""
    tasks.sweep()


def forget_messages() -> None:
    """Let a minute pass since messages were sent, as far as the ledger knows."""
    Operation.objects.update(dispatched_at=timezone.now() - timedelta(minutes=2))


def operations() -> list[dict[str, Any]]:
    """The ledger."""
    return [
        {
            "kind": one.kind,
            "state": one.state,
            "name": one.domain_name,
            "charged": str(one.charged or 0),
            "open": one.is_charge_open,
            "worker": one.worker,
            "sent": one.sent_at is not None,
        }
        for one in Operation.objects.order_by("pk")
    ]


def lines() -> list[dict[str, Any]]:
    """What the ledger says was charged for, and the refunds that removals explain."""
    done = Operation.objects.filter(state=Operation.State.SUCCEEDED, kind=Operation.Kind.ADD_DOMAIN)
    refunds = Transaction.objects.filter(kind=Transaction.REFUND, operation__kind=Operation.Kind.REMOVE_DOMAIN)
    return [
        {"sort": "charge", "number": one.ca_order_number, "name": one.domain_name, "amount": str(one.charged)}
        for one in done
    ] + [
        {"sort": "refund", "number": row.ca_order_number, "name": row.names[0], "amount": str(row.cost)}
        for row in refunds
    ]


def findings() -> list[dict[str, Any]]:
    """What differs, seen once or open."""
    rows = Finding.objects.exclude(state=Finding.State.CLOSED).order_by("pk")
    return [{"sort": row.sort, "state": row.state, "lines": row.lines} for row in rows]


def history(name: str) -> list[str]:
    """The steps of the operations about a name, to be shown where a test fails."""
    events = OperationEvent.objects.filter(operation__domain_name=name).order_by("pk")
    return [f"{one.at:%H:%M:%S} {one.from_state} -> {one.to_state} {one.worker} {one.reason}" for one in events]


def look_for_strays() -> None:
    """Have the CA's list of EAB pairs read."""
    tasks.look_for_unassigned.delay()


def stray_key_ids() -> list[str]:
    """The EAB key IDs at the CA that no binding holds."""
    return sorted(UnassignedAccount.objects.values_list("eab_key_id", flat=True))


def key_ids() -> list[str]:
    """The EAB key IDs kept here."""
    return sorted(EabBinding.objects.values_list("eab_key_id", flat=True))


COMMANDS = {
    one.__name__: one
    for one in (
        prepare,
        is_up,
        subscribe,
        quote,
        quote_state,
        confirm,
        read,
        probe,
        waiting,
        sweep,
        forget_messages,
        operations,
        lines,
        findings,
        history,
        look_for_strays,
        stray_key_ids,
        key_ids,
    )
}
