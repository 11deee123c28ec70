"""Claims, leases and lanes: what two workers, or a dead one, can and cannot do."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import AppendOnlyError
from subscriptions import tasks
from subscriptions.kinds.base import Sent
from subscriptions.ledger import lanes, moves
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.moves import Outcome
from subscriptions.models import Baseline, Finding, Operation, OperationEvent
from subscriptions.sandbox import Fault
from subscriptions.worker import claiming, execution
from tests.ledger.slowness import after
from tests.ledger.world import WORKER, World

pytestmark = pytest.mark.servers

State = Operation.State


def _claimed(world: World) -> tuple[Operation, Claim]:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    return operation, world.claim(operation)


def test_a_worker_that_died_before_sending_leaves_it_queued(world: World) -> None:
    operation, claim = _claimed(world)
    world.clock.advance(seconds=121)
    assert claiming.reap_dead_claims(world.clock.instant) == 1
    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    assert not claim.last_look()  # the worker was only slow: it must not send any more


def test_a_slow_worker_that_sends_while_the_sweep_looks_keeps_its_claim(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, claim = _claimed(world)
    prepared = world.prepare(claim)
    world.clock.advance(seconds=121)
    give_back = moves.give_back

    def renewed_meanwhile(*args: Any, **options: Any) -> bool:
        claim.save(quoted_at=world.clock.instant)
        assert claim.last_look()
        return give_back(*args, **options)

    monkeypatch.setattr(moves, "give_back", renewed_meanwhile)
    assert claiming.reap_dead_claims(world.clock.instant) == 0
    assert world.work(operation) is None, "two workers would send it"
    world.send(prepared)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.changes("ADDDOMAIN") == 1


def test_nothing_is_sent_once_the_lease_has_run_out(world: World) -> None:
    operation, claim = _claimed(world)
    prepared = world.prepare(claim)
    world.clock.advance(seconds=121)
    world.send(prepared)
    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    assert world.changes("ADDDOMAIN") == 0


def test_a_worker_that_died_while_sending_leaves_it_unknown(world: World) -> None:
    operation, claim = _claimed(world)
    world.prepare(claim)
    assert claim.last_look()
    world.clock.advance(seconds=121)
    claiming.reap_dead_claims(world.clock.instant)
    assert world.settle_until_known(operation).state == State.QUEUED
    world.work(operation)
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price


def test_an_answer_that_comes_late_beats_unknown(world: World) -> None:
    operation, claim = _claimed(world)
    sent = execution.call(world.prepare(claim))
    assert sent is not None
    world.clock.advance(seconds=121)
    claiming.reap_dead_claims(world.clock.instant)
    execution.record(claim, sent)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price


def _late(world: World, claim: Claim) -> Sent:
    """The request is on its way for so long that it is settled as not done; then it reaches the CA, which does it."""
    prepared = world.prepare(claim)
    assert prepared.last_look()
    world.clock.advance(seconds=121)
    claiming.reap_dead_claims(world.clock.instant)
    assert world.settle_until_known(claim.operation).state == State.QUEUED
    late = replace(prepared, client=world.client_that_looks_no_more())
    sent = execution.call(late)
    assert sent is not None
    return sent


def test_an_answer_that_comes_after_settling_stops_the_second_call(world: World) -> None:
    operation, claim = _claimed(world)
    execution.record(claim, _late(world, claim))
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert world.work(operation) is None
    assert world.changes("ADDDOMAIN") == 1
    assert Finding.objects.get().sort == Finding.Sort.LATE_ANSWER


def test_an_answer_that_comes_while_it_is_prepared_again_stops_the_second_call(world: World) -> None:
    operation, claim = _claimed(world)
    sent = _late(world, claim)
    operation.refresh_from_db()
    second = world.claim(operation, worker="worker-2")

    execution.record(claim, sent)

    assert not second.last_look()
    operation.refresh_from_db()
    assert operation.state == State.ATTENTION
    assert world.changes("ADDDOMAIN") == 1


def test_an_answer_after_the_second_call_succeeded_is_a_finding(world: World) -> None:
    operation, claim = _claimed(world)
    prepared = world.prepare(claim)
    assert prepared.last_look()
    world.clock.advance(seconds=121)
    claiming.reap_dead_claims(world.clock.instant)
    assert world.settle_until_known(operation).state == State.QUEUED
    world.work(operation)
    sent = Sent(Outcome(Decimal("60.00"), "USD", 4711), {"orderNumber": 4711}, ["example.com"])
    execution.record(claim, sent)
    (line,) = Finding.objects.get(sort=Finding.Sort.LATE_ANSWER, state=Finding.State.OPEN).lines
    assert (line["ca_order_number"], line["amount"]) == (4711, "60.00")
    operation.refresh_from_db()
    assert (operation.state, operation.charged) == (State.SUCCEEDED, operation.price)


def test_a_reading_about_an_earlier_call_settles_no_later_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    world.clock.advance(minutes=15)
    world.settle(operation)
    world.clock.advance(minutes=5)
    list_transactions = world.caas.list_transactions

    def slow(*, acme_account_id: str) -> object:
        """While this worker reads, another settles it, it is sent again, and its answer is lost again."""
        read = list_transactions(acme_account_id=acme_account_id)
        monkeypatch.setattr(world.caas, "list_transactions", list_transactions)
        assert world.settle(operation).state == State.QUEUED
        world.ca.arm("ADDDOMAIN", Fault.after_caller_gave_up(hold=True), quoteOnly="N")
        world.work(operation)
        return read

    monkeypatch.setattr(world.caas, "list_transactions", slow)
    assert world.settle(operation).state == State.UNKNOWN, "the second call may still do its work"
    assert operation.readings == []
    world.ca.release()
    assert world.settle(operation).state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price


def test_a_live_claim_is_left_alone(world: World) -> None:
    _claimed(world)
    world.clock.advance(seconds=119)
    assert claiming.reap_dead_claims(world.clock.instant) == 0


@pytest.mark.parametrize("seconds", [100, 121])
def test_each_answer_renews_the_lease(world: World, monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    for name in ("list_domains", "list_transactions", "quote_domain"):
        after(seconds, world, monkeypatch, name)
    # Its price counts from the asking: here it may be older than a minute at the last look.
    monkeypatch.setattr("subscriptions.ledger.price_guard.LONGEST_AGE", timedelta(hours=1))
    monkeypatch.setattr("django.conf.settings.CAAS_PRICE_MAX_AGE", 3600)
    Operation.objects.filter(pk=operation.pk).update(attempts=1)  # it came back, so its price is asked for
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == (State.SUCCEEDED if seconds < 120 else State.QUEUED)


def test_one_at_a_time_until_the_subscription_runs(world: World) -> None:
    order = world.order(world.ready_subscription(), ["example.com", "example.net", "example.org"])
    first, second, third = order.operations.order_by("pk")
    claim = claiming.claim_operation(first.pk, client=world.caas, worker=WORKER)
    assert claim is not None
    assert claiming.claim_operation(second.pk, client=world.caas, worker="worker-2") is None
    moves.give_back(first, token=claim.token, by=claim.by, reason="test", not_before=world.clock.instant)
    world.work(first)
    assert claiming.claim_operation(second.pk, client=world.caas, worker="worker-2") is not None
    assert claiming.claim_operation(third.pk, client=world.caas, worker="worker-3") is not None


def test_names_of_one_registrable_domain_go_in_sequence(world: World) -> None:
    subscription = world.ready_subscription()
    world.work(world.order(subscription, ["example.com"]).operations.get())
    subscription.refresh_from_db()
    order = world.order(subscription, ["a.example.org", "b.example.org"])
    first, second = order.operations.order_by("pk")
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(first)
    first.refresh_from_db()
    assert first.state == State.UNKNOWN
    assert world.work(second) is None
    assert world.settle_until_known(first).state == State.QUEUED
    world.work(first)
    assert world.work(second) is not None


def test_only_moves_of_the_table_are_made(world: World) -> None:
    operation, _ = _claimed(world)
    with pytest.raises(ValueError, match="cannot go from"):
        moves._move(operation, State.SENDING, State.CANCELED, by=moves.Author(), reason="no")
    by, now = moves.Author(worker=WORKER), world.clock.instant
    assert not moves.cancel(operation, by=by, reason="too late", now=now)
    assert not moves.settle_as_not_done(operation, by=by, reason="no", now=now)
    assert not moves.decide_send(operation, by=by, reason="no", now=now)
    operation.refresh_from_db()
    assert operation.state == State.SENDING


def test_events_cannot_be_changed_or_deleted(world: World) -> None:
    _claimed(world)
    event = OperationEvent.objects.order_by("pk")[0]
    event.reason = "something else"
    with pytest.raises(AppendOnlyError):
        event.save()
    with pytest.raises(AppendOnlyError):
        event.delete()


def test_a_lost_message_is_sent_again_by_the_sweep(world: World, no_broker: list[tuple[str, tuple[int, ...]]]) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    no_broker.clear()
    tasks.sweep()
    assert ("execute_operation", (operation.pk,)) in no_broker
    no_broker.clear()
    tasks.sweep()
    assert ("execute_operation", (operation.pk,)) not in no_broker
    world.clock.advance(seconds=60)
    tasks.sweep()
    assert ("execute_operation", (operation.pk,)) in no_broker
    assert timedelta(seconds=60) == lanes.RESEND_AFTER


def test_a_baseline_that_is_written_between_two_looks_is_not_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription = world.run(world.ready_subscription())
    first, second = world.order(subscription, ["example.com", "example.net"]).operations.order_by("pk")
    reading = world.claim(first)
    waits = claiming._waits_for_baseline

    def written_meanwhile(operation: Operation) -> bool:
        world.prepare(reading)
        return waits(operation)

    monkeypatch.setattr(claiming, "_waits_for_baseline", written_meanwhile)
    assert world.claim(second).baseline == Baseline.objects.get(order=first.order_id)
