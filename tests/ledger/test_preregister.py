"""PREREGISTER: one ACME account for each subscription, and no key lost, whatever happens on the way."""

from uuid import uuid4

import pytest
from django.db import connection

from subscriptions import tasks
from subscriptions.models import AcmeServer, EabBinding, Operation, Subscription, UnassignedAccount
from subscriptions.sandbox import Fault
from subscriptions.services.subscriptions import create_subscription
from subscriptions.worker import claiming, execution, unassigned
from tests.ledger.world import World

pytestmark = pytest.mark.servers

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
        (binding.eab_key_id, binding.eab_hmac_key.reveal())
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
            assert binding.eab_hmac_key.reveal() not in str(cursor.fetchall()), table


def test_a_message_delivered_twice_does_nothing_the_second_time(world: World) -> None:
    operation = world.new_subscription().operations.get()
    assert world.work(operation) is not None
    assert world.work(operation) is None
    assert world.changes("PREREGISTER") == 1


LOST = [Fault.cut_before(), Fault.cut_after(), Fault.server_error(), Fault.wrong_json(), Fault.latency(60)]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.kind)
def test_a_lost_answer_is_sent_again_with_back_off(world: World, fault: Fault) -> None:
    subscription = world.new_subscription()
    operation = subscription.operations.get()
    world.ca.arm("PREREGISTER", fault)
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.lost_answers) == (State.QUEUED, 1)
    assert world.work(operation) is None  # not before its back-off
    world.clock.advance(seconds=10)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    binding = EabBinding.objects.get(subscription=subscription)
    assert binding.eab_key_id in {pair.eab_key_id for pair in world.caas.list_bindings()}


def test_no_machine_adopts_what_a_lost_call_left(world: World) -> None:
    operation = world.new_subscription().operations.get()
    world.ca.arm("PREREGISTER", Fault.cut_after())
    world.work(operation)
    # Somebody makes an account past the portal at the same time.
    stray = world.caas.preregister(
        directory_url=operation.subscription.server.directory_url, years=1, last_look=lambda: True
    )
    world.clock.advance(seconds=10)
    world.work(operation)
    for _ in range(2):
        unassigned.look_for_unassigned(world.caas)
        world.clock.advance(minutes=5)
    binding = EabBinding.objects.get()
    rows = {row.eab_key_id: row for row in UnassignedAccount.objects.all()}
    assert len(rows) == 2
    assert stray.eab_key_id in rows
    assert binding.eab_key_id not in rows
    assert {row.state for row in rows.values()} == {UnassignedAccount.State.UNASSIGNED}


def test_one_list_is_not_enough(world: World) -> None:
    server = AcmeServer.objects.get(validation_type="DV")
    world.caas.preregister(directory_url=server.directory_url, years=1, last_look=lambda: True)
    unassigned.look_for_unassigned(world.caas)
    world.clock.advance(minutes=4, seconds=59)
    unassigned.look_for_unassigned(world.caas)
    assert UnassignedAccount.objects.get().state == UnassignedAccount.State.SEEN_ONCE
    world.clock.advance(seconds=1)
    unassigned.look_for_unassigned(world.caas)
    assert UnassignedAccount.objects.get().state == UnassignedAccount.State.UNASSIGNED


def test_what_may_still_be_recorded_is_not_unassigned(world: World) -> None:
    operation = world.new_subscription().operations.get()
    claim = world.claim(operation)
    sent = execution.call(world.prepare(claim))
    assert sent is not None
    for _ in range(2):
        unassigned.look_for_unassigned(world.caas)
        world.clock.advance(minutes=5)
    assert UnassignedAccount.objects.get().state == UnassignedAccount.State.SEEN_ONCE
    execution.record(claim, sent)
    assert not UnassignedAccount.objects.exists()
    assert EabBinding.objects.get().subscription == operation.subscription


def test_five_lost_answers_of_one_need_a_person(world: World, no_broker: list[tuple[str, tuple[int, ...]]]) -> None:
    first, second = (world.new_subscription().operations.get() for _ in range(2))
    world.ca.arm("PREREGISTER", Fault.cut_before(), count=5)
    for _ in range(5):
        world.work(first)
        world.clock.advance(minutes=11)
    first.refresh_from_db()
    assert first.state == State.ATTENTION
    # Five in a row over all hold every other for an hour.
    assert world.work(second) is None
    world.clock.advance(hours=1)
    no_broker.clear()
    tasks.send_due_operations()
    assert no_broker == [("execute_operation", (second.pk,))]
    assert world.work(second) is not None


def test_an_answer_between_begins_the_count_anew(world: World) -> None:
    for _ in range(3):
        operation = world.new_subscription().operations.get()
        world.ca.arm("PREREGISTER", Fault.cut_before(), count=4)
        for _ in range(5):
            world.work(operation)
            world.clock.advance(minutes=11)
        operation.refresh_from_db()
        assert operation.state == State.SUCCEEDED


def test_a_late_answer_is_kept_as_an_unassigned_account(world: World) -> None:
    operation = world.new_subscription().operations.get()
    claim = world.claim(operation)
    sent = execution.call(world.prepare(claim))
    assert sent is not None
    world.clock.advance(seconds=121)
    assert claiming.reap_dead_claims(world.clock.instant) == 1
    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    world.work(operation)
    execution.record(claim, sent)
    assert UnassignedAccount.objects.get().eab_key_id == sent.effect.eab_key_id
    assert EabBinding.objects.get().eab_key_id != sent.effect.eab_key_id


def test_an_answer_that_names_an_assigned_key_needs_a_person(world: World) -> None:
    operation = world.new_subscription().operations.get()
    claim = world.claim(operation)
    sent = execution.call(world.prepare(claim))
    assert sent is not None
    UnassignedAccount.objects.create(
        eab_key_id=sent.effect.eab_key_id,
        state=UnassignedAccount.State.ASSIGNED,
        subscription=world.new_subscription(),
    )
    execution.record(claim, sent)
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert not EabBinding.objects.exists()


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


def test_accounts_are_made_side_by_side(world: World) -> None:
    first, second = (world.new_subscription().operations.get() for _ in range(2))
    claims = [world.claim(first), world.claim(second, worker="worker-2")]
    for claim in claims:
        world.send(world.prepare(claim))
    assert EabBinding.objects.count() == 2


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
