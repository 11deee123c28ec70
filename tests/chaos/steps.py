"""What people and the sweep do in the fault runs, and what the ledger shows them."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F
from django.utils import timezone

from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, User
from portal.celery import app
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.ledger.gate import the_gate
from subscriptions.models import (
    AcmeServer,
    Domain,
    EabBinding,
    Finding,
    HeldKind,
    Operation,
    OperationEvent,
    Quote,
    Subscription,
    Transaction,
    UnassignedAccount,
    WorkerHeartbeat,
)
from subscriptions.selectors.operations import names_at_the_ca, ways_out
from subscriptions.services.names import remove_name
from subscriptions.services.operations import accept_asked_price, decide_cancel, decide_done, decide_send, reopen_gate
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


def subscribe(form: str = "") -> str:
    """Submit the form for a DV subscription; give its code. The same `form` sent twice is one."""
    made = create_subscription(
        actor=User.objects.get(),
        customer=Customer.objects.get(),
        server=AcmeServer.objects.get(validation_type="DV"),
        term_years=1,
        prevalidation=None,
        form_token=_token(form),
    )
    return str(made.code)


def _token(form: str) -> UUID:
    return UUID(form) if form else uuid4()


def quote(code: str, names: list[str], form: str = "", companions: bool = False) -> str:
    """Ask for prices; give the quote's code. The same `form` sent twice is one."""
    made = request_quote(
        actor=User.objects.get(),
        subscription=Subscription.objects.get(code=code),
        names=names,
        add_companions=companions,
        prevalidation=None,
        form_token=_token(form),
    )
    return str(made.code)


def quote_state(code: str) -> str:
    """How far the asking is."""
    return Quote.objects.get(code=code).state


def confirm(code: str) -> None:
    """Confirm a quote."""
    confirm_quote(actor=User.objects.get(), quote=Quote.objects.get(code=code))


def remove(code: str, name: str) -> None:
    """Take a name out, unless something is under way about it or it is gone."""
    domain = Domain.objects.present().filter(subscription__code=code, name=name).first()
    if domain is not None:
        with suppress(ServiceError):
            remove_name(actor=User.objects.get(), domain=domain)


def ready_accounts() -> dict[str, str]:
    """The ACME account of each subscription that has one, by the subscription's code."""
    rows = EabBinding.objects.values_list("subscription__code", "acme_account_id")
    return {str(code): account for code, account in rows}


def settled_names() -> list[list[str]]:
    """Code and name of what was added and paid for, and that nothing is under way about."""
    done = Domain.objects.present().filter(operation__state=Operation.State.SUCCEEDED, is_free=False)
    busy = Operation.objects.filter(state__in=Operation.UNSETTLED).values("domain_name")
    rows = done.filter(not_listed_since=None).exclude(name__in=busy).order_by("pk")
    return [[str(code), name] for code, name in rows.values_list("subscription__code", "name")]


def decide(is_over: bool) -> int:
    """Decide, as a reseller admin, what waits for a person; give how many that were.

    Prices that rose are accepted and stopped orders sent on at once, the rest once all is over and has been read.
    """
    admin, decided = User.objects.get(), 0
    if is_over and HeldKind.objects.exclude(held_until=None).exists():
        reopen_gate(actor=admin)
    for operation in Operation.objects.filter(state=Operation.State.ATTENTION).order_by("pk"):
        ways = ways_out(operation)
        given: Any = {"actor": admin, "operation": operation, "seen_event": ways.seen_event, "reason": "In the test."}
        charge = ways.charges[0] if ways.charges else None
        if ways.asked is not None:
            accept_asked_price(**given, asked=ways.asked)
        elif not is_over and operation.was_unknown:
            continue
        elif ways.may_be_done and operation.takes_away != bool(names_at_the_ca(operation)):
            decide_done(**given, charge=charge)
        elif operation.takes_away and not operation.was_unknown:
            decide_cancel(**given)
        else:
            decide_send(**given)
        decided += 1
    return decided


def let_waits_end() -> None:
    """Let the time come for which operations were put off."""
    Operation.objects.filter(state=Operation.State.QUEUED).update(not_before=timezone.now())


def let_time_pass(minutes: int) -> None:
    """Have what was read at the CA be so much older, for findings and removals need readings minutes apart."""
    step = timedelta(minutes=minutes)
    for finding in Finding.objects.exclude(state=Finding.State.CLOSED):
        for line in finding.lines:
            line["since"] = (datetime.fromisoformat(line["since"]) - step).isoformat()
        finding.save(update_fields=["lines"])
    for operation in Operation.objects.filter(is_charge_open=True):
        for entry in operation.readings:
            entry["at"] = (datetime.fromisoformat(entry["at"]) - step).isoformat()
        operation.save(update_fields=["readings"])
    Domain.objects.update(not_listed_since=F("not_listed_since") - step)
    UnassignedAccount.objects.update(first_seen_at=F("first_seen_at") - step, last_seen_at=F("last_seen_at") - step)


def gate() -> dict[str, Any]:
    """What the gate keeps back, and how often it was closed."""
    row = the_gate()
    closings = AuditEvent.objects.filter(action=Happening.GATE_CLOSED)
    return {
        "closed_for": row.closed_for,
        "is_compared": row.compared_at is not None,
        "comparison": row.comparison,
        "closings": [str(one.detail) for one in closings],
    }


def reopen() -> None:
    """Reopen the gate, as a reseller admin who has looked at the comparison."""
    reopen_gate(actor=User.objects.get())


def read_at() -> dict[str, str]:
    """When each subscription was last read whole, by its code; empty where a list could not be read."""
    rows = Subscription.objects.values_list("code", "synced_at", "sync_problem")
    return {str(code): "" if problem or at is None else at.isoformat() for code, at, problem in rows}


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
        remove,
        ready_accounts,
        settled_names,
        decide,
        let_waits_end,
        let_time_pass,
        gate,
        reopen,
        read_at,
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
