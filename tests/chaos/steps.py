"""What people and the sweep do in the fault runs. `account_steps` and `name_steps` have what is done to what is there,
`shown` what the ledger shows them.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.management import call_command
from django.db.models import Count, F
from django.utils import timezone

from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, User
from portal.celery import app
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.ledger import clock
from subscriptions.ledger.gate import the_gate
from subscriptions.models import (
    AcmeServer,
    Domain,
    EabBinding,
    Finding,
    HeldKind,
    Operation,
    Prevalidation,
    Quote,
    Subscription,
    UnassignedAccount,
    WorkerHeartbeat,
)
from subscriptions.selectors.anchor_moves import plan_of
from subscriptions.selectors.operations import WaysOut, names_at_the_ca, ways_out
from subscriptions.services.anchor_moves import confirm_move
from subscriptions.services.extensions import request_extension
from subscriptions.services.operations import accept_asked_price, decide_cancel, decide_done, decide_send, reopen_gate
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quotes import request_quote
from subscriptions.services.subscriptions import create_subscription
from tests.chaos import account_steps, name_steps, shown

EMAIL, PASSWORD = "ada@reseller.example", "correct horse battery"


def prepare() -> None:
    """The tables, one member of staff and one customer."""
    call_command("migrate", verbosity=0)
    User.objects.create_user(EMAIL, PASSWORD, reseller_role="reseller_admin")
    _prevalidation(Customer.objects.create(name="Northwind Traders"), 0)


def _prevalidation(customer: Customer, number: int) -> Prevalidation:
    return Prevalidation.objects.get_or_create(
        ov_anchor_order_number=str(880_000_000 + number),
        defaults={
            "customer": customer,
            "organization_name": "Northwind Traders Ltd",
            "valid_until": timezone.now().date() + timedelta(days=200 + number),
        },
    )[0]


def is_up() -> bool:
    """Whether a worker beats and the CA's servers are known."""
    return WorkerHeartbeat.objects.exists() and AcmeServer.objects.exists()


def subscribe(form: str = "", type_: str = "DV") -> str:
    """Submit the form for a subscription; give its code. The same `form` sent twice is one."""
    made = create_subscription(
        actor=User.objects.get(),
        customer=Customer.objects.get(),
        server=AcmeServer.objects.get(validation_type=type_),
        term_years=1,
        prevalidation=None if type_ == "DV" else Prevalidation.objects.order_by("pk").last(),
        form_token=_token(form),
    )
    return str(made.code)


def _token(form: str) -> UUID:
    return UUID(form) if form else uuid4()


def quote(code: str, names: list[str], form: str = "", companions: bool = False) -> str:
    """Ask for prices; give the quote's code, nothing where that cannot be. The same `form` sent twice is one."""
    subscription = Subscription.objects.get(code=code)
    with suppress(ServiceError):
        made = request_quote(
            actor=User.objects.get(),
            subscription=subscription,
            names=names,
            add_companions=companions,
            prevalidation=subscription.prevalidation,
            form_token=_token(form),
        )
        return str(made.code)
    return ""


def extend(code: str, form: str) -> str:
    """Ask for the price of a year more; give the quote's code, nothing where that cannot be."""
    subscription = Subscription.objects.get(code=code)
    with suppress(ServiceError):
        made = request_extension(actor=User.objects.get(), subscription=subscription, years=1, form_token=UUID(form))
        return str(made.code)
    return ""


def move(number: int) -> int:
    """Have the names under the pre-validation that most are under moved to a new one; give how many operations."""
    under = Domain.objects.present().exclude(ov_anchor_order_number="").values("ov_anchor_order_number")
    most = under.annotate(names=Count("pk")).order_by("-names").first()
    if most is None:
        return 0
    old = Prevalidation.objects.get(ov_anchor_order_number=most["ov_anchor_order_number"])
    new = _prevalidation(old.customer, number)
    with suppress(ServiceError):
        seen = plan_of(old, timezone.now()).seen
        return len(confirm_move(actor=User.objects.get(), old=old, new=new, seen=seen))
    return 0


def quote_state(code: str) -> str:
    """How far the asking is."""
    return Quote.objects.get(code=code).state


def confirm(code: str) -> bool:
    """Confirm a quote; give whether that could be."""
    with suppress(ServiceError):
        confirm_quote(actor=User.objects.get(), quote=Quote.objects.get(code=code))
        return True
    return False


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
    if HeldKind.objects.exclude(held_until=None).exists():
        reopen_gate(actor=admin)
    for operation in Operation.objects.filter(state=Operation.State.ATTENTION).order_by("pk"):
        ways = ways_out(operation)
        if ways.asked is None and operation.was_unknown and not is_over:
            continue
        with suppress(ServiceError):  # something happened to it meanwhile: the next look decides
            _decide(operation, ways, admin)
            decided += 1
    return decided


def _decide(operation: Operation, ways: WaysOut, admin: User) -> None:
    given: Any = {"actor": admin, "operation": operation, "seen_event": ways.seen_event, "reason": "In the test."}
    if ways.asked is not None:
        accept_asked_price(**given, asked=ways.asked)
    elif operation.kind == Operation.Kind.EXTEND_DOMAINS:
        _decide_extension(operation, ways, given)
    elif ways.may_be_done and operation.takes_away != bool(names_at_the_ca(operation)):
        decide_done(**given, charge=ways.charges[0] if ways.charges else None)
    elif operation.takes_away and not operation.was_unknown:
        decide_cancel(**given)
    else:
        decide_send(**given)


def _decide_extension(operation: Operation, ways: WaysOut, given: dict[str, Any]) -> None:
    """Its names prove nothing: it is done where the CA lists its charge, and priced anew where it was never sent."""
    if not operation.was_unknown:
        decide_cancel(**given)
    elif ways.charges:
        decide_done(**given, charge=ways.charges[0])
    else:
        decide_send(**given)


def let_waits_end() -> None:
    """Let the time come for which operations were put off."""
    Operation.objects.filter(state=Operation.State.QUEUED).update(not_before=timezone.now())


def let_leases_end() -> None:
    """Let the leases of all claims run out."""
    Operation.objects.filter(state=Operation.State.SENDING).update(lease_expires_at=timezone.now())


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
    """When each that has an account was last read whole, by its code; empty where a list could not be read."""
    rows = Subscription.objects.exclude(binding=None).values_list("code", "synced_at", "sync_problem")
    return {str(code): "" if problem or at is None else at.isoformat() for code, at, problem in rows}


def database_time() -> str:
    """The time that the ledger goes by."""
    return clock.now().isoformat()


def read(code: str) -> None:
    """Have a subscription read at the CA."""
    tasks.sync_subscription.delay(Subscription.objects.get(code=code).pk)


def message(name: str) -> None:
    """Send the workers a message about a name's operation."""
    tasks.execute_operation.delay(Operation.objects.get(domain_name=name).pk)


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


def look_for_strays() -> None:
    """Have the CA's list of EAB pairs read."""
    tasks.look_for_unassigned.delay()


COMMANDS = {
    one.__name__: one
    for one in (
        prepare,
        is_up,
        subscribe,
        quote,
        extend,
        move,
        quote_state,
        confirm,
        ready_accounts,
        settled_names,
        decide,
        let_waits_end,
        let_leases_end,
        let_time_pass,
        gate,
        reopen,
        read_at,
        database_time,
        read,
        message,
        probe,
        waiting,
        sweep,
        forget_messages,
        look_for_strays,
        *account_steps.COMMANDS,
        *name_steps.COMMANDS,
        *shown.COMMANDS,
    )
}
