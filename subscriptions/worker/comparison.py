"""The standing comparison of the CA with the ledger (findings), and the one after a restore from a backup.

A finding is what two readings at least READINGS_APART show. Not judged yet is what an unsettled operation may have
caused, and all that an operation touched which ended less than CAAS_SETTLE_AFTER before the reading began.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
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
from subscriptions.rules.prices import shown
from subscriptions.rules.terms import LISTED_LATE, OPEN_FOR_LONG, READINGS_APART, TERM_DAYS, TERM_TOLERANCE_DAYS
from subscriptions.rules.written_names import written, written_list
from subscriptions.worker.presence import keep_names
from subscriptions.worker.transactions import explain, fill_in_charges, keep_transactions

Line = dict[str, Any]
CHANGES_LOOKED_AT = 50  # the last ones of an ACME account, by which it is judged in which state it was left
Sort = Finding.Sort
Explained = Transaction.Explained


def keep_reading(binding: EabBinding, reading: BindingReading) -> None:
    """Take over what a reading shows of names and charges, link and fill in what can be, and judge what is left."""
    with transaction.atomic():
        # Two readings of a binding are kept one after the other, whoever made them.
        locked = EabBinding.objects.select_for_update(no_key=True).get(pk=binding.pk)
        binding.anchors_left = locked.anchors_left
        if reading.domains is not None:
            _note_moved(binding, keep_names(binding.subscription, reading), reading.began.at)
        if reading.transactions is not None:
            keep_transactions(binding, reading.transactions, began_at=reading.began.at)
            explain(binding)
            fill_in_charges(binding, reading)
        _judge(binding, reading)


def _note_moved(binding: EabBinding, left: Iterable[str], at: datetime) -> None:
    """Remember that names were moved away from pre-validations: nothing confirmed before is added under those."""
    if moved := dict.fromkeys(left, at.isoformat()):
        binding.anchors_left = {**binding.anchors_left, **moved}
        EabBinding.objects.filter(pk=binding.pk).update(anchors_left=binding.anchors_left)


def objections(
    operations: Iterable[Operation], binding: EabBinding, reading: BindingReading
) -> list[tuple[Operation, str]]:
    """Give those of the operations against whose sending something stands that nothing explains, each with why.

    A person who has had one sent since that was first seen has looked at it.
    """
    unexplained = list(Transaction.objects.filter(binding=binding, explained=""))
    unknown = list(_unknown_names(binding.subscription_id))
    if not unexplained and not unknown:
        return []
    reasons = ((one, _objection(one, unexplained, unknown, reading.names or frozenset())) for one in operations)
    return [(one, reason) for one, reason in reasons if reason]


def _objection(
    operation: Operation, unexplained: Iterable[Transaction], unknown: Iterable[Domain], listed: frozenset[str]
) -> str:
    names, since = set(operation.all_names), operation.decided_at
    is_of_one_name = operation.domain_name != ""
    if operation.takes_away != (operation.domain_name in listed) if is_of_one_name else operation.was_unknown:
        return ""  # its kind says so itself: an earlier call of it may have done its work late
    for row in unexplained:
        # What is about the whole binding leaves a transaction whose names say nothing.
        is_alike = not is_of_one_name and row.kind == kind_of(operation).transaction
        bears = is_alike or not names.isdisjoint(row.names)
        if bears and (since is None or row.first_seen_at > since):
            about = written(operation.domain_name) if is_of_one_name else "its names"
            return f"The CA lists something about {about} that nothing here explains: {_told(row)}."
    if operation.takes_away:
        return ""
    others = names - {operation.domain_name}
    found = sorted(row.name for row in unknown if row.name in others and (since is None or row.added_at > since))
    return f"At the CA already, and nobody here has added it: {written_list(found)}." if found else ""


def _told(row: Transaction) -> str:
    words = {Transaction.ADDITION: "a charge", Transaction.REFUND: "a refund", Transaction.EXTENSION: "an extension"}
    return f"{words.get(row.kind, 'a transaction')} of {shown(row.cost, row.currency)} (order {row.ca_order_number})"


# --- Findings -------------------------------------------------------------------------------------------------------


def _judge(binding: EabBinding, reading: BindingReading) -> None:
    spared = _spared_names(binding, reading)
    if reading.transactions is not None:
        _keep(binding, Sort.UNEXPLAINED_CHARGE, _unexplained(binding, spared, is_refund=False), reading)
        _keep(binding, Sort.UNEXPLAINED_REFUND, _unexplained(binding, spared, is_refund=True), reading)
        _keep(binding, Sort.CHARGED_TWICE, _charged_twice(binding, spared, reading), reading)
        _keep(binding, Sort.OTHER_AMOUNT, _other_amounts(binding, spared), reading)
        _keep(binding, Sort.CHARGE_NOT_LISTED, _not_listed(binding, reading), reading)
    if reading.domains is not None:
        _keep(binding, Sort.UNKNOWN_NAME, _unknown(binding, spared), reading)
    if reading.accounts is not None:
        _keep(binding, Sort.ACCOUNT_STATE, _other_states(binding, reading), reading)
    _keep(binding, Sort.OPEN_AMOUNT, _open_for_long(binding, reading), reading)


def _spared_names(binding: EabBinding, reading: BindingReading) -> frozenset[str]:
    """Give the names that are not judged yet."""
    recently = reading.began.at - timedelta(seconds=settings.CAAS_SETTLE_AFTER)
    touched = Operation.objects.filter(Q(state__in=Operation.UNSETTLED) | Q(finished_at__gt=recently), binding=binding)
    return frozenset(name for operation in touched for name in operation.all_names)


def _unexplained(binding: EabBinding, spared: frozenset[str], *, is_refund: bool) -> Iterator[Line]:
    for row in Transaction.objects.filter(binding=binding, explained=""):
        may_be_theirs = not spared.isdisjoint(row.names) or (spared and not row.names)
        if (row.kind == Transaction.REFUND) == is_refund and not may_be_theirs:
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


def _charged_twice(binding: EabBinding, spared: frozenset[str], reading: BindingReading) -> Iterator[Line]:
    """Give the names of two charged additions of one term without a removal between."""
    charged = Transaction.objects.filter(binding=binding, kind=Transaction.ADDITION, cost__gt=0)
    terms = {row.ca_order_number: row.subscription_starts_at for row in reading.transactions or ()}
    last: dict[tuple[str, datetime | None], Transaction] = {}
    removed = _removals(binding, reading)
    for row in charged.exclude(explained__in=[Explained.HISTORY, Explained.PERSON]).order_by(
        "executed_at", "ca_order_number"
    ):
        term = terms.get(row.ca_order_number)
        for name in row.names:
            before, last[name, term] = last.get((name, term)), row
            if before is None or name in spared or _has_removal_between(removed.get(name, ()), before, row):
                continue
            yield _line_of(row) | {"key": f"{name}:{row.ca_order_number}", "names": [name]}


Span = tuple[datetime | None, datetime | None]


def _removals(binding: EabBinding, reading: BindingReading) -> Mapping[str, list[Span]]:
    """Give, for each name, between which instants by the CA's clock it was removed, as far as that is known."""
    gone: dict[str, list[Span]] = {}
    refunds = Transaction.objects.filter(binding=binding, kind=Transaction.REFUND)
    for names, at, until in refunds.values_list("names", "executed_at", "executed_until"):
        for name in names:
            gone.setdefault(name, []).append((at, until))
    offset, slack = reading.ca_clock_offset, CLOCK_SLACK
    if offset is None:
        offset, slack = timedelta(0), timedelta(seconds=settings.CAAS_SETTLE_AFTER)
    rows = Domain.objects.filter(subscription=binding.subscription_id).exclude(removed_at=None)
    for name, at in rows.values_list("name", "removed_at"):
        if at is not None:
            gone.setdefault(name, []).append((at + offset - slack, at + offset + slack))
    return gone


def _has_removal_between(removed: Iterable[Span], first: Transaction, second: Transaction) -> bool:
    # Dates of the CA's may be days: what cannot be told apart is taken for ordinary business.
    start, end = first.executed_at, second.executed_until
    if start is None or end is None:
        return any(True for _ in removed)
    return any(at is None or until is None or (at <= end and until >= start) for at, until in removed)


def _other_amounts(binding: EabBinding, spared: frozenset[str]) -> Iterator[Line]:
    rows = Transaction.objects.filter(binding=binding, explained=Explained.OPERATION, cost__isnull=False)
    for row in rows.filter(operation__charged__isnull=False).select_related("operation"):
        operation = row.operation
        if operation is None or row.kind != kind_of(operation).transaction or operation.domain_name in spared:
            continue
        if (operation.charged, operation.charged_currency or row.currency) != (row.cost, row.currency):
            recorded = {"recorded": str(operation.charged), "recorded_currency": operation.charged_currency}
            yield _line_of(row) | recorded | {"operation": str(operation.code)}


def _not_listed(binding: EabBinding, reading: BindingReading) -> Iterator[Line]:
    """Give the recorded charges of the running term that the list has lacked for a day."""
    started = _term_started(binding, reading)
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


def _unknown_names(subscription_id: int) -> QuerySet[Domain]:
    """Give the names that nobody here ordered, that came with no other, and that nobody took over."""
    return Domain.objects.present().filter(subscription=subscription_id, operation=None, is_taken_over=False)


def _unknown(binding: EabBinding, spared: frozenset[str]) -> Iterator[Line]:
    """Give the unknown names. One that this list lacks is not gone yet, nor has this reading shown it."""
    for row in _unknown_names(binding.subscription_id).exclude(name__in=spared):
        yield {"key": row.name, "names": [row.name], "is_listed": row.not_listed_since is None}


def _open_for_long(binding: EabBinding, reading: BindingReading) -> Iterator[Line]:
    long_ago = reading.began.at - OPEN_FOR_LONG
    still_open = Operation.objects.filter(
        binding=binding, state=Operation.State.SUCCEEDED, is_charge_open=True, finished_at__lt=long_ago
    )
    for operation in still_open:
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


def _keep(binding: EabBinding, sort: Finding.Sort, lines: Iterable[Line], reading: BindingReading) -> None:
    """Keep what one reading shows of one sort: seen once, a finding, or closed by the fact itself."""
    began = reading.began.at
    accepted = _accepted_keys(binding, sort)
    current = {line["key"]: line for line in lines if line["key"] not in accepted}
    finding = Finding.objects.filter(binding=binding, sort=sort).exclude(state=Finding.State.CLOSED).first()
    if finding is None:
        current = {key: line for key, line in current.items() if line.get("is_listed", True)}
        if current:
            seen = [_seen_again(line, {}, began) for line in current.values()]
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
    before = {line.get("key"): line for line in finding.lines}
    merged = [_seen_again(line, before.get(key, {}), began) for key, line in current.items()]
    is_ripe = any(line[Finding.RIPE] for line in merged)
    changes: dict[str, Any] = {"lines": merged}
    if is_ripe and finding.state == Finding.State.SEEN_ONCE:
        changes |= {"state": Finding.State.OPEN, "opened_at": clock.now()}
    elif not is_ripe:  # what two readings had shown is gone, and what is left only one has
        changes |= {"state": Finding.State.SEEN_ONCE, "opened_at": None}
    unclosed.update(**changes)


def _seen_again(line: Line, before: Line, began: datetime) -> Line:
    """Give a line with since when it is seen, and whether two readings that list it have shown it."""
    since = before.get("since", began.isoformat())
    first = parse_datetime(since)
    is_shown_twice = first is not None and began - first >= READINGS_APART and line.get("is_listed", True)
    return line | {"since": since, Finding.RIPE: bool(before.get(Finding.RIPE)) or is_shown_twice}


def _accepted_keys(binding: EabBinding, sort: Finding.Sort) -> frozenset[str | None]:
    """Give what a person has closed, which is not raised again."""
    closed = Finding.objects.filter(binding=binding, sort=sort, state=Finding.State.CLOSED).exclude(closed_by=None)
    return frozenset(line.get("key") for lines in closed.values_list("lines", flat=True) for line in lines)


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
    unclosed = Finding.objects.exclude(state=Finding.State.CLOSED)
    with transaction.atomic():
        made, _ = unclosed.get_or_create(
            binding=binding, sort=sort, defaults={"state": Finding.State.OPEN, "opened_at": now, "seen_at": now}
        )
        # Its row is locked, so that of two late answers none is lost, and a person's closing is not undone.
        finding = unclosed.select_for_update().filter(pk=made.pk).first()
        if finding is None:
            finding = Finding.objects.create(binding=binding, sort=sort, seen_at=now)
        if all(kept.get("key") != key for kept in finding.lines):
            Finding.objects.filter(pk=finding.pk).update(
                lines=[*finding.lines, line], state=Finding.State.OPEN, opened_at=finding.opened_at or now
            )
