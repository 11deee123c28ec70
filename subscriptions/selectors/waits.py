"""What operations without an outcome wait for: a closed gate, a lost answer, another operation, or just their turn."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from subscriptions.explain import waits
from subscriptions.kinds import kind_of
from subscriptions.models import AcmeServer, Gate, Operation, Order, WorkerHeartbeat
from subscriptions.rules.instants import instant_text
from subscriptions.selectors.connection import held_kinds

State = Operation.State
Lane = Operation.Lane
# What holds a lane until a person or a reading has settled it (`ledger.lanes`).
HOLDING = Q(state=State.UNKNOWN) | Q(state=State.ATTENTION, was_unknown=True)


@dataclass(frozen=True, slots=True)
class Wait:
    """What is waited for; `operation` is the one it is about, `seconds` how long it takes at most, where known."""

    level: str
    title: str
    text: str
    operation: Operation | None = None
    seconds: float | None = None

    @property
    def left(self) -> str:
        """How long it takes, for a bar of progress; empty where nobody can say."""
        return "" if self.seconds is None else waits.at_most_left(self.seconds)


def wait_of(operation: Operation, now: datetime) -> Wait | None:
    """Give what an operation waits for; None for one in attention, or with an outcome."""
    if operation.state == State.UNKNOWN:
        return _lost([operation], now)
    if operation.state == State.SENDING:
        text = f"Its answer comes within {int(settings.CAAS_TIMEOUT)} seconds, or counts as lost."
        return Wait("info", "The CA is being asked", text)
    if operation.state != State.QUEUED:
        return None
    queued = Operation.objects.filter(pk=operation.pk)
    return (
        _held(queued, now, charges=kind_of(operation).charges)
        or _before(queued, now)
        or _later(operation, now)
        or Wait("info", "Queued", "It is sent in its turn, usually within seconds.")
    )


def wait_of_order(order: Order, now: datetime) -> Wait | None:
    """Give what an order waits for that goes on by itself, where that is not just its lines' turn."""
    own = Operation.objects.filter(order=order)
    queued = own.filter(state=State.QUEUED)
    lost = list(own.filter(state=State.UNKNOWN).order_by("pk")[:2])
    if held := _held(queued, now, charges=True):
        return held
    if lost:
        return _lost(lost, now)
    if before := _before(queued, now, besides=order):
        return before
    soonest = queued.order_by("not_before").first()
    is_at_the_ca = own.filter(state=State.SENDING).exists()
    return None if soonest is None or is_at_the_ca else _later(soonest, now)


def wait_of_reading(now: datetime) -> Wait | None:
    """Give what holds a reading at the CA up, where something does."""
    gate = Gate.objects.filter(pk=Gate.SINGLETON, closed_for=Gate.Closed.ALL).first()
    return _closed(gate) if gate is not None else _no_worker(now)


# --- What holds up --------------------------------------------------------------------------------------------------


def _held(queued: "QuerySet[Operation]", now: datetime, *, charges: bool) -> Wait | None:
    if not queued.exists():
        return None
    gate = Gate.objects.filter(pk=Gate.SINGLETON).exclude(closed_for=Gate.Closed.NOTHING).first()
    if gate is not None and (charges or gate.closed_for != Gate.Closed.CHARGES):
        return _closed(gate)
    if charges:
        servers = AcmeServer.objects.filter(subscriptions__operations__in=queued, charges_closed_at__isnull=False)
        if (server := servers.first()) is not None:
            return _reopened(f"Nothing that costs money is sent for {server}", server.charges_closed_reason)
    for held in held_kinds(now):
        if held.held_until and queued.filter(kind=held.kind).exists():
            text = f"The CA’s answers were lost too often in a row. It goes on at {_at(held.held_until)} by itself."
            return Wait("warning", "It is held for a while", text, seconds=(held.held_until - now).total_seconds())
    return _no_worker(now)


def _closed(gate: Gate) -> Wait:
    return _reopened(waits.CLOSED_TITLES[gate.closed_for], gate.reason)


def _reopened(title: str, reason: str) -> Wait:
    more = "What is queued stays queued and is not charged until a reseller admin reopens the connection."
    return Wait("danger", title, f"{reason} {more}".strip())


def _no_worker(now: datetime) -> Wait | None:
    if WorkerHeartbeat.objects.fresh(now).exists():
        return None
    return Wait("danger", "No worker is running", "What is queued stays queued until one is started.")


def _before(queued: "QuerySet[Operation]", now: datetime, *, besides: Order | None = None) -> Wait | None:
    """Give what another operation holds up: one whose answer was lost, or that waits for a decision after that."""
    behind = queued.filter(binding=OuterRef("binding")).exclude(lane__in=[Lane.ALONE, Lane.ACCOUNT])
    is_alone = Q(subscription__expires_at=None) | Q(subscription__expires_at__lte=now) | Q(lane=Lane.BINDING)
    same_place = Q(registrable_domain="") | Q(registrable_domain=OuterRef("registrable_domain"))
    holds_all = Q(lane__in=[Lane.BINDING, Lane.ACCOUNT]) | Q(registrable_domain="")
    holding = Operation.objects.filter(HOLDING).exclude(lane=Lane.ALONE).exclude(pk__in=queued.values("pk"))
    if besides is not None:
        holding = holding.exclude(order=besides)
    holds_it = Exists(behind.filter(is_alone | same_place)) | holds_all & Exists(behind)
    first = holding.filter(holds_it).order_by("pk").first()
    if first is None:
        return None
    if first.state == State.ATTENTION:
        return Wait("warning", "It waits for another operation", "It goes on once that one is decided.", first)
    settling, seconds = _settling(first, now)
    text = f"The CA’s answer to that one was lost. {settling} Then it goes on."
    return Wait("warning", "It waits for another operation", text, first, seconds)


def _later(operation: Operation, now: datetime) -> Wait | None:
    if operation.not_before <= now:
        return None
    gate = Gate.objects.filter(pk=Gate.SINGLETON).exclude(problem="").first()
    why = f"{gate.problem.rstrip('.')}. " if gate is not None else ""
    text = f"{why}It is tried again by itself at {_at(operation.not_before)}; nothing was charged."
    return Wait("info", "It is tried again", text, seconds=(operation.not_before - now).total_seconds())


# --- Lost answers ---------------------------------------------------------------------------------------------------


def _lost(lost: list[Operation], now: datetime) -> Wait:
    slowest = max(lost, key=lambda one: one.last_contact_at)
    settling, seconds = _settling(slowest, now)
    is_charge = any(kind_of(one).charges for one in lost)
    text = (
        f"It may or may not have been {'done and charged' if is_charge else 'done'}. It is not sent again: the portal "
        f"reads at the CA what became of it. {settling}"
    )
    return Wait("warning", "The CA’s answer was lost", text, slowest, seconds)


def _settling(operation: Operation, now: datetime) -> tuple[str, float | None]:
    """Say how long readings take to settle a lost answer, and give the seconds; None where nobody can say."""
    if held := wait_of_reading(now):
        return f"{held.title}, so that nothing is read until then.", None
    given_up = operation.last_contact_at + timedelta(seconds=settings.CAAS_SETTLE_GIVE_UP)
    by = waits.settled_by(
        operation.last_contact_at, settle_after=settings.CAAS_SETTLE_AFTER, interval=settings.CAAS_SETTLE_INTERVAL
    )
    seconds = (by - now).total_seconds()
    return waits.settling(seconds, given_up=_at(given_up)), seconds if seconds > 0 else None


def _at(instant: datetime) -> str:
    return instant_text(instant, timezone.get_current_timezone())
