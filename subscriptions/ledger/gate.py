"""The gate before the CA: what may be sent at all, how many calls at once, and how many per second.

Everything here is rows in the database, so that it holds across all workers. It is the `Limiter` of the CA's client:
every HTTP call enters `DatabaseLimiter.slot()` first. What is raised there was surely not sent.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import Error as DatabaseProblem
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.audit import record_event
from subscriptions.caas.errors import (
    CaasError,
    InsufficientFunds,
    LoginRefused,
    NotSent,
    OutcomeUnknown,
    ParentAccountProblem,
    PricingProblem,
    Refused,
)
from subscriptions.happenings import Happening
from subscriptions.models import CallSlot, Gate, Operation

logger = logging.getLogger(__name__)

PROBE_ACTION = "LISTSERVERS"
SLOT_WAIT = 30.0  # seconds a call waits for its turn; with the call's deadline it stays below the lease
WIDTH = (Gate.Closed.NOTHING, Gate.Closed.CHARGES, Gate.Closed.CHANGES, Gate.Closed.ALL)  # from narrow to wide
POLL = 0.05  # seconds between two looks for a free slot


class HeldBack(Exception):  # noqa: N818 - it names the outcome: nothing was sent
    """The call may not be made now; nothing was sent. `retry_after` is when to try again, in seconds."""

    def __init__(self, reason: str, *, retry_after: float) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


def the_gate() -> Gate:
    """Give the gate's row, made where it does not exist yet."""
    return Gate.objects.get_or_create(pk=Gate.SINGLETON)[0]


def close_for(closed_for: Gate.Closed, reason: str) -> None:
    """Close the gate for every call, for changing or for charging ones; it is never closed for less than it was."""
    the_gate()
    as_much_or_more = WIDTH[WIDTH.index(closed_for) :]
    rows = Gate.objects.filter(pk=Gate.SINGLETON).exclude(closed_for__in=as_much_or_more)
    with transaction.atomic():
        if rows.update(closed_for=closed_for, reason=reason[:500], closed_at=timezone.now()):
            record_event(Happening.GATE_CLOSED, actor=None, closed_for=closed_for, reason=reason[:500])


def react_to(error: CaasError) -> None:
    """Close the gate where an answer of the CA asks for it: a login refused, or no money to charge."""
    if isinstance(error, LoginRefused):
        close_for(Gate.Closed.ALL, f"The CA refused the portal's login: {error.detail}")
    elif isinstance(error, InsufficientFunds | PricingProblem | ParentAccountProblem):
        close_for(Gate.Closed.CHARGES, f"The CA refused to charge: {error.detail}")


def ask_for_probe() -> None:
    """Have one LISTSERVERS go first, alone: after a start or a reopening."""
    the_gate()
    Gate.objects.filter(pk=Gate.SINGLETON).update(needs_probe=True, probe_token=None, probe_lease_expires_at=None)


def lets_through(*, charges: bool) -> bool:
    """Whether a call that changes something may go to the CA now: nothing is claimed for one that is held back."""
    gate = the_gate()
    return not gate.needs_probe and not _holds(gate, changes=True, charges=charges)


def _holds(gate: Gate, *, changes: bool, charges: bool) -> bool:
    if gate.closed_for == Gate.Closed.CHANGES:
        return changes
    return gate.closed_for == Gate.Closed.ALL or (charges and gate.closed_for == Gate.Closed.CHARGES)


def held_kinds() -> tuple[str, ...]:
    """Give the kinds of operation for which no message needs to be sent, because the gate is closed for them."""
    closed_for = the_gate().closed_for
    if closed_for in (Gate.Closed.ALL, Gate.Closed.CHANGES):
        return tuple(Operation.Kind.values)
    return Operation.CHARGING if closed_for == Gate.Closed.CHARGES else ()


def wants_probe() -> bool:
    """Whether the connection to the CA waits to be checked."""
    gate = the_gate()
    return gate.needs_probe and gate.closed_for != Gate.Closed.ALL


class DatabaseLimiter:
    """Grants one HTTP call at a time its slot, as the gate, the concurrency and the rate allow."""

    def __init__(
        self,
        *,
        concurrency: int,
        per_second: float,
        lease: timedelta,
        sleep: Callable[[float], None] = time.sleep,
        wait: float = SLOT_WAIT,
    ) -> None:
        self._concurrency = concurrency
        self._per_second = per_second
        self._lease = lease
        self._sleep = sleep
        self._wait = wait

    @contextmanager
    def slot(self, *, changes: bool, charges: bool, action: str) -> Iterator[None]:
        """Hold a slot for one HTTP call; raises HeldBack where none may be made now."""
        deadline = time.monotonic() + self._wait
        probe = self._check_gate(changes=changes, charges=charges, action=action)
        token = uuid4()
        try:
            self._take_slot(token, deadline)
            self._wait_for_turn(deadline)
            self._check_closed(changes=changes, charges=charges)
        except HeldBack:
            CallSlot.objects.filter(token=token).update(token=None, lease_expires_at=None)
            Gate.objects.filter(probe_token=probe).update(probe_token=None, probe_lease_expires_at=None)
            raise
        try:
            yield
        except CaasError as error:
            _leave(token, error, probe)
            raise
        _leave(token, None, probe)

    def _check_gate(self, *, changes: bool, charges: bool, action: str) -> UUID | None:
        gate = self._check_closed(changes=changes, charges=charges)
        if not gate.needs_probe:
            return None
        if action != PROBE_ACTION:
            raise HeldBack("The connection to the CA is being checked first.", retry_after=2)
        return _take_probe(self._lease)

    def _check_closed(self, *, changes: bool, charges: bool) -> Gate:
        gate = the_gate()
        if _holds(gate, changes=changes, charges=charges):
            raise HeldBack(f"The gate to the CA is closed: {gate.reason}", retry_after=60)
        return gate

    def _take_slot(self, token: UUID, deadline: float) -> None:
        while not self._try_slots(token):
            if time.monotonic() >= deadline:
                raise HeldBack("Too many calls to the CA are under way.", retry_after=5)
            self._sleep(POLL)

    def _try_slots(self, token: UUID) -> bool:
        now = timezone.now()
        free = Q(token=None) | Q(lease_expires_at__lt=now)
        numbers = list(
            CallSlot.objects.filter(free, number__lt=self._concurrency)
            .order_by("number")
            .values_list("number", flat=True)
        )
        if not numbers and CallSlot.objects.count() < self._concurrency:
            _make_slots(self._concurrency)
            return self._try_slots(token)
        return any(
            CallSlot.objects.filter(free, number=number).update(token=token, lease_expires_at=now + self._lease) == 1
            for number in numbers
        )

    def _wait_for_turn(self, deadline: float) -> None:
        gap = timedelta(seconds=1 / self._per_second)
        with transaction.atomic():
            # The update locks the row, so that two workers never reserve the same turn.
            Gate.objects.filter(pk=Gate.SINGLETON).update(claims=F("claims") + 1)
            gate = Gate.objects.get(pk=Gate.SINGLETON)
            now = timezone.now()
            # No turn is ever reserved further ahead than a call waits: one that is comes from a clock set back.
            ahead = timedelta(seconds=self._wait) + gap
            turn = now if gate.next_call_at > now + ahead else max(now, gate.next_call_at)
            pause = (turn - now).total_seconds()
            if time.monotonic() + pause > deadline:
                raise HeldBack("The CA's rate limit is used up for now.", retry_after=5)
            Gate.objects.filter(pk=Gate.SINGLETON).update(next_call_at=turn + gap)
        if pause > 0:
            self._sleep(pause)


def _make_slots(concurrency: int) -> None:
    CallSlot.objects.bulk_create((CallSlot(number=number) for number in range(concurrency)), ignore_conflicts=True)


def _take_probe(lease: timedelta) -> UUID:
    token, now = uuid4(), timezone.now()
    free = Q(probe_token=None) | Q(probe_lease_expires_at__lt=now)
    rows = Gate.objects.filter(free, pk=Gate.SINGLETON, needs_probe=True)
    if rows.update(probe_token=token, probe_lease_expires_at=now + lease) != 1:
        raise HeldBack("The connection to the CA is being checked by another worker.", retry_after=2)
    return token


def _leave(token: UUID, error: CaasError | None, probe: UUID | None) -> None:
    """Note the contact and free the slot. A database that is away costs the note, never the CA's answer."""
    try:
        _note_contact(error, probe)
        CallSlot.objects.filter(token=token).update(token=None, lease_expires_at=None)
    except DatabaseProblem:
        logger.exception("The end of a call to the CA could not be noted; its slot is free when its lease ends.")


def _note_contact(error: CaasError | None, probe: UUID | None) -> None:
    now = timezone.now()
    rows = Gate.objects.filter(pk=Gate.SINGLETON)
    if probe is not None:
        passed = {"needs_probe": False} if error is None else {}
        rows.filter(probe_token=probe).update(probe_token=None, probe_lease_expires_at=None, **passed)
    if error is None or (isinstance(error, Refused) and not isinstance(error, LoginRefused)):
        rows.update(reached_at=now, problem="", problem_at=None)
    elif isinstance(error, NotSent | OutcomeUnknown | LoginRefused):
        note_problem(str(error))


def note_problem(text: str) -> None:
    """Keep why the CA cannot be spoken to, for the staff's banner; the next call that reaches it takes it away."""
    the_gate()
    now = timezone.now()
    rows = Gate.objects.filter(pk=Gate.SINGLETON)
    rows.filter(problem_at=None).update(problem_at=now)
    rows.update(problem=text[:500])
