"""How many calls to the CA run at once, and how many go out per second, across all workers.

It is the `Limiter` of the CA's client: every HTTP call enters `DatabaseLimiter.slot()` first. What is raised there was
surely not sent. Charges, and the readings made for them, go first; other readings get what is left, and never less than
a fifth of the turns.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import Error as DatabaseProblem
from django.db import transaction
from django.db.models import Case, DateTimeField, ExpressionWrapper, F, Q, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from subscriptions.caas.errors import CaasError, LoginRefused, NotSent, OutcomeUnknown, Refused
from subscriptions.ledger import clock
from subscriptions.ledger.gate import PROBE_ACTION, HeldBack, holds, note_problem, the_gate
from subscriptions.ledger.kept import Change, Given, Rows, instant, kept
from subscriptions.models import CallSlot, Gate

logger = logging.getLogger(__name__)

SLOT_WAIT = 30.0  # seconds a call waits for its turn; with the call's deadline it stays below the lease
POLL = 0.05  # seconds between two looks for a free slot
BATCH = 0.1  # seconds of turns that a process takes at once where many go out per second
USES = 8  # calls that one slot serves within a process before it is free for others
CHARGES_PER_READING = 4  # turns a reading lets go before it, where both wait
CONTACT_NOTED_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls may be made at once, and how many go out per second, over all workers."""

    concurrency: int
    per_second: float


@dataclass(slots=True)
class Slot:
    """The right to one call at a time, held for as long as its lease."""

    token: UUID
    taken_at: float
    uses: int = 0


class DatabaseLimiter:
    """Grants one HTTP call at a time its slot, as the gate, the concurrency and the rate allow.

    `limits` is asked at each call: they may change while a worker runs. One that `is_for_readings` never takes the last
    slot, and a turn only where nobody waits for one, or after CHARGES_PER_READING others.
    """

    def __init__(
        self,
        *,
        limits: Callable[[], Limits],
        lease: timedelta,
        sleep: Callable[[float], None] = time.sleep,
        wait: float = SLOT_WAIT,
        is_for_readings: bool = False,
    ) -> None:
        self._limits = limits
        self._lease = lease
        self._sleep = sleep
        self._wait = wait
        self._is_for_readings = is_for_readings
        self._lock = threading.Lock()
        self._turns: deque[float] = deque()  # by the monotonic clock, in seconds
        self._handed_on = threading.Condition()
        self._waiting = 0
        self._slots: list[Slot] = []  # free ones that are handed from call to call within this process

    @property
    def _gap(self) -> timedelta:
        return timedelta(seconds=1 / self._limits().per_second)

    @property
    def _batch(self) -> int:
        return 1 if self._is_for_readings else max(1, int(BATCH * self._limits().per_second))

    @contextmanager
    def slot(self, *, changes: bool, charges: bool, action: str) -> Iterator[None]:
        """Hold a slot for one HTTP call; raises HeldBack where none may be made now."""
        deadline = time.monotonic() + self._wait
        gate, probe = self._check_gate(changes=changes, charges=charges, action=action)
        slot = None
        try:
            slot = self._take_slot(deadline)
            if self._wait_for_turn(gate, deadline):
                # Something may have closed the gate meanwhile.
                self._check_closed(changes=changes, charges=charges)
        except BaseException:
            self._leave(slot)
            if probe is not None:
                Gate.objects.filter(probe_token=probe).update(probe_token=None, probe_lease_expires_at=None)
            raise
        try:
            yield
        except CaasError as error:
            _note_contact_if_possible(error, probe, gate)
            raise
        else:
            _note_contact_if_possible(None, probe, gate)
        finally:
            self._leave(slot)

    def _check_gate(self, *, changes: bool, charges: bool, action: str) -> tuple[Gate, UUID | None]:
        gate = self._check_closed(changes=changes, charges=charges)
        if not gate.needs_probe:
            return gate, None
        if action != PROBE_ACTION:
            raise HeldBack("The connection to the CA is being checked first.", retry_after=2)
        return gate, _take_probe(self._lease)

    def _check_closed(self, *, changes: bool, charges: bool) -> Gate:
        gate = the_gate()
        if holds(gate, changes=changes, charges=charges):
            raise HeldBack(f"The gate to the CA is closed: {gate.reason}", retry_after=60)
        return gate

    def _take_slot(self, deadline: float) -> "Slot":
        """Wait for a slot: one that another thread of this process hands on, or one that is free for all."""
        with self._handed_on:
            self._waiting += 1
        try:
            while (slot := self._handed_slot() or self._try_slots()) is None:
                if time.monotonic() >= deadline:
                    raise HeldBack("Too many calls to the CA are under way.", retry_after=5)
                self._pause()
        finally:
            with self._handed_on:
                self._waiting -= 1
                unwanted = self._slots[self._waiting :]
                del self._slots[self._waiting :]
            for left in unwanted:
                _free(left)
        return slot

    def _pause(self) -> None:
        if self._sleep is not time.sleep:  # on another clock than the machine's nobody can be woken
            self._sleep(POLL)
            return
        with self._handed_on:
            if not self._slots:
                self._handed_on.wait(POLL)

    def _handed_slot(self) -> "Slot | None":
        with self._handed_on:
            return self._slots.pop() if self._slots else None

    def _leave(self, slot: "Slot | None") -> None:
        """Hand a slot on to a thread of this process that waits, a few times; else free it for all.

        A database that is away costs nothing but the rest of the slot's lease.
        """
        if slot is None:
            return
        with self._handed_on:
            slot.uses += 1
            is_long_enough = time.monotonic() - slot.taken_at < self._lease.total_seconds() / 4
            if self._waiting > len(self._slots) and slot.uses < USES and is_long_enough:
                self._slots.append(slot)
                self._handed_on.notify()
                return
        _free(slot)

    def _try_slots(self) -> "Slot | None":
        slot, concurrency = Slot(uuid4(), time.monotonic()), self._limits().concurrency
        # Readings leave one slot, the first, to whoever waits for a charge.
        first = 1 if self._is_for_readings and concurrency > 1 else 0
        numbers = [number for (number,) in _free_slots(first, concurrency)()]
        if not numbers and CallSlot.objects.count() < concurrency:
            _make_slots(concurrency)
            return self._try_slots()
        for number in numbers:
            if _taking(self._lease)(number=number, token=slot.token) == 1:
                return slot
        return None

    def _wait_for_turn(self, gate: Gate, deadline: float) -> bool:
        """Wait until it is this call's turn, and give whether that took long enough to look at the gate again."""
        pause = self._next_turn(gate, deadline)
        if pause > 0:
            self._sleep(pause)
        return pause > BATCH

    def _next_turn(self, gate: Gate, deadline: float) -> float:
        """Take a turn and give in how many seconds it is."""
        gap, batch = self._gap.total_seconds(), self._batch
        with self._lock:
            # A turn long gone by is lost: turns saved up would go out all at once.
            oldest = time.monotonic() - gap * batch
            while self._turns and self._turns[0] < oldest:
                self._turns.popleft()
            if self._turns:
                return self._turns.popleft() - time.monotonic()
            while (pause := self._reserve(gate, deadline)) is None:
                if time.monotonic() >= deadline:
                    raise HeldBack("The CA's rate limit is used up for now.", retry_after=5)
                self._sleep(POLL)
            first = time.monotonic() + pause
            self._turns.extend(first + gap * number for number in range(1, batch))
            return pause

    def _reserve(self, gate: Gate, deadline: float) -> float | None:
        """Take the next turns by one update, and give in how many seconds the first is.

        None where a reading has to let others go first.
        """
        batch = self._batch
        together = self._gap * batch
        take = _taking_turns(batch, together, timedelta(seconds=self._wait), is_for_readings=self._is_for_readings)
        with transaction.atomic():
            # The update locks the row, so that two workers never reserve the same turn.
            if take(id=gate.pk) != 1:
                return None
            ((after, now),) = _turns_taken()(id=gate.pk)
            pause = (after - together - now).total_seconds()
            if pause > deadline - time.monotonic():  # they are given back
                raise HeldBack("The CA's rate limit is used up for now.", retry_after=5)
        return float(pause)


@kept
def _taking_turns(batch: int, together: timedelta, wait: timedelta, *, is_for_readings: bool) -> Change:
    is_late = Q(next_call_at__lt=instant())
    # No turn is ever reserved further ahead than a call waits: one that is comes from a clock set back.
    far_ahead = Q(next_call_at__gt=instant(wait + together))
    row = Gate.objects.filter(pk=Given.of(Gate, "id"))
    in_a_row = F("charges_in_a_row")
    if is_for_readings:
        row = row.filter(is_late | far_ahead | Q(charges_in_a_row__gte=CHARGES_PER_READING))
        # Others take many turns at once: what is over counts for the next reading.
        counted: Combinable = Greatest(in_a_row - CHARGES_PER_READING, 0)
    else:
        counted = Least(in_a_row + batch, CHARGES_PER_READING + 2 * batch)
    first = Case(When(is_late | far_ahead, then=instant()), default=F("next_call_at"))
    following = ExpressionWrapper(first + together, output_field=DateTimeField())
    return Change(row, next_call_at=following, charges_in_a_row=counted)


@kept
def _turns_taken() -> Rows:
    row = Gate.objects.filter(pk=Given.of(Gate, "id")).annotate(database_now=instant())
    return Rows(row.values_list("next_call_at", "database_now"))


def _make_slots(concurrency: int) -> None:
    CallSlot.objects.bulk_create((CallSlot(number=number) for number in range(concurrency)), ignore_conflicts=True)


def _take_probe(lease: timedelta) -> UUID:
    token, until = uuid4(), clock.instant(lease)
    free = Q(probe_token=None) | Q(probe_lease_expires_at__lt=clock.instant())
    gate = Gate.objects.filter(free, pk=Gate.SINGLETON, needs_probe=True)
    if gate.update(probe_token=token, probe_lease_expires_at=until) != 1:
        raise HeldBack("The connection to the CA is being checked by another worker.", retry_after=2)
    return token


@kept
def _free_slots(first: int, concurrency: int) -> Rows:
    slots = CallSlot.objects.filter(_is_free(), number__lt=concurrency, number__gte=first)
    return Rows(slots.order_by("-number").values_list("number"))


@kept
def _taking(lease: timedelta) -> Change:
    slot = CallSlot.objects.filter(_is_free(), number=Given.of(CallSlot, "number"))
    return Change(slot, token=Given.of(CallSlot, "token"), lease_expires_at=instant(lease))


def _is_free() -> Q:
    return Q(token=None) | Q(lease_expires_at__lt=instant())


@kept
def _freeing() -> Change:
    return Change(CallSlot.objects.filter(token=Given.of(CallSlot, "token")), token=None, lease_expires_at=None)


def _free(slot: Slot) -> None:
    try:
        _freeing()(token=slot.token)
    except DatabaseProblem:
        logger.exception("A slot could not be freed; it is free when its lease ends.")


def _note_contact_if_possible(error: CaasError | None, probe: UUID | None, gate: Gate) -> None:
    """Note the contact. A database that is away costs the note, never the CA's answer."""
    try:
        _note_contact(error, probe, gate)
    except DatabaseProblem:
        logger.exception("The end of a call to the CA could not be noted.")


def _note_contact(error: CaasError | None, probe: UUID | None, gate: Gate) -> None:
    now = timezone.now()
    the_row = Gate.objects.filter(pk=Gate.SINGLETON)
    if probe is not None:
        passed = {"needs_probe": False} if error is None else {}
        the_row.filter(probe_token=probe).update(probe_token=None, probe_lease_expires_at=None, **passed)
    if error is None or (isinstance(error, Refused) and not isinstance(error, LoginRefused)):
        is_recent = gate.reached_at is not None and now - CONTACT_NOTED_EVERY <= gate.reached_at <= now
        if not is_recent or gate.problem:
            the_row.update(reached_at=clock.instant(), problem="", problem_at=None)
    elif isinstance(error, NotSent | OutcomeUnknown | LoginRefused):
        note_problem(str(error))
