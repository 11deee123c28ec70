"""Complete readings of one binding at the CA: the baseline before a change, and what shows whether a call happened.

A list that could not be read says nothing: it is empty here, never an empty list. Complete means paged until a page
brings nothing new, which is the client's part.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError
from subscriptions.caas.types import AccountInfo, ListedDomain, TransactionInfo
from subscriptions.ledger import accounts, clock
from subscriptions.ledger.gate import react_to_reading
from subscriptions.ledger.kept import Given, Rows, kept
from subscriptions.models import Baseline, EabBinding, Operation
from subscriptions.rules.terms import TERM_TOLERANCE_DAYS, expiry_of

BASELINE_MAX_AGE = timedelta(minutes=10)


class CaList(StrEnum):
    """A list of the CA about one binding."""

    DOMAINS = "LISTDOMAINS"
    TRANSACTIONS = "LISTTRANSACTIONS"
    ACCOUNTS = "LISTACCOUNTS"


@dataclass(frozen=True, slots=True)
class BindingReading:
    """What the CA's lists show of one binding; `unread` tells of each that could not be read, why.

    `ca_clock_offset` is how far the CA's clock is ahead of the database's, where it has told its time.
    """

    began: clock.Stamp
    domains: tuple[ListedDomain, ...] | None = None
    transactions: tuple[TransactionInfo, ...] | None = None
    accounts: tuple[AccountInfo, ...] | None = None
    unread: Mapping[str, str] = field(default_factory=dict)
    ca_clock_offset: timedelta | None = None

    @property
    def current(self) -> tuple[ListedDomain, ...] | None:
        """The listed names, without those of earlier terms."""
        return None if self.domains is None else current(self.domains, self.began.at)

    @property
    def names(self) -> frozenset[str] | None:
        """The listed names, without those of earlier terms."""
        return None if self.current is None else frozenset(domain.name for domain in self.current)

    @property
    def running_names(self) -> frozenset[str] | None:
        """The listed names of a term that was not over."""
        if self.domains is None:
            return None
        return frozenset(domain.name for domain in running(self.domains, self.began.at))

    @property
    def expires_at(self) -> datetime | None:
        """The end of the running term."""
        return expiry_of(domain.expires_at for domain in self.domains or ())

    @property
    def term_started_at(self) -> datetime | None:
        """The beginning of the newest term that the charges tell of."""
        started = [row.subscription_starts_at for row in self.transactions or () if row.subscription_starts_at]
        return max(started, default=None)


def read_binding(
    binding: EabBinding,
    client: CaasClient,
    lists: Collection[CaList],
    *,
    answered: Callable[[], object] = lambda: None,
) -> BindingReading:
    """Read the wanted lists, and call `answered` after each answer; raises HeldBack where the gate lets none go."""
    began = clock.stamp()
    host_ahead = timezone.now() - began.at
    calls: dict[CaList, Callable[[str], Any]] = {
        CaList.DOMAINS: lambda named: client.list_domains(acme_account_id=named),
        CaList.TRANSACTIONS: lambda named: client.list_transactions(acme_account_id=named),
        CaList.ACCOUNTS: lambda named: client.list_accounts(acme_account_id=named),
    }
    read: dict[CaList, Any] = {}
    unread: dict[str, str] = {}
    for wanted in sorted(lists):
        try:
            read[wanted] = accounts.ask(binding, client, calls[wanted], answered=answered)
        except CaasError as error:
            react_to_reading(error)
            unread[wanted] = str(error)[:300]
        answered()
    return BindingReading(
        began,
        domains=read.get(CaList.DOMAINS),
        transactions=read.get(CaList.TRANSACTIONS),
        accounts=read.get(CaList.ACCOUNTS),
        unread=unread,
        ca_clock_offset=None if (offset := client.ca_clock_offset()) is None else offset + host_ahead,
    )


def running(listed: Iterable[ListedDomain], at: datetime) -> tuple[ListedDomain, ...]:
    """Give the listed names whose term was not over at an instant; one without an end counts as running."""
    return tuple(domain for domain in listed if domain.expires_at is None or domain.expires_at > at)


def current(listed: Sequence[ListedDomain], at: datetime) -> tuple[ListedDomain, ...]:
    """Give the listed names of the running term; where none runs, those of the term that ended last.

    The CA lists each name with its most recent expiry, those of earlier terms too ("List domains" in the guide).
    """
    if found := running(listed, at):
        return found
    newest = expiry_of(domain.expires_at for domain in listed)
    return tuple(
        domain for domain in listed if domain.expires_at and newest and _ended_together(domain.expires_at, newest)
    )


def _ended_together(one: datetime, other: datetime) -> bool:
    return abs(other - one) <= timedelta(days=TERM_TOLERANCE_DAYS)


def transaction_kind(listed: TransactionInfo) -> str:
    """Give the CA's word for what a transaction is, in the one case it is kept in."""
    return listed.kind.lower()[:40]


def keep_baseline(operation: Operation, binding: EabBinding, reading: BindingReading) -> Baseline:
    """Write a reading as what the CA showed before the operation's call, and before others of its order."""
    listed = reading.current or ()
    transactions = reading.transactions
    numbers = None if transactions is None else [[transaction_kind(row), row.ca_order_number] for row in transactions]
    return Baseline.objects.create(
        binding=binding,
        order_id=operation.order_id,
        began_at=reading.began.at,
        names=sorted(domain.name for domain in listed),
        anchors={domain.name: domain.ov_anchor_order_number for domain in listed if domain.ov_anchor_order_number},
        expires_at=reading.expires_at,
        transactions=numbers,
        unread=[f"{name}: {why}" for name, why in reading.unread.items()],
    )


class _Remembered:
    """The newest baseline of an order and binding that this process has seen: it is written once, so it may be kept."""

    newest: dict[tuple[int | None, int | None], Baseline] = {}
    MANY = 1000


def forget_baselines() -> None:
    """Forget what this process has seen, as after a restore."""
    _Remembered.newest.clear()


def newest_baseline(operation: Operation, now: datetime, *, not_before: datetime | None) -> Baseline | None:
    """Give a baseline of the operation's order and binding that is young enough to be sent under, if there is one.

    One from before `not_before` (this worker's start) has not been compared with the ledger by this worker.
    """
    if operation.order_id is None:
        return None
    key = (operation.binding_id, operation.order_id)
    if is_young(kept := _Remembered.newest.get(key), now, not_before=not_before):
        return kept
    newest = Baseline.objects.filter(binding=operation.binding_id, order=operation.order_id).first()
    if newest is None or not is_young(newest, now, not_before=not_before):
        return None
    if len(_Remembered.newest) >= _Remembered.MANY:
        _Remembered.newest.clear()
    _Remembered.newest[key] = newest
    return newest


def is_young(baseline: Baseline | None, now: datetime, *, not_before: datetime | None) -> bool:
    """Whether an operation may be sent under a baseline at `now`."""
    # One from the future was read before the database's clock was set back: nothing tells how old it is.
    if baseline is None or not now - BASELINE_MAX_AGE <= baseline.began_at <= now:
        return False
    return not_before is None or baseline.began_at >= not_before


class Ended(NamedTuple):
    """An operation that ended since some instant, as far as it bears on another one of its binding."""

    finished_at: datetime
    lane: str
    registrable_domain: str
    state: str
    takes_away: bool
    names: list[str]


def ended_since(operation: Operation, since: datetime, *, until: datetime | None = None) -> list[Ended]:
    """Give what ended on the operation's registrable domain or on its whole binding, in order.

    Of a binding whose term does not run yet all counts: the first name starts it.
    """
    of_one_name = operation.lane == Operation.Lane.NAME and operation.subscription.is_running(since)
    ended = _ended(has_binding=operation.binding_id is not None, has_end=until is not None, of_one_name=of_one_name)
    rows = ended(
        id=operation.pk,
        binding=operation.binding_id,
        registrable_domain=operation.registrable_domain,
        since=since,
        until=until,
    )
    return [Ended(*row) for row in rows]


@kept
def _ended(*, has_binding: bool, has_end: bool, of_one_name: bool) -> Rows:
    ended = Operation.objects.filter(
        binding=Given.of(Operation, "binding") if has_binding else None,
        finished_at__gte=Given.of(Operation, "finished_at", "since"),
    ).exclude(pk=Given.of(Operation, "id"))
    if has_end:
        ended = ended.filter(finished_at__lte=Given.of(Operation, "finished_at", "until"))
    if of_one_name:
        same_name = Q(registrable_domain=Given.of(Operation, "registrable_domain"))
        ended = ended.filter(same_name | ~Q(lane=Operation.Lane.NAME))
    return Rows(ended.order_by("finished_at", "pk").values_list(*Ended._fields))


def names_before(
    operation: Operation,
    baseline: Baseline,
    ended: Iterable[Ended] | None = None,
    *,
    of_running_term: bool = False,
) -> frozenset[str]:
    """Give the names at the CA right before the operation's call: the baseline, carried forward.

    By what any operation of its binding did between the two, as far as it bears on its registrable domain.
    `of_running_term`: the names of a term that was over count for nothing.
    """
    if ended is None:
        ended = ended_since(operation, baseline.began_at, until=operation.sent_at)
    was_over = baseline.expires_at is not None and baseline.expires_at <= baseline.began_at
    names = set() if of_running_term and was_over else set(baseline.names)
    for other in ended:
        if other.state == Operation.State.SUCCEEDED and other.finished_at >= baseline.began_at:
            names = names - set(other.names) if other.takes_away else names | set(other.names)
    return frozenset(names)


def new_transactions(
    reading: BindingReading, baseline: Baseline | None, *, kinds: Iterable[str], since: datetime
) -> list[TransactionInfo] | None:
    """Give the listed transactions of some kinds that the baseline does not hold; None where one is unreadable.

    Where the baseline could not be read, dates decide, by the CA's clock as far as it is known: a date without time
    counts as the whole day. A transaction without a kind may be of any.
    """
    if reading.transactions is None:
        return None
    wanted = {"", *kinds}
    candidates = [row for row in reading.transactions if transaction_kind(row) in wanted]
    if baseline is not None and baseline.transactions is not None:
        return _not_among(baseline.transactions, candidates)
    earliest = since + (reading.ca_clock_offset or timedelta(0)) - CLOCK_SLACK
    return [row for row in candidates if row.executed_until is None or row.executed_until >= earliest]


def _not_among(known: Sequence[Sequence[Any]], rows: Iterable[TransactionInfo]) -> list[TransactionInfo]:
    """Give the rows that were not known. Where one list did not tell its kind, the order number alone tells it.

    One without an order number cannot be told from others: where there are more than before, any may be the new one.
    """
    pairs = {(kind, number) for kind, number in known}
    numbers, of_no_kind = {number for _, number in pairs}, {number for kind, number in pairs if not kind}
    unnumbered = [row for row in rows if row.ca_order_number is None]
    new = [
        row
        for row in rows
        if row.ca_order_number is not None
        and (transaction_kind(row), row.ca_order_number) not in pairs
        and row.ca_order_number not in of_no_kind
        and not (transaction_kind(row) == "" and row.ca_order_number in numbers)
    ]
    before = sum(1 for kind, number in known if number is None)
    return [*new, *unnumbered] if len(unnumbered) > before else new


CLOCK_SLACK = timedelta(minutes=2)  # the CA's `Date` has seconds only, and is read at the end of a call
