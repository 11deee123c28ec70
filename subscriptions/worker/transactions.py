"""What the CA says it charged or refunded: kept, linked to what explains it, and used to fill in open amounts."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Q

from subscriptions.caas.types import TransactionInfo
from subscriptions.kinds import KINDS, kind_of
from subscriptions.ledger import charges, clock
from subscriptions.ledger.clock import Stamp, has_passed
from subscriptions.ledger.moves import Author, Outcome
from subscriptions.ledger.reading import BindingReading, transaction_kind
from subscriptions.models import EabBinding, Operation, Transaction
from subscriptions.rules.terms import READINGS_APART, removable_until

READER = Author(worker="reading")
Explained = Transaction.Explained
FIELDS = ("executed_at", "executed_until", "cost", "currency", "cost_text", "names")


def keep_transactions(
    binding: EabBinding, listed: Iterable[TransactionInfo], *, began_at: datetime, as_history: bool = False
) -> None:
    """Write down every transaction of a complete list that has an order number; what is known stays where it is.

    `as_history`: they were there when the account was assigned, so nothing here needs to explain them.
    """
    known = {(row.kind, row.ca_order_number): row for row in Transaction.objects.filter(binding=binding)}
    new, changed, seen = [], [], []
    for info in listed:
        if info.ca_order_number is None:
            continue
        row = known.get((transaction_kind(info), info.ca_order_number))
        if row is None:
            row = Transaction(binding=binding, kind=transaction_kind(info), ca_order_number=info.ca_order_number)
            is_history = as_history or _is_of_earlier_term(info, began_at) or _is_from_before(binding, info)
            row.explained = Explained.HISTORY if is_history else ""
            row.first_seen_at = row.listed_at = began_at
            known[row.kind, row.ca_order_number] = row
            new.append(row)
            _take_over(row, info)
        else:
            seen.append(row.pk)
            if _take_over(row, info):
                changed.append(row)
    Transaction.objects.bulk_create(new, ignore_conflicts=True)
    Transaction.objects.bulk_update(changed, FIELDS, batch_size=200)
    Transaction.objects.filter(pk__in=[pk for pk in seen if pk]).update(listed_at=began_at)


def _is_of_earlier_term(info: TransactionInfo, began_at: datetime) -> bool:
    """Whether it is of a term in which nothing can happen any more: for a time after its end names are removed yet."""
    ended_at = info.subscription_expires_at
    return ended_at is not None and removable_until(ended_at) < began_at


def _is_from_before(binding: EabBinding, info: TransactionInfo) -> bool:
    """Whether it was made before a person assigned the account."""
    made, assigned = info.executed_until, binding.assigned_at
    return made is not None and assigned is not None and made < assigned


def _take_over(row: Transaction, info: TransactionInfo) -> bool:
    """Take what the list says now; give whether anything is new. What it leaves out takes nothing away."""
    before = [getattr(row, field) for field in FIELDS]
    if info.executed_at is not None:
        row.executed_at, row.executed_until = info.executed_at, info.executed_until
    if info.cost is not None:
        row.cost, row.currency, row.cost_text = info.cost.amount, info.cost.currency, info.cost.text[:40]
    if info.names:
        row.names = list(info.names)
    return [getattr(row, field) for field in FIELDS] != before


def explain(binding: EabBinding) -> None:
    """Link each transaction that nothing explains yet to the operation whose doing it is, one to one."""
    for row in Transaction.objects.filter(binding=binding, explained="").order_by("executed_at", "ca_order_number"):
        operation = _explanation_of(row)
        if operation is not None:
            charges.link(row, operation)


def _explanation_of(row: Transaction) -> Operation | None:
    """Give the success that a transaction fits: by its order number, else by the names, the nearest in time first."""
    fitting = [kind.name for kind in KINDS.values() if kind.transaction and row.kind in ("", kind.transaction)]
    done = Operation.objects.filter(binding=row.binding_id, kind__in=fitting, state=Operation.State.SUCCEEDED)
    by_number = done.filter(ca_order_number=row.ca_order_number).first()
    if by_number is not None:
        return by_number
    # What was listed before an operation was wanted is not its doing; a reading takes a while from its beginning.
    free = done.filter(ca_order_number=None, transactions=None, created_at__lte=row.first_seen_at + READINGS_APART)
    candidates = [operation for operation in free if kind_of(operation).explains(operation, row)]
    return min(candidates, key=lambda operation: _distance(operation, row), default=None)


def _distance(operation: Operation, row: Transaction) -> timedelta:
    at = operation.sent_at or operation.finished_at or operation.created_at
    return abs(at - row.executed_at) if row.executed_at is not None else timedelta(0)


def explain_by_answer(operation: Operation) -> None:
    """Write down the transaction that the CA's own answer named, with the operation as what explains it.

    One that a reading has brought before, or that another operation holds, stays as it is: the next reading links it,
    or finds that it cannot.
    """
    kind, now = kind_of(operation), clock.instant()
    if not kind.transaction or operation.ca_order_number is None or operation.binding_id is None:
        return
    row = Transaction(
        binding_id=operation.binding_id,
        kind=kind.transaction,
        ca_order_number=operation.ca_order_number,
        cost=operation.charged,
        currency=operation.charged_currency,
        cost_text=operation.charged_text,
        names=operation.names,
        executed_at=now,
        executed_until=now,
        explained=Explained.OPERATION,
        operation=operation,
    )
    Transaction.objects.bulk_create([row], ignore_conflicts=True)


def fill_in_charges(binding: EabBinding, reading: BindingReading) -> Sequence[Operation]:
    """Fill in what the CA now lists for successes whose charge was open, and give those that were filled in."""
    open_ones = Operation.objects.filter(binding=binding, state=Operation.State.SUCCEEDED, is_charge_open=True)
    filled = []
    for operation in open_ones.select_related("order").prefetch_related("transactions"):
        outcome = _listed_charge(operation) or _free_of_charge(operation, reading)
        if outcome and charges.fill_in_charge(operation, outcome, by=READER):
            operation.domains.filter(name=operation.domain_name).update(is_free=outcome.charged == 0)
            filled.append(operation)
    return filled


def _listed_charge(operation: Operation) -> Outcome | None:
    for row in operation.transactions.all():
        if row.kind in ("", kind_of(operation).transaction) and row.cost is not None:
            return Outcome(row.cost, row.currency, row.ca_order_number, row.cost_text)
    return None


def _free_of_charge(operation: Operation, reading: BindingReading) -> Outcome | None:
    """Give a charge of nothing for a line priced zero of which two complete lists, late enough, name no charge."""
    began = reading.began
    settle_after = timedelta(seconds=settings.CAAS_SETTLE_AFTER)
    ended = operation.finished_at or operation.created_at
    if operation.price != 0 or reading.transactions is None or began.at < ended + settle_after:
        return None
    if _may_be_charged(operation, reading.transactions):
        return None
    first = next((entry for entry in operation.readings if entry.get("lists_no_charge")), None)
    if first is None:
        entry = {"at": began.at.isoformat(), "mark": dict(began.mark), "lists_no_charge": True}
        operation.readings = [*operation.readings, entry][-20:]
        Operation.objects.filter(pk=operation.pk, is_charge_open=True).update(readings=operation.readings)
        return None
    since = Stamp(datetime.fromisoformat(first["at"]), first.get("mark") or {})
    if not has_passed(READINGS_APART, since=since, until=began):
        return None
    return Outcome(Decimal(0), operation.currency, operation.ca_order_number)


def _may_be_charged(operation: Operation, listed: Iterable[TransactionInfo]) -> bool:
    """Whether a charge names it that nothing else explains, or one whose names or order number cannot be read may."""
    rows = Transaction.objects.filter(Q(operation=operation) | Q(explained="", binding=operation.binding_id))
    names = [*rows.values_list("names", flat=True), *(row.names for row in listed if row.ca_order_number is None)]
    return any(not one or not set(one).isdisjoint(operation.all_names) for one in names)
