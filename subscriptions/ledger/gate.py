"""The gate before the CA: what may be sent at all.

It is a row in the database, so that it holds across all workers. What closes it, and for what, is said by the error
that the CA's answer became (`caas/errors.py`); nothing here knows a kind of operation.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, F, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.audit import record_event
from subscriptions.caas.errors import CaasError, Closes
from subscriptions.happenings import Happening
from subscriptions.ledger import clock
from subscriptions.ledger.kept import Objects, instant, kept
from subscriptions.models import AcmeServer, Gate, HeldKind

logger = logging.getLogger(__name__)

PROBE_ACTION = "LISTSERVERS"
WIDTH = (Gate.Closed.NOTHING, Gate.Closed.CHARGES, Gate.Closed.CHANGES, Gate.Closed.ALL)  # from narrow to wide
LOSSES_IN_A_ROW = 5  # lost answers of one kind, over all its operations, before the kind is held
HELD_FOR = timedelta(hours=1)


class HeldBack(Exception):  # noqa: N818 - it names the outcome: nothing was sent
    """The call may not be made now; nothing was sent. `retry_after` is when to try again, in seconds."""

    def __init__(self, reason: str, *, retry_after: float) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


def the_gate() -> Gate:
    """Give the gate's row, made where it does not exist yet."""
    return _row().first() or Gate.objects.get_or_create(pk=Gate.SINGLETON)[0]


@kept
def _row() -> Objects[Gate]:
    return Objects(Gate.objects.filter(pk=Gate.SINGLETON))


def close_for(closed_for: Gate.Closed, reason: str) -> None:
    """Close the gate for every call, for changing or for charging ones; it is never closed for less than it was."""
    the_gate()
    as_much_or_more = WIDTH[WIDTH.index(closed_for) :]
    narrower = Gate.objects.filter(pk=Gate.SINGLETON).exclude(closed_for__in=as_much_or_more)
    with transaction.atomic():
        if narrower.update(closed_for=closed_for, reason=reason[:500], closed_at=clock.now()):
            record_event(Happening.GATE_CLOSED, actor=None, closed_for=closed_for, reason=reason[:500])


def react_to(error: CaasError, *, server: AcmeServer | None = None) -> None:
    """Close what an answer of the CA to a charging call, or to its guard's question, asks to be closed.

    `server` is the one the call was for: a pricing problem closes its charges only.
    """
    if error.closes is Closes.ALL:
        close_for(Gate.Closed.ALL, f"The CA refused the portal's login: {_words_of(error)}")
    elif error.closes is Closes.CHARGES:
        close_for(Gate.Closed.CHARGES, f"The CA refused to charge: {_words_of(error)}")
    elif error.closes is Closes.SERVER_CHARGES and server is not None:
        _close_server(server, f"The CA refused to charge: {_words_of(error)}")


def react_to_reading(error: CaasError) -> None:
    """Close what an answer of the CA to a reading, or to a person's question for a price, asks to be closed.

    That is everything where the login was refused, and nothing else: it says nothing of anybody's charges.
    """
    if error.closes is Closes.ALL:
        react_to(error)


def _words_of(error: CaasError) -> str:
    return getattr(error, "detail", "") or str(error)


def _close_server(server: AcmeServer, reason: str) -> None:
    still_open = AcmeServer.objects.filter(pk=server.pk, charges_closed_at=None)
    with transaction.atomic():
        if still_open.update(charges_closed_at=clock.now(), charges_closed_reason=reason[:500]):
            record_event(Happening.GATE_CLOSED, actor=None, target=server, closed_for="charges", reason=reason[:500])


def ask_for_probe() -> None:
    """Have one LISTSERVERS go first, alone: after a start or a reopening."""
    the_gate()
    Gate.objects.filter(pk=Gate.SINGLETON).update(needs_probe=True, probe_token=None, probe_lease_expires_at=None)


def is_open(*, charges: bool) -> Combinable:
    """Give the condition that the gate lets a call that changes something go, for any statement it stands in."""
    held_for = [Gate.Closed.ALL, Gate.Closed.CHANGES, *([Gate.Closed.CHARGES] if charges else [])]
    return ~Exists(Gate.objects.filter(Q(needs_probe=True) | Q(closed_for__in=held_for), pk=Gate.SINGLETON))


def holds(gate: Gate, *, changes: bool, charges: bool) -> bool:
    """Whether the gate keeps back a call that changes something, or charges."""
    if gate.closed_for == Gate.Closed.CHANGES:
        return changes
    return gate.closed_for == Gate.Closed.ALL or (charges and gate.closed_for == Gate.Closed.CHARGES)


class Road(NamedTuple):
    """What decides how many messages are sent now, and for what: looked at in one statement."""

    now: datetime
    gate: Gate
    messages_out: int
    has_held_kinds: bool
    has_waiting: bool


Queued = Callable[[], "QuerySet[Any]"]


def look_at_the_road(messages_out: Queued, waiting: Queued) -> Road:
    """Give the time, the gate, how many messages are on their way, and whether anything waits for one."""
    row = _road(messages_out, waiting).first()
    if row is None:
        return Road(clock.now(), the_gate(), 0, has_held_kinds=False, has_waiting=True)
    return Road(row.now, row, row.out, has_held_kinds=row.has_held, has_waiting=row.waits)  # type: ignore[attr-defined]


@kept
def _road(messages_out: Queued, waiting: Queued) -> Objects[Gate]:
    count = messages_out().order_by().values("state").annotate(number=Count("pk")).values("number")
    held = HeldKind.objects.filter(held_until__gt=instant())
    rows = Gate.objects.annotate(
        now=instant(), out=Coalesce(Subquery(count), 0), has_held=Exists(held), waits=Exists(waiting())
    )
    return Objects(rows.filter(pk=Gate.SINGLETON))


def wants_probe() -> bool:
    """Whether the connection to the CA waits to be checked."""
    gate = the_gate()
    return gate.needs_probe and gate.closed_for != Gate.Closed.ALL


def note_lost_answer(kind: str, *, now: datetime) -> None:
    """Count a lost answer of a kind that may leave something behind; five in a row hold the kind for an hour."""
    HeldKind.objects.get_or_create(kind=kind)
    HeldKind.objects.filter(kind=kind).update(lost_in_a_row=F("lost_in_a_row") + 1)
    too_many = HeldKind.objects.filter(kind=kind, lost_in_a_row__gte=LOSSES_IN_A_ROW)
    too_many.update(lost_in_a_row=0, held_until=now + HELD_FOR)


def note_answer(kind: str) -> None:
    """Begin to count again: the CA has answered."""
    HeldKind.objects.filter(kind=kind).exclude(lost_in_a_row=0).update(lost_in_a_row=0)


def held_kinds(now: datetime) -> frozenset[str]:
    """Give the kinds that are held because answers of them were lost in a row."""
    return frozenset(HeldKind.objects.filter(held_until__gt=now).values_list("kind", flat=True))


def note_problem(text: str) -> None:
    """Keep why the CA cannot be spoken to, for the staff's banner; the next call that reaches it takes it away."""
    the_gate()
    gate = Gate.objects.filter(pk=Gate.SINGLETON)
    gate.filter(problem_at=None).update(problem_at=clock.now())
    gate.update(problem=text[:500])
