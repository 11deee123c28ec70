"""Two at the same time, in real threads with connections of their own: exactly one wins."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from django.db import connections
from django.utils import timezone

from accounts.errors import ServiceError
from subscriptions.caas.client import CaasClient
from subscriptions.kinds.base import Sent
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.limiter import DatabaseLimiter, Limits
from subscriptions.models import Gate, Operation, Order, Prevalidation
from subscriptions.sandbox import Sandbox
from subscriptions.selectors.anchor_moves import plan_of
from subscriptions.services.anchor_moves import confirm_move
from subscriptions.services.orders import confirm_quote
from subscriptions.worker import claiming, execution
from tests import cast
from tests.ledger.conftest import FrozenClock
from tests.ledger.world import World

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
T = TypeVar("T")
THREADS = 8


@pytest.fixture
def shared_world(
    transactional_db: None, ca: Sandbox, caas: CaasClient, clock: FrozenClock, no_broker: list[object]
) -> World:
    return World(ca, caas, clock)


def _at_once(*jobs: Callable[[], T]) -> list[T]:
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        barrier.wait(timeout=10)
        try:
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, job) for job in jobs]]


def test_one_worker_claims(shared_world: World) -> None:
    operation = shared_world.order(shared_world.ready_subscription(), ["example.com"]).operations.get()
    done = _at_once(*[lambda: shared_world.work(operation) for _ in range(THREADS)])
    assert sum(one is not None for one in done) == 1
    assert shared_world.changes("ADDDOMAIN") == 1
    assert shared_world.charged_in_ledger() == shared_world.charged_by_ca() == operation.price


def test_one_name_at_a_time_before_the_subscription_runs(shared_world: World) -> None:
    names = [f"example{number}.com" for number in range(THREADS)]
    order = shared_world.order(shared_world.ready_subscription(), names)
    pks = list(order.operations.values_list("pk", flat=True))

    def claim(pk: int) -> Callable[[], object]:
        return lambda: claiming.claim_operation(pk, client=shared_world.caas, worker=f"worker-{pk}")

    claims = _at_once(*[claim(pk) for pk in pks])
    assert sum(one is not None for one in claims) == 1
    assert Operation.objects.filter(state=Operation.State.SENDING).count() == 1


def test_accounts_are_made_side_by_side(shared_world: World) -> None:
    operations = [shared_world.new_subscription().operations.get() for _ in range(THREADS)]

    def claim(pk: int) -> Callable[[], object]:
        return lambda: claiming.claim_operation(pk, client=shared_world.caas, worker=f"worker-{pk}")

    claims = _at_once(*[claim(one.pk) for one in operations])
    assert sum(one is not None for one in claims) == THREADS


def test_one_order_from_many_confirmations(shared_world: World) -> None:
    quote = shared_world.quote(shared_world.ready_subscription(), ["example.com"])
    orders = _at_once(*[lambda: confirm_quote(actor=shared_world.staff, quote=quote) for _ in range(THREADS)])
    assert len({order.pk for order in orders}) == 1
    assert Order.objects.count() == 1
    assert Operation.objects.filter(kind=Operation.Kind.ADD_DOMAIN).count() == 1


def _three_to_move(world: World) -> tuple[Prevalidation, str]:
    """Three OV subscriptions with a name each, the pre-validation to move them to, and what the page shows of them."""
    new = cast.make_prevalidation(world.customer, number="880000002")
    for name in ("one", "two", "three"):
        world.run(world.ready_subscription("OV"), f"{name}.example.com")
    return new, plan_of(world.prevalidation, timezone.now()).seen


def test_names_are_moved_once_from_many_confirmations(shared_world: World) -> None:
    world = shared_world
    new, seen = _three_to_move(world)

    def confirm() -> int:
        try:
            return len(confirm_move(actor=world.staff, old=world.prevalidation, new=new, seen=seen))
        except ServiceError:
            return 0

    assert sorted(_at_once(*[confirm] * THREADS)) == [*[0] * (THREADS - 1), 3]


def test_of_moves_that_end_at_once_the_last_one_replaces_the_old_pre_validation(shared_world: World) -> None:
    world = shared_world
    new, seen = _three_to_move(world)
    moves = confirm_move(actor=world.staff, old=world.prevalidation, new=new, seen=seen)

    claims = [world.prepare(world.claim(operation)) for operation in moves]
    answers = [(claim, sent) for claim in claims if (sent := execution.call(claim)) is not None]

    def record(claim: Claim, sent: Sent) -> Callable[[], None]:
        return lambda: execution.record(claim, sent)

    _at_once(*[record(claim, sent) for claim, sent in answers])
    world.prevalidation.refresh_from_db()
    assert (world.prevalidation.recorded_status, world.prevalidation.replaced_by) == ("replaced", new)


def test_no_more_calls_at_once_than_allowed(transactional_db: None) -> None:
    Gate.objects.create(pk=Gate.SINGLETON, needs_probe=False, next_call_at=timezone.now())
    limiter = DatabaseLimiter(limits=lambda: Limits(3, 10_000), lease=timedelta(seconds=60))
    lock, under_way, most = threading.Lock(), 0, 0
    full = threading.Event()

    def call() -> None:
        nonlocal under_way, most
        with limiter.slot(changes=False, charges=False, action="LISTDOMAINS"):
            with lock:
                under_way += 1
                most = max(most, under_way)
                if under_way == 3:
                    full.set()
            full.wait(timeout=10)
            with lock:
                under_way -= 1

    _at_once(*[call for _ in range(THREADS)])
    assert most == 3
