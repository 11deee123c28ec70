"""PREREGISTER: one ACME account for each subscription, and no key lost, whatever happens on the way."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from subscriptions import tasks
from subscriptions.caas.types import PreregisteredAccount
from subscriptions.models import AcmeServer, EabBinding, Operation, OrphanBinding, Subscription
from subscriptions.sandbox import Fault
from subscriptions.services.subscriptions import create_subscription
from subscriptions.worker import execution
from tests.ledger.world import WORKER, World

State = Operation.State


def test_it_works(world: World) -> None:
    subscription = world.new_subscription("OV", years=2)
    assert subscription.state == Subscription.State.CREATING

    operation = world.work(subscription.operations.get())

    assert operation is not None
    assert operation.state == State.SUCCEEDED
    binding = EabBinding.objects.get(subscription=subscription)
    listed = world.caas.list_bindings()
    assert [(one.eab_key_id, one.eab_hmac_key.reveal()) for one in listed] == [
        (binding.eab_key_id, binding.eab_hmac_key)
    ]
    assert [(event.from_state, event.to_state) for event in operation.events.all()] == [
        ("", "queued"),
        ("queued", "sending"),
        ("sending", "succeeded"),
    ]
    assert Subscription.objects.get().state == Subscription.State.READY


def test_the_key_is_nowhere_in_the_database(world: World) -> None:
    binding = world.binding(world.ready_subscription())
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            assert binding.eab_hmac_key not in str(cursor.fetchall()), table


def test_a_message_delivered_twice_does_nothing_the_second_time(world: World) -> None:
    operation = world.new_subscription().operations.get()
    assert world.work(operation) is not None
    assert world.work(operation) is None
    assert world.changes("PREREGISTER") == 1


def test_an_answer_lost_after_the_change_is_adopted_by_reading(world: World) -> None:
    subscription = world.new_subscription()
    world.ca.arm("PREREGISTER", Fault.cut_after())
    operation = subscription.operations.get()
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN

    assert world.settle(operation).state == State.SUCCEEDED
    binding = EabBinding.objects.get(subscription=subscription)
    assert binding.is_adopted
    assert binding.eab_hmac_key == world.caas.list_bindings()[0].eab_hmac_key.reveal()
    assert world.changes("PREREGISTER") == 1


@pytest.mark.parametrize(
    "fault", [Fault.cut_before(), Fault.server_error(), Fault.wrong_json()], ids=lambda one: one.kind
)
def test_a_call_that_did_nothing_is_sent_again_only_after_two_readings(world: World, fault: Fault) -> None:
    operation = world.new_subscription().operations.get()
    world.ca.arm("PREREGISTER", fault)
    world.work(operation)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(minutes=14, seconds=59)
    assert world.settle(operation).state == State.UNKNOWN
    world.clock.advance(seconds=1)
    assert world.settle(operation).state == State.QUEUED

    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert len(world.caas.list_bindings()) == 1


def test_an_account_made_after_the_caller_gave_up_is_adopted(world: World) -> None:
    operation = world.new_subscription().operations.get()
    world.ca.arm("PREREGISTER", Fault.after_caller_gave_up(hold=True))
    world.work(operation)
    assert world.settle(operation).state == State.UNKNOWN
    world.ca.release()
    world.clock.advance(minutes=5)
    assert world.settle(operation).state == State.SUCCEEDED
    assert len(world.caas.list_bindings()) == 1


@pytest.mark.parametrize("orphans", [0, 1], ids=["adopted meanwhile", "sent again meanwhile"])
def test_an_answer_that_comes_after_settling(world: World, orphans: int) -> None:
    operation = world.new_subscription().operations.get()
    claim = execution.claim_operation(operation.pk, client=world.caas, worker=WORKER)
    assert claim is not None
    execution.PREPARE[operation.kind](claim)
    assert claim.mark_sent()
    preregister = world.caas.preregister

    def stalled(**arguments: Any) -> PreregisteredAccount:
        """The call is under way for so long that it counts as lost, and is settled by reading."""
        made = preregister(**arguments) if not orphans else None
        world.clock.advance(seconds=121)
        execution.reap_dead_claims(world.clock.instant)
        assert world.settle_until_known(operation).state == (State.QUEUED if orphans else State.SUCCEEDED)
        return made or preregister(**arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.caas, "preregister", stalled)
        execution.SEND[operation.kind](claim)

    assert OrphanBinding.objects.count() == orphans
    assert not OrphanBinding.objects.filter(eab_key_id__in=EabBinding.objects.values("eab_key_id")).exists()


def test_two_strays_are_orphans_and_a_new_account_is_made(world: World) -> None:
    operation = world.new_subscription().operations.get()
    world.ca.arm("PREREGISTER", Fault.cut_after())
    world.work(operation)
    # Somebody makes an account past the portal at the same time.
    stray = world.caas.preregister(
        directory_url=operation.subscription.server.directory_url, years=1, last_look=lambda: True
    )

    assert world.settle_until_known(operation).state == State.QUEUED
    orphans = set(OrphanBinding.objects.values_list("eab_key_id", flat=True))
    assert len(orphans) == 2
    assert stray.eab_key_id in orphans
    world.work(operation)
    binding = EabBinding.objects.get()
    assert binding.eab_key_id not in orphans


def test_a_refusal_is_final_and_shown_word_for_word(world: World) -> None:
    subscription = world.new_subscription()
    world.ca.arm("PREREGISTER", Fault.error("permission"))
    operation = subscription.operations.get()
    world.work(operation)
    operation.refresh_from_db()
    subscription.refresh_from_db()
    assert operation.state == State.REFUSED
    assert operation.error_detail == "You do not have permission for this request. Please contact support!"
    assert subscription.state == Subscription.State.FAILED
    assert not EabBinding.objects.exists()


def test_one_at_a_time(world: World) -> None:
    first, second = (world.new_subscription().operations.get() for _ in range(2))
    world.ca.arm("PREREGISTER", Fault.cut_before())
    world.work(first)
    assert world.work(second) is None
    assert world.changes("PREREGISTER") == 1
    world.settle_until_known(first)
    world.work(first)
    assert world.work(second) is not None
    assert EabBinding.objects.count() == 2


def test_one_that_needs_a_person_holds_up_no_other(world: World, no_broker: list[tuple[str, tuple[int, ...]]]) -> None:
    first, second = (world.new_subscription().operations.get() for _ in range(2))
    for fault in (Fault.cut_before(), Fault.error("permission")):
        world.ca.arm("PREREGISTER", fault)
        world.work(first)
        world.settle_until_known(first)
    assert first.state == State.ATTENTION
    no_broker.clear()
    tasks.send_due_operations()
    assert no_broker == [("execute_operation", (second.pk,))]
    assert world.work(second) is not None


def test_the_other_spelling_of_the_server_is_tried_once(world: World) -> None:
    operation = world.new_subscription().operations.get()
    world.ca.arm("PREREGISTER", Fault.server_url_refused("serverURL"), count=None)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED


def test_the_same_form_sent_twice_makes_one_subscription(world: World) -> None:
    token, server = uuid4(), AcmeServer.objects.get(validation_type="DV")
    made = [
        create_subscription(
            actor=world.staff,
            customer=world.customer,
            server=server,
            term_years=1,
            prevalidation=None,
            form_token=token,
        )
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert Operation.objects.count() == 1
