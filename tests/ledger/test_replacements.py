"""Replacing a misspelt name: the old one goes only after the new one is there, whatever happens in between."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import ServiceError
from accounts.models import AuditEvent
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.models import Domain, Operation, Order, Replacement, Subscription, Transaction
from subscriptions.sandbox import Fault
from subscriptions.services import operations as decisions
from subscriptions.services.names import remove_names
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quotes import request_quote
from subscriptions.services.replacements import call_off
from subscriptions.worker import claiming, pricing, replacements
from tests.ledger.world import WORKER, World

State = Operation.State
OLD, NEW = "exmaple.com", "example.com"
Stage = Replacement.State


@pytest.fixture
def running(world: World) -> Subscription:
    """A subscription with a misspelt name beside the first one."""
    subscription = world.run(world.ready_subscription())
    world.add(subscription, OLD, add_companions=True)
    world.clock.advance(days=1)
    subscription.refresh_from_db()
    return subscription


def old_of(subscription: Subscription) -> Domain:
    return subscription.domains.get(name=OLD)


def order(world: World, subscription: Subscription, new: str = NEW, *, old: Domain | None = None) -> Order:
    """Staff type the new name, look at its price and confirm it."""
    quote = request_quote(
        actor=world.staff,
        subscription=subscription,
        names=[new],
        add_companions=False,
        prevalidation=None,
        form_token=uuid4(),
        replaces=old or old_of(subscription),
    )
    pricing.price(quote.pk, client=world.caas)
    quote.refresh_from_db()
    return confirm_quote(actor=world.staff, quote=quote)


def plan(world: World, subscription: Subscription, new: str = NEW) -> Replacement:
    return Replacement.objects.get(addition=order(world, subscription, new).operations.get())


def sweep() -> list[Operation]:
    """The sweep looks for what is due; give the removals that it has queued."""
    before = set(Operation.objects.filter(takes_away=True).values_list("pk", flat=True))
    replacements.queue_due(worker="sweep")
    return list(Operation.objects.filter(takes_away=True).exclude(pk__in=before))


def fresh(replacement: Replacement) -> Replacement:
    return Replacement.objects.select_related("old", "addition", "removal").get(pk=replacement.pk)


def test_the_old_name_goes_after_the_new_one_is_there(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    assert fresh(replacement).state == Stage.ADDING
    assert sweep() == []

    world.work(replacement.addition)
    assert fresh(replacement).state == Stage.DUE
    assert old_of(running).removed_at is None

    [removal] = sweep()
    assert (removal.domain_name, removal.created_by) == (OLD, world.staff)
    assert fresh(replacement).state == Stage.REMOVING
    assert sweep() == []
    world.work(removal)

    assert fresh(replacement).state == Stage.DONE
    assert set(running.domains.present().values_list("name", flat=True)) == {"first.example.com", NEW}
    world.clock.advance(minutes=20)
    world.read_twice(running)
    assert world.findings() == {}
    refund = Transaction.objects.get(kind=Transaction.REFUND)
    assert refund.operation == removal
    assert refund.cost is not None
    assert world.charged_in_ledger() - refund.cost == world.charged_by_ca()
    told = AuditEvent.objects.filter(action__startswith="name.replacement").order_by("pk")
    assert [(event.action, event.detail["name"], event.detail["new_name"]) for event in told] == [
        (Happening.REPLACEMENT_ORDERED, OLD, NEW),
        (Happening.REPLACEMENT_REMOVES, OLD, NEW),
    ]


def test_a_lost_answer_keeps_the_old_name_until_it_is_settled(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    world.ca.arm("ADDDOMAIN", Fault.cut_after())
    world.work(replacement.addition)
    assert fresh(replacement).addition.state == State.UNKNOWN
    assert sweep() == []

    world.settle(replacement.addition)
    [removal] = sweep()
    world.work(removal)
    assert fresh(replacement).state == Stage.DONE
    assert world.changes("ADDDOMAIN") == 3


def test_cut_before_it_the_new_name_is_sent_again_first(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    world.ca.arm("ADDDOMAIN", Fault.cut_before())
    world.work(replacement.addition)
    world.settle_until_known(replacement.addition)
    assert sweep() == []
    assert fresh(replacement).addition.state == State.QUEUED

    world.work(replacement.addition)
    [removal] = sweep()
    world.work(removal)
    assert fresh(replacement).state == Stage.DONE


def test_a_killed_worker_removes_nothing_too_early(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    claim = world.prepare(world.claim(replacement.addition))  # and the worker is killed
    assert sweep() == []
    world.clock.advance(minutes=10)
    claiming.reap_dead_claims(world.clock())
    assert claim.operation.pk == replacement.addition.pk
    assert sweep() == []

    world.work(replacement.addition)  # this one is killed right after the success: the sweep comes by
    [removal] = sweep()
    world.work(removal)
    assert fresh(replacement).state == Stage.DONE


def test_a_lost_removal_is_settled_as_any_other(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    world.work(replacement.addition)
    [removal] = sweep()
    world.ca.arm("REMOVEDOMAIN", Fault.cut_after())
    world.work(removal)
    assert fresh(replacement).state == Stage.REMOVING
    assert world.settle(removal).state == State.SUCCEEDED
    assert fresh(replacement).state == Stage.DONE


def test_a_refused_new_name_leaves_the_old_one(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    world.ca.arm("ADDDOMAIN", Fault.error("invalid-argument", "domainName"))
    world.work(replacement.addition)
    assert fresh(replacement).state == Stage.NOT_ADDED
    assert sweep() == []
    assert old_of(running).removed_at is None

    again = plan(world, running, "sample.com")
    assert fresh(replacement).called_off_by == world.staff
    world.work(again.addition)
    [removal] = sweep()
    world.work(removal)
    assert fresh(again).state == Stage.DONE


def test_a_canceled_new_name_leaves_the_old_one(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    decisions.cancel_operation(actor=world.staff, operation=replacement.addition, reason="Another way.")

    assert fresh(replacement).state == Stage.NOT_ADDED
    assert sweep() == []


def test_what_waits_for_a_decision_keeps_the_old_name(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    world.by_curl(running, NEW)  # somebody else was faster
    world.work(replacement.addition)
    assert fresh(replacement).state == Stage.HELD
    assert sweep() == []

    charge = _charge_of(world, running)
    operation = replacement.addition
    decisions.decide_done(
        actor=world.staff,
        operation=operation,
        seen_event=operation.events.latest("pk").pk,
        reason="Ours.",
        charge=charge,
    )
    [removal] = sweep()
    world.work(removal)
    assert fresh(replacement).state == Stage.DONE


def _charge_of(world: World, running: Subscription) -> Transaction:
    world.clock.advance(minutes=20)
    world.read(running)
    return next(row for row in Transaction.objects.filter(explained="") if NEW in row.names)


def test_called_off_nothing_goes(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    call_off(actor=world.staff, replacement=fresh(replacement))
    world.work(replacement.addition)

    assert sweep() == []
    assert fresh(replacement).state == Stage.CALLED_OFF
    assert {OLD, NEW} <= set(running.domains.present().values_list("name", flat=True))
    with pytest.raises(ServiceError, match="look again"):
        call_off(actor=world.staff, replacement=fresh(replacement))


def test_called_off_after_the_new_name_was_added(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    world.work(replacement.addition)
    [removal] = sweep()

    call_off(actor=world.staff, replacement=fresh(replacement))

    removal.refresh_from_db()
    assert removal.state == State.CANCELED
    assert sweep() == []
    assert old_of(running).removed_at is None


def test_what_is_at_the_ca_cannot_be_called_off(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    world.work(replacement.addition)
    [removal] = sweep()
    claim = world.prepare(world.claim(removal))

    with pytest.raises(ServiceError, match="being removed at the CA"):
        call_off(actor=world.staff, replacement=fresh(replacement))
    world.send(claim)
    with pytest.raises(ServiceError, match="was removed already"):
        call_off(actor=world.staff, replacement=fresh(replacement))


def test_called_off_in_the_moment_of_the_sweep(world: World, running: Subscription, monkeypatch: Any) -> None:
    """Whichever is first, the other one does nothing: both write the one row on its old state."""
    replacement = plan(world, running)
    world.work(replacement.addition)
    is_there = replacements._new_name_is_there

    def called_off_meanwhile(due: Replacement) -> bool:
        call_off(actor=world.staff, replacement=fresh(due))
        return is_there(due)

    monkeypatch.setattr(replacements, "_new_name_is_there", called_off_meanwhile)
    assert sweep() == []
    assert not Operation.objects.filter(takes_away=True).exists()


def test_a_refused_removal_is_told_and_leaves_both(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    world.work(replacement.addition)
    [removal] = sweep()
    world.ca.arm("REMOVEDOMAIN", Fault.error("not-removed"))
    world.work(removal)

    assert fresh(replacement).state == Stage.NOT_REMOVED
    assert sweep() == []
    call_off(actor=world.staff, replacement=fresh(replacement))
    assert fresh(replacement).state == Stage.CALLED_OFF


def test_a_new_name_that_vanished_takes_no_place(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    world.work(replacement.addition)
    world.by_curl(running, NEW, remove=True)
    world.clock.advance(minutes=20)
    world.read(running)

    assert sweep() == []
    assert fresh(replacement).state == Stage.DUE


def test_what_is_under_way_about_the_old_name_comes_first(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    [by_hand] = remove_names(actor=world.staff, domains=[old_of(running)])
    world.work(replacement.addition)
    assert sweep() == []

    world.work(by_hand)
    assert sweep() == []
    assert fresh(replacement).state == Stage.DONE
    assert world.changes("REMOVEDOMAIN") == 1


def test_a_name_is_replaced_once(world: World, running: Subscription) -> None:
    replacement = plan(world, running)

    with pytest.raises(ServiceError, match="being replaced already"):
        plan(world, running, "sample.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        Replacement.objects.create(old=old_of(running), addition=running.operations.earliest("pk"))
    assert Replacement.objects.get().pk == replacement.pk


def test_two_workers_queue_one_removal(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    world.work(replacement.addition)
    replacement.addition.refresh_from_db()

    assert replacements.queue_due(replacement.addition, worker=WORKER) == {replacement.addition.binding_id}
    assert replacements.queue_due(replacement.addition, worker="worker-2") == set()
    assert Operation.objects.filter(takes_away=True).count() == 1


def test_a_new_name_that_comes_free_with_the_old_one_takes_no_place(world: World, running: Subscription) -> None:
    """A plain name is free beside its wildcard, and goes with it: replaced, neither would be left."""
    world.add(running, "*.sample.net")
    old = running.domains.get(name="*.sample.net")
    with pytest.raises(ServiceError, match="at no cost"):
        order(world, running, "sample.net", old=old)
    assert not Replacement.objects.exists()
    assert world.changes("ADDDOMAIN") == 3


def test_an_old_name_stays_where_the_new_one_vanished_before_its_removal(world: World, running: Subscription) -> None:
    replacement = plan(world, running)
    world.work(replacement.addition)
    [removal] = sweep()
    world.by_curl(running, NEW, remove=True)  # while the removal waits
    world.work(removal)
    removal.refresh_from_db()
    assert removal.state == State.ATTENTION
    assert "takes its place" in removal.events.latest("pk").reason
    assert world.changes("REMOVEDOMAIN") == 1
    last = removal.events.latest("pk").pk
    decisions.decide_send(actor=world.staff, operation=removal, seen_event=last, reason="It is to go all the same.")
    world.work(removal)
    assert fresh(replacement).state == Stage.DONE


def test_an_overcharged_new_name_leaves_the_old_one_to_a_person(world: World, running: Subscription) -> None:
    """A charge above the confirmed price stops what is left of its order, and that the old name goes is left of it."""
    replacement = plan(world, running)
    world.rewrite("ADDDOMAIN", lambda answer: answer.update(cost="500.00"))
    world.work(replacement.addition)
    [removal] = sweep()
    world.work(removal)
    removal.refresh_from_db()
    assert removal.state == State.ATTENTION
    assert "more than was confirmed" in removal.events.latest("pk").reason
    assert world.changes("REMOVEDOMAIN") == 0
    with pytest.raises(ServiceError, match="waits for a decision"):
        call_off(actor=world.staff, replacement=fresh(replacement))


# --- Sent by itself -------------------------------------------------------------------------------------------------


Sent = list[tuple[str, tuple[int, ...]]]


@pytest.fixture
def worker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks run here, as one worker."""
    monkeypatch.setattr(tasks, "ca_client", lambda **_: world.caas)
    monkeypatch.setattr(tasks, "worker_name", lambda: WORKER)


@pytest.mark.usefixtures("worker")
def test_the_worker_that_added_the_new_name_goes_on_at_once(
    world: World, running: Subscription, no_broker: Sent
) -> None:
    replacement = plan(world, running)
    no_broker.clear()

    tasks.execute_operation(replacement.addition.pk)

    removal = Operation.objects.get(takes_away=True)
    assert ("execute_operation", (removal.pk,)) in no_broker
    tasks.execute_operation(removal.pk)
    assert fresh(replacement).state == Stage.DONE


@pytest.mark.usefixtures("worker")
def test_what_a_killed_worker_left_is_found_by_the_sweep(world: World, running: Subscription, no_broker: Sent) -> None:
    replacement = plan(world, running)
    world.work(replacement.addition)  # and no task goes on from here
    no_broker.clear()

    tasks.sweep()

    removal = Operation.objects.get(takes_away=True)
    assert ("execute_operation", (removal.pk,)) in no_broker
    tasks.sweep()
    assert Operation.objects.filter(takes_away=True).count() == 1
