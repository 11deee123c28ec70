"""A person assigns a key while a worker records it, and another while the first does: exactly one of two holds it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from accounts.errors import ServiceError
from subscriptions.caas.client import CaasClient
from subscriptions.models import AcmeServer, EabBinding, Operation, Subscription, UnassignedAccount
from subscriptions.sandbox import Sandbox
from subscriptions.services.accounts import assign_account
from subscriptions.worker import execution
from tests import cast
from tests.ledger.conftest import FrozenClock
from tests.ledger.world import World

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
ROUNDS = 6


@pytest.fixture
def shared_world(
    transactional_db: None, ca: Sandbox, caas: CaasClient, clock: FrozenClock, no_broker: list[object]
) -> World:
    return World(ca, caas, clock)


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Give what each job gives in a thread of its own, or the refusal it raises."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        barrier.wait(timeout=10)
        try:
            return job()
        except ServiceError as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))


def assign(world: World, account: UnassignedAccount) -> Subscription:
    return assign_account(
        actor=world.staff,
        account=account,
        customer=world.customer,
        server=AcmeServer.objects.get(validation_type="DV"),
        term_years=1,
        prevalidation=None,
        form_token=uuid4(),
    )


def test_assigned_and_recorded(shared_world: World) -> None:
    world = shared_world
    for _ in range(ROUNDS):
        operation = world.new_subscription().operations.get()
        claim = world.prepare(world.claim(operation))
        sent = execution.call(claim)
        assert sent is not None
        account = cast.make_unassigned(sent.effect.eab_key_id)

        assigned, _ = at_once(partial(assign, world, account), partial(execution.record, claim, sent))

        operation.refresh_from_db()
        holders = set(EabBinding.objects.filter(eab_key_id=account.eab_key_id).values_list("subscription", flat=True))
        rows = UnassignedAccount.objects.filter(pk=account.pk)
        if isinstance(assigned, ServiceError):
            assert operation.state == Operation.State.SUCCEEDED
            assert holders == {operation.subscription_id}
            assert not rows.exists()
        else:
            assert operation.state == Operation.State.ATTENTION
            assert holders == set()
            assert rows.get().subscription == assigned


def test_assigned_by_two_people(shared_world: World) -> None:
    for _ in range(ROUNDS):
        account = cast.make_unassigned()
        before = Subscription.objects.count()

        answers = at_once(*[partial(assign, shared_world, account)] * 4)

        [won] = [one for one in answers if isinstance(one, Subscription)]
        assert sum(isinstance(one, ServiceError) for one in answers) == 3
        assert UnassignedAccount.objects.get(pk=account.pk).subscription == won
        assert Subscription.objects.count() == before + 1
