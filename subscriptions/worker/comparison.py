"""The standing comparison of the CA with the ledger (findings), and the one after a restore from a backup.

A finding is what two readings at least READINGS_APART show. Not judged yet is what an unsettled operation may have
caused, and all that an operation touched which ended less than CAAS_SETTLE_AFTER before the reading began.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.dateparse import parse_datetime

from subscriptions.kinds import kind_of
from subscriptions.ledger import clock
from subscriptions.ledger.moves import Outcome
from subscriptions.ledger.reading import BindingReading
from subscriptions.models import Domain, EabBinding, Finding, Operation, Transaction
from subscriptions.rules.prices import shown
from subscriptions.rules.terms import OPEN_FOR_LONG, READINGS_APART
from subscriptions.worker.presence import keep_names
from subscriptions.worker.transactions import explain, explain_by_answer, fill_in_charges, keep_transactions

Line = dict[str, Any]
Sort = Finding.Sort

__all__ = ["explain_by_answer", "keep_reading", "objection", "raise_at_once"]


def keep_reading(binding: EabBinding, reading: BindingReading) -> None:
    """Take over what a reading shows of names and charges, link and fill in what can be, and judge what is left."""
    with transaction.atomic():
        if reading.domains is not None:
            keep_names(binding.subscription, reading)
        if reading.transactions is not None:
            keep_transactions(binding, reading.transactions, began_at=reading.began.at)
            explain(binding)
            fill_in_charges(binding, reading)
        _judge(binding, reading)


def objection(operation: Operation, reading: BindingReading) -> str:
    """Give why something that nothing explains stands against sending an operation now, or an empty text.

    A person who has had it sent since that was first seen has looked at it.
    """
    names = {operation.domain_name, *operation.names}
    if not operation.takes_away and operation.domain_name in (reading.names or ()):
        return ""  # its kind says so itself: an earlier call of it may have done its work late
    unexplained = Transaction.objects.filter(binding=operation.binding_id, explained="")
    if operation.decided_at is not None:
        unexplained = unexplained.filter(first_seen_at__gt=operation.decided_at)
    for row in unexplained:
        if not names.isdisjoint(row.names):
            return f"The CA lists something about {operation.domain_name} that nothing here explains: {_told(row)}."
    if operation.takes_away or reading.names is None:
        return ""
    unknown = _unknown_names(operation.subscription_id).filter(name__in=names - {operation.domain_name})
    if operation.decided_at is not None:
        unknown = unknown.filter(added_at__gt=operation.decided_at)
    found = sorted(unknown.values_list("name", flat=True))
    return f"At the CA already, and nobody here has added it: {', '.join(found)}." if found else ""


def _told(row: Transaction) -> str:
    words = {Transaction.ADDITION: "a charge", Transaction.REFUND: "a refund", Transaction.EXTENSION: "an extension"}
    return f"{words.get(row.kind, 'a transaction')} of {shown(row.cost, row.currency)} (order {row.ca_order_number})"


# --- Findings -------------------------------------------------------------------------------------------------------


def _judge(binding: EabBinding, reading: BindingReading) -> None:
    spared = _spared_names(binding, reading)
    if reading.transactions is not None:
        _keep(binding, Sort.UNEXPLAINED_CHARGE, _unexplained(binding, spared, is_refund=False), reading)
        _keep(binding, Sort.UNEXPLAINED_REFUND, _unexplained(binding, spared, is_refund=True), reading)
        _keep(binding, Sort.CHARGED_TWICE, _charged_twice(binding, spared), reading)
        _keep(binding, Sort.OTHER_AMOUNT, _other_amounts(binding), reading)
        _keep(binding, Sort.CHARGE_NOT_LISTED, _not_listed(binding, reading), reading)
    if reading.domains is not None:
        unknown = _unknown_names(binding.subscription_id).exclude(name__in=spared)
        _keep(binding, Sort.UNKNOWN_NAME, ({"key": row.name, "names": [row.name]} for row in unknown), reading)
    _keep(binding, Sort.OPEN_AMOUNT, _open_for_long(binding, reading), reading)


def _spared_names(binding: EabBinding, reading: BindingReading) -> frozenset[str]:
    """Give the names that are not judged yet."""
    recently = reading.began.at - timedelta(seconds=settings.CAAS_SETTLE_AFTER)
    touched = Operation.objects.filter(Q(state__in=Operation.UNSETTLED) | Q(finished_at__gt=recently), binding=binding)
    return frozenset(name for operation in touched for name in [operation.domain_name, *operation.names])


def _unexplained(binding: EabBinding, spared: frozenset[str], *, is_refund: bool) -> Iterator[Line]:
    for row in Transaction.objects.filter(binding=binding, explained=""):
        if (row.kind == Transaction.REFUND) == is_refund and spared.isdisjoint(row.names):
            yield _line_of(row)


def _line_of(row: Transaction) -> Line:
    return {
        "key": f"{row.kind}:{row.ca_order_number}",
        "names": row.names,
        "ca_order_number": row.ca_order_number,
        "amount": None if row.cost is None else str(row.cost),
        "currency": row.currency,
        "at": row.executed_at.isoformat() if row.executed_at else None,
        "transaction": row.pk,
    }


def _charged_twice(binding: EabBinding, spared: frozenset[str]) -> Iterator[Line]:
    """Give the names of two charged additions of this term without a removal between."""
    charged = Transaction.objects.filter(binding=binding, kind=Transaction.ADDITION, cost__gt=0)
    last: dict[str, Transaction] = {}
    removed = _removals(binding)
    for row in charged.exclude(explained__in=["history", "person"]).order_by("executed_at", "ca_order_number"):
        for name in row.names:
            before, last[name] = last.get(name), row
            if before is None or name in spared or _has_removal_between(removed.get(name, ()), before, row):
                continue
            yield _line_of(row) | {"key": f"{name}:{row.ca_order_number}", "names": [name]}


def _removals(binding: EabBinding) -> Mapping[str, list[datetime | None]]:
    gone: dict[str, list[datetime | None]] = {}
    refunds = Transaction.objects.filter(binding=binding, kind=Transaction.REFUND)
    for names, at in refunds.values_list("names", "executed_at"):
        for name in names:
            gone.setdefault(name, []).append(at)
    rows = Domain.objects.filter(subscription=binding.subscription_id).exclude(removed_at=None)
    for name, at in rows.values_list("name", "removed_at"):
        gone.setdefault(name, []).append(at)
    return gone


def _has_removal_between(removed: Iterable[datetime | None], first: Transaction, second: Transaction) -> bool:
    # Dates of the CA's may be days: what cannot be told apart is taken for ordinary business.
    start, end = first.executed_at, second.executed_until
    return any(at is None or start is None or end is None or start <= at <= end for at in removed)


def _other_amounts(binding: EabBinding) -> Iterator[Line]:
    rows = Transaction.objects.filter(binding=binding, explained="operation", cost__isnull=False)
    for row in rows.filter(operation__charged__isnull=False).select_related("operation"):
        operation = row.operation
        if operation is None or row.kind != kind_of(operation).transaction:
            continue
        if (operation.charged, operation.charged_currency or row.currency) != (row.cost, row.currency):
            recorded = {"recorded": str(operation.charged), "recorded_currency": operation.charged_currency}
            yield _line_of(row) | recorded | {"operation": str(operation.code)}


def _not_listed(binding: EabBinding, reading: BindingReading) -> Iterator[Line]:
    """Give the recorded charges of the running term that the list has lacked for a day."""
    started = reading.term_started_at
    if started is None:
        return
    long_ago = reading.began.at - OPEN_FOR_LONG
    charged = Operation.objects.filter(
        binding=binding, state=Operation.State.SUCCEEDED, charged__gt=0, finished_at__lt=long_ago
    )
    for operation in charged.filter(finished_at__gte=started).prefetch_related("transactions"):
        listed = [row.listed_at for row in operation.transactions.all() if row.listed_at is not None]
        if not listed or max(listed) < long_ago:
            yield {
                "key": str(operation.code),
                "names": [operation.domain_name],
                "amount": str(operation.charged),
                "currency": operation.charged_currency,
                "ca_order_number": operation.ca_order_number,
                "operation": str(operation.code),
            }


def _unknown_names(subscription_id: int) -> Any:
    """Give the names that nobody here ordered, that came with no other, and that nobody took over."""
    present = Domain.objects.present().filter(subscription=subscription_id, not_listed_since=None)
    return present.filter(operation=None, is_taken_over=False)


def _open_for_long(binding: EabBinding, reading: BindingReading) -> Iterator[Line]:
    long_ago = reading.began.at - OPEN_FOR_LONG
    still_open = Operation.objects.filter(
        binding=binding, state=Operation.State.SUCCEEDED, is_charge_open=True, finished_at__lt=long_ago
    )
    for operation in still_open:
        yield {"key": str(operation.code), "names": [operation.domain_name], "operation": str(operation.code)}


def _keep(binding: EabBinding, sort: Finding.Sort, lines: Iterable[Line], reading: BindingReading) -> None:
    """Keep what one reading shows of one sort: seen once, a finding, or closed by the fact itself."""
    began = reading.began.at
    accepted = _accepted_keys(binding, sort)
    current = {line["key"]: line for line in lines if line["key"] not in accepted}
    finding = Finding.objects.filter(binding=binding, sort=sort).exclude(state=Finding.State.CLOSED).first()
    if finding is None:
        if current:
            seen = [_seen_again(line, began.isoformat(), began) for line in current.values()]
            Finding.objects.create(binding=binding, sort=sort, lines=seen, seen_at=began)
        return
    unclosed = Finding.objects.filter(pk=finding.pk).exclude(state=Finding.State.CLOSED)
    if not current:
        unclosed.update(
            state=Finding.State.CLOSED,
            closed_at=clock.now(),
            reason="The CA no longer shows it, or it is explained now.",
        )
        return
    since = {line["key"]: line.get("since", began.isoformat()) for line in finding.lines}
    merged = [_seen_again(line, since.get(key, began.isoformat()), began) for key, line in current.items()]
    is_ripe = any(line[Finding.RIPE] for line in merged)
    changes: dict[str, Any] = {"lines": merged}
    if is_ripe and finding.state == Finding.State.SEEN_ONCE:
        changes |= {"state": Finding.State.OPEN, "opened_at": clock.now()}
    elif not is_ripe:  # what two readings had shown is gone, and what is left only one has
        changes |= {"state": Finding.State.SEEN_ONCE, "opened_at": None}
    unclosed.update(**changes)


def _seen_again(line: Line, since: str, began: datetime) -> Line:
    first = parse_datetime(since)
    return line | {"since": since, Finding.RIPE: first is not None and began - first >= READINGS_APART}


def _accepted_keys(binding: EabBinding, sort: Finding.Sort) -> frozenset[str]:
    """Give what a person has closed, which is not raised again."""
    closed = Finding.objects.filter(binding=binding, sort=sort, state=Finding.State.CLOSED).exclude(closed_by=None)
    return frozenset(line["key"] for lines in closed.values_list("lines", flat=True) for line in lines)


def raise_at_once(
    binding: EabBinding, sort: Finding.Sort, *, key: str, text: str, operation: Operation, outcome: Outcome
) -> None:
    """Open a finding that needs no second reading: the CA said it itself."""
    now = clock.now()
    line: Line = {
        "key": key,
        "text": text,
        "names": operation.names,
        "amount": None if outcome.charged is None else str(outcome.charged),
        "currency": outcome.currency,
        "ca_order_number": outcome.ca_order_number,
        "operation": str(operation.code),
        "since": now.isoformat(),
        Finding.RIPE: True,
    }
    finding, _ = Finding.objects.exclude(state=Finding.State.CLOSED).get_or_create(
        binding=binding, sort=sort, defaults={"state": Finding.State.OPEN, "opened_at": now, "seen_at": now}
    )
    if all(kept["key"] != key for kept in finding.lines):
        Finding.objects.filter(pk=finding.pk).update(
            lines=[*finding.lines, line], state=Finding.State.OPEN, opened_at=finding.opened_at or now
        )
