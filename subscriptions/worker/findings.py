"""Findings: the differences between the CA and the ledger that readings show.

A finding is what two readings at least READINGS_APART show. Not judged yet is what an unsettled operation may have
caused, and all that an operation touched which ended less than CAAS_SETTLE_AFTER before the reading began.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from subscriptions.kinds import kind_of
from subscriptions.ledger import clock
from subscriptions.ledger.account_states import SUSPENDED
from subscriptions.ledger.moves import Outcome
from subscriptions.ledger.reading import CLOCK_SLACK, BindingReading
from subscriptions.models import Domain, EabBinding, Finding, Operation, Transaction
from subscriptions.models.operations import names_of
from subscriptions.rules.terms import LISTED_LATE, OPEN_FOR_LONG, READINGS_APART, TERM_DAYS, TERM_TOLERANCE_DAYS

Line = dict[str, Any]
CHANGES_LOOKED_AT = 50  # the last ones of an ACME account, by which it is judged in which state it was left
Sort = Finding.Sort
State = Finding.State
Explained = Transaction.Explained


class _Account:
    """What the sorts look at of one ACME account, each read when the first of them asks for it.

    Mostly nothing differs, and nothing more than its transactions and its findings is read.
    """

    def __init__(self, binding: EabBinding, reading: BindingReading) -> None:
        self.binding = binding
        self.reading = reading

    @cached_property
    def spared(self) -> frozenset[str]:
        """The names that are not judged yet."""
        recently = self.reading.began.at - timedelta(seconds=settings.CAAS_SETTLE_AFTER)
        is_judged_later = Q(state__in=Operation.UNSETTLED) | Q(finished_at__gt=recently)
        return names_of(Operation.objects.filter(is_judged_later, binding=self.binding))

    @cached_property
    def transactions(self) -> list[Transaction]:
        """What the CA has listed, in the order it was done."""
        rows = Transaction.objects.filter(binding=self.binding)
        return list(rows.order_by("executed_at", "ca_order_number"))

    @cached_property
    def charges(self) -> dict[int, Operation]:
        """What was recorded as charged, and what is charged without an amount yet, by the operation's key."""
        recorded = Q(charged__isnull=False) | Q(is_charge_open=True)
        return {row.pk: row for row in Operation.objects.filter(recorded, binding=self.binding)}

    def charged_long_ago(self) -> Iterator[Operation]:
        """Give those of them that succeeded so long before the reading that it ought to know them."""
        long_ago = self.reading.began.at - OPEN_FOR_LONG
        for row in self.charges.values():
            if row.state == Operation.State.SUCCEEDED and row.finished_at is not None and row.finished_at < long_ago:
                yield row

    @cached_property
    def unexplained(self) -> list[Transaction]:
        """Those that nothing explains, and that nothing under way may have caused."""
        rows = [row for row in self.transactions if not row.explained]
        return [row for row in rows if self.spared.isdisjoint(row.names) and (row.names or not self.spared)]

    @cached_property
    def findings(self) -> list[Finding]:
        """What stands, and what a person has closed, which is not raised again."""
        return list(Finding.objects.filter(binding=self.binding).exclude(state=State.CLOSED, closed_by=None))

    def standing(self, sort: Finding.Sort) -> Finding | None:
        """Give the finding of a sort that is not closed, if there is one."""
        return next((row for row in self.findings if row.sort == sort and row.state != State.CLOSED), None)

    def accepted(self, sort: Finding.Sort) -> frozenset[str | None]:
        """Give the keys of the lines of a sort that a person has closed."""
        closed = (row for row in self.findings if row.sort == sort and row.state == State.CLOSED)
        return frozenset(line.get("key") for row in closed for line in row.lines)


def judge(binding: EabBinding, reading: BindingReading) -> None:
    """Keep what a reading shows of every sort. The binding's row is locked; the reading's charges are linked."""
    account = _Account(binding, reading)
    if reading.transactions is not None:
        _keep(account, Sort.UNEXPLAINED_CHARGE, _unexplained(account, is_refund=False))
        _keep(account, Sort.UNEXPLAINED_REFUND, _unexplained(account, is_refund=True))
        _keep(account, Sort.CHARGED_TWICE, _charged_twice(account))
        _keep(account, Sort.OTHER_AMOUNT, _other_amounts(account))
        _keep(account, Sort.CHARGE_NOT_LISTED, _not_listed(account))
    if reading.domains is not None:
        _keep(account, Sort.UNKNOWN_NAME, _unknown(account))
    if reading.accounts is not None:
        _keep(account, Sort.ACCOUNT_STATE, _other_states(binding, reading))
    _keep(account, Sort.OPEN_AMOUNT, _open_for_long(account))


def _unexplained(account: _Account, *, is_refund: bool) -> Iterator[Line]:
    return (_line_of(row) for row in account.unexplained if (row.kind == Transaction.REFUND) == is_refund)


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


def _charged_twice(account: _Account) -> Iterator[Line]:
    """Give the names of two charged additions of one term without a removal between."""
    terms = {row.ca_order_number: row.subscription_starts_at for row in account.reading.transactions or ()}
    last: dict[tuple[str, datetime | None], Transaction] = {}
    for row in account.transactions:
        is_charged = row.kind == Transaction.ADDITION and row.cost is not None and row.cost > 0
        if not is_charged or row.explained in (Explained.HISTORY, Explained.PERSON):
            continue
        term = terms.get(row.ca_order_number)
        for name in row.names:
            before, last[name, term] = last.get((name, term)), row
            if before is None or name in account.spared or _has_removal_between(_removals(account, name), before, row):
                continue
            yield _line_of(row) | {"key": f"{name}:{row.ca_order_number}", "names": [name]}


Span = tuple[datetime | None, datetime | None]


def _removals(account: _Account, name: str) -> list[Span]:
    """Give between which instants by the CA's clock a name was removed, as far as that is known."""
    refunds = (row for row in account.transactions if row.kind == Transaction.REFUND and name in row.names)
    gone: list[Span] = [(row.executed_at, row.executed_until) for row in refunds]
    offset, slack = account.reading.ca_clock_offset, CLOCK_SLACK
    if offset is None:
        offset, slack = timedelta(0), timedelta(seconds=settings.CAAS_SETTLE_AFTER)
    rows = Domain.objects.filter(subscription=account.binding.subscription_id, name=name).exclude(removed_at=None)
    for at in rows.values_list("removed_at", flat=True):
        if at is not None:
            gone.append((at + offset - slack, at + offset + slack))
    return gone


def _has_removal_between(removed: Iterable[Span], first: Transaction, second: Transaction) -> bool:
    # Dates of the CA's may be days: what cannot be told apart is taken for ordinary business.
    start, end = first.executed_at, second.executed_until
    if start is None or end is None:
        return any(True for _ in removed)
    return any(at is None or until is None or (at <= end and until >= start) for at, until in removed)


def _other_amounts(account: _Account) -> Iterator[Line]:
    for row in account.transactions:
        operation = account.charges.get(row.operation_id or 0)
        if operation is None or operation.charged is None or row.cost is None or row.explained != Explained.OPERATION:
            continue
        if row.cost == operation.charged and operation.charged_currency in ("", row.currency):
            continue
        if row.kind != kind_of(operation).transaction or operation.domain_name in account.spared:
            continue
        recorded = {"recorded": str(operation.charged), "recorded_currency": operation.charged_currency}
        yield _line_of(row) | recorded | {"operation": str(operation.code)}


def _not_listed(account: _Account) -> Iterator[Line]:
    """Give the recorded charges of the running term that the list has lacked for a day."""
    started = _term_started(account.binding, account.reading)
    if started is None:
        return
    long_ago = account.reading.began.at - OPEN_FOR_LONG
    listed = {row.operation_id for row in account.transactions if row.listed_at and row.listed_at >= long_ago}
    for operation in account.charged_long_ago():
        is_of_term = operation.finished_at is not None and operation.finished_at >= started
        if is_of_term and operation.charged and operation.charged > 0 and operation.pk not in listed:
            yield {
                "key": str(operation.code),
                "names": [operation.domain_name] if operation.domain_name else operation.names,
                "amount": str(operation.charged),
                "currency": operation.charged_currency,
                "ca_order_number": operation.ca_order_number,
                "operation": str(operation.code),
            }


def _term_started(binding: EabBinding, reading: BindingReading) -> datetime | None:
    """Give since when the running term's charges are surely made; a list that tells no start may have lost its rows.

    The CA counts a term from the next calendar day, by its own clock.
    """
    started = reading.term_started_at
    ends_at, years = binding.subscription.expires_at, binding.subscription.term_years
    if started is None and ends_at is not None and ends_at > reading.began.at:
        started = ends_at - timedelta(days=TERM_DAYS[years])
    return None if started is None else started - timedelta(days=TERM_TOLERANCE_DAYS)


def unknown_names(subscription_id: int) -> QuerySet[Domain]:
    """Give the names that nobody here ordered, that came with no other, and that nobody took over."""
    return Domain.objects.present().filter(subscription=subscription_id, operation=None, is_taken_over=False)


def _unknown(account: _Account) -> Iterator[Line]:
    """Give the unknown names. One that this list lacks is not gone yet, nor has this reading shown it."""
    for row in unknown_names(account.binding.subscription_id):
        if row.name not in account.spared:
            yield {"key": row.name, "names": [row.name], "is_listed": row.not_listed_since is None}


def _open_for_long(account: _Account) -> Iterator[Line]:
    for operation in account.charged_long_ago():
        if operation.is_charge_open:
            names = [operation.domain_name] if operation.domain_name else operation.names
            yield {"key": str(operation.code), "names": names, "operation": str(operation.code)}


def _other_states(binding: EabBinding, reading: BindingReading) -> Iterator[Line]:
    """Give the ACME accounts that are not as they were left here, and suspended ones to which nothing was done.

    After a change made here a list may be from before it.
    """
    recently = reading.began.at - LISTED_LATE
    changes = Operation.objects.filter(binding=binding, lane=Operation.Lane.ACCOUNT)
    if changes.filter(Q(state__in=Operation.UNSETTLED) | Q(finished_at__gt=recently)).exists():
        return
    statuses = {one.acme_account_id: one.status for one in reading.accounts or ()}
    done = changes.filter(state=Operation.State.SUCCEEDED).order_by("-finished_at", "-pk")
    judged: set[str] = set()
    for operation in done[:CHANGES_LOOKED_AT]:
        kind = kind_of(operation)
        for account, is_as_left in kind.left_as(operation, reading.accounts or ()).items():
            if account not in judged and not is_as_left:
                yield _state_line(account, statuses[account]) | {
                    "done": kind.title(operation),
                    "operation": str(operation.code),
                }
            judged.add(account)
    for account, status in statuses.items():
        if account not in judged and status.lower() in SUSPENDED:
            yield _state_line(account, status)


def _state_line(account: str, status: str) -> Line:
    return {"key": f"{account}:{status.lower()}", "names": [], "account": account, "status": status}


def _keep(account: _Account, sort: Finding.Sort, lines: Iterable[Line]) -> None:
    """Keep what one reading shows of one sort: seen once, a finding, or closed by the fact itself."""
    binding, began, accepted = account.binding, account.reading.began.at, account.accepted(sort)
    current = {line["key"]: line for line in lines if line["key"] not in accepted}
    finding = account.standing(sort)
    if finding is None:
        current = {key: line for key, line in current.items() if line.get("is_listed", True)}
        if current:
            seen = [_seen_again(line, {}, began) for line in current.values()]
            Finding.objects.create(binding=binding, sort=sort, lines=seen, seen_at=began)
        return
    unclosed = Finding.objects.filter(pk=finding.pk).exclude(state=State.CLOSED)
    if not current:
        unclosed.update(
            state=State.CLOSED,
            closed_at=clock.now(),
            reason="The CA no longer shows it, or it is explained now.",
        )
        return
    before = {line.get("key"): line for line in finding.lines}
    merged = [_seen_again(line, before.get(key, {}), began) for key, line in current.items()]
    is_ripe = any(line[Finding.RIPE] for line in merged)
    changes: dict[str, Any] = {"lines": merged}
    if is_ripe and finding.state == State.SEEN_ONCE:
        changes |= {"state": State.OPEN, "opened_at": clock.now()}
    elif not is_ripe:  # what two readings had shown is gone, and what is left only one has
        changes |= {"state": State.SEEN_ONCE, "opened_at": None}
    unclosed.update(**changes)


def _seen_again(line: Line, before: Line, began: datetime) -> Line:
    """Give a line with since when it is seen, and whether two readings that list it have shown it."""
    since = before.get("since", began.isoformat())
    first = parse_datetime(since)
    is_shown_twice = first is not None and began - first >= READINGS_APART and line.get("is_listed", True)
    return line | {"since": since, Finding.RIPE: bool(before.get(Finding.RIPE)) or is_shown_twice}


def raise_at_once(
    binding: EabBinding, sort: Finding.Sort, *, key: str, text: str, operation: Operation, outcome: Outcome
) -> None:
    """Open a finding that needs no second reading: the CA said it itself."""
    now, kind = clock.now(), kind_of(operation)
    line: Line = {
        "key": key,
        "text": text,
        "costs": kind.charges or bool(kind.transaction),
        "names": operation.names,
        "amount": None if outcome.charged is None else str(outcome.charged),
        "currency": outcome.currency,
        "ca_order_number": outcome.ca_order_number,
        "operation": str(operation.code),
        "since": now.isoformat(),
        Finding.RIPE: True,
    }
    unclosed = Finding.objects.exclude(state=State.CLOSED)
    with transaction.atomic():
        made, _ = unclosed.get_or_create(
            binding=binding, sort=sort, defaults={"state": State.OPEN, "opened_at": now, "seen_at": now}
        )
        # Its row is locked, so that of two late answers none is lost, and a person's closing is not undone.
        finding = unclosed.select_for_update().filter(pk=made.pk).first()
        if finding is None:
            finding = Finding.objects.create(binding=binding, sort=sort, seen_at=now)
        if all(kept.get("key") != key for kept in finding.lines):
            Finding.objects.filter(pk=finding.pk).update(
                lines=[*finding.lines, line], state=State.OPEN, opened_at=finding.opened_at or now
            )
