"""Changes of an account that cross, whose answers are lost or late, whose workers die: the last word stands."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.errors import ServiceError
from accounts.models import AuditEvent
from accounts.roles import ResellerRole
from subscriptions.explain.findings import told
from subscriptions.models import AcmeAccount, Finding, Operation, Subscription
from subscriptions.sandbox import Fault
from subscriptions.services import account_states as services
from subscriptions.worker import claiming, execution
from tests import cast
from tests.ledger.account_states import ACTIONS, CHANGES, OPEN, at_the_ca, confirmed, done, kept, with_two_clients
from tests.ledger.world import World

State = Operation.State
BY_NAME = {change.__name__: change for change in CHANGES}


@pytest.fixture
def running(world: World) -> Subscription:
    """A subscription with a name, whose key a second client has registered with."""
    return with_two_clients(world)


LOST = [Fault.cut_before(), Fault.cut_after(), Fault.server_error(), Fault.wrong_json(after=True)]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.kind)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_lost_answer_is_called_again(world: World, running: Subscription, change: Any, fault: Fault) -> None:
    if change is services.reinstate:
        done(world, services.suspend, running)
    world.ca.arm(ACTIONS[change], fault)
    operation = done(world, change, running)
    assert (operation.state, operation.lost_answers) == (State.QUEUED, 1)
    world.clock.advance(seconds=10)
    world.work(operation)
    assert world.settle(operation).state == State.SUCCEEDED
    world.clock.advance(seconds=1)
    world.read(running)
    assert at_the_ca(world, running) == kept(running)


def test_refused_after_a_lost_call_it_is_settled_by_reading(world: World, running: Subscription) -> None:
    world.ca.arm("DEACTIVATEACCOUNT", Fault.cut_after())
    operation = done(world, services.deactivate, running, "second")
    world.ca.arm("DEACTIVATEACCOUNT", Fault.error("not-deactivated"))
    world.clock.advance(seconds=10)
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.error_detail) == (State.UNKNOWN, "Account could not be deactivated!")
    assert world.settle(operation).state == State.SUCCEEDED
    assert kept(running)["second"] == "deactivated"


def test_a_list_from_before_the_opposite_settles_nothing(world: World, running: Subscription) -> None:
    before = at_the_ca(world, running)
    done(world, services.suspend, running, "second")
    world.ca.arm("UNSUSPENDACCOUNT", Fault.cut_before())
    operation = done(world, services.reinstate, running, "second")
    world.ca.arm("UNSUSPENDACCOUNT", Fault.error("permission"))
    world.clock.advance(seconds=10)
    world.work(operation)
    old = [{"acmeAccountID": account, "accountStatus": status} for account, status in before.items() if account]
    world.rewrite("LISTACCOUNTS", lambda answer: answer.update(Accounts=old))
    assert world.settle(operation).state == State.UNKNOWN
    world.rewrite("LISTACCOUNTS", None)
    world.clock.advance(hours=2)
    assert world.settle(operation).state == State.ATTENTION
    assert at_the_ca(world, running)["second"] == kept(running)["second"] == "suspended"


def test_refused_after_a_lost_call_that_did_nothing_it_is_for_a_person(world: World, running: Subscription) -> None:
    world.ca.arm("SUSPENDACCOUNT", Fault.cut_before())
    operation = done(world, services.suspend, running)
    world.ca.arm("SUSPENDACCOUNT", Fault.error("permission"))
    world.clock.advance(seconds=10)
    world.work(operation)
    world.ca.arm("LISTACCOUNTS", Fault.server_error())
    assert world.settle(operation).state == State.UNKNOWN
    assert world.settle(operation).state == State.ATTENTION
    assert (running.account_state, world.changes("SUSPENDACCOUNT")) == (OPEN, 2)
    # Whoever confirms it anew does not wait for a decision about the first.
    assert done(world, services.suspend, running).state == State.SUCCEEDED
    operation.refresh_from_db()
    assert operation.state == State.CANCELED


@pytest.mark.parametrize("is_marked", [False, True], ids=["before the mark", "after the mark"])
def test_a_worker_is_killed(world: World, running: Subscription, is_marked: bool) -> None:
    operation = confirmed(world, services.suspend, running)
    claim = world.prepare(world.claim(operation))
    if is_marked:
        assert claim.last_look()
    world.clock.advance(minutes=3)
    assert claiming.reap_dead_claims(world.clock.instant) == 1
    operation.refresh_from_db()
    assert (operation.state, operation.lost_answers) == (State.QUEUED, int(is_marked))
    world.work(operation)
    assert set(at_the_ca(world, running).values()) == {"suspended"}


def test_the_same_confirmed_twice_is_one(world: World, running: Subscription) -> None:
    assert confirmed(world, services.suspend, running) == confirmed(world, services.suspend, running)
    assert AuditEvent.objects.filter(action="account.suspension_confirmed").count() == 1


def test_a_later_change_replaces_what_waits(world: World, running: Subscription) -> None:
    suspension = confirmed(world, services.suspend, running)
    deactivation = confirmed(world, services.deactivate, running)
    suspension.refresh_from_db()
    assert (suspension.state, deactivation.state) == (State.CANCELED, State.QUEUED)


def test_only_who_may_deactivate_takes_a_deactivation_back(world: World, running: Subscription) -> None:
    deactivation = confirmed(world, services.deactivate, running)
    operator = cast.make_user("olaf@reseller.example", reseller_role=ResellerRole.OPERATOR)
    with pytest.raises(ServiceError, match="only a reseller admin"):
        services.suspend(actor=operator, subscription=running)
    deactivation.refresh_from_db()
    assert deactivation.state == State.QUEUED
    confirmed(world, services.suspend, running)
    deactivation.refresh_from_db()
    assert deactivation.state == State.CANCELED


def test_one_of_another_client_does_not(world: World, running: Subscription) -> None:
    named = world.binding(running).acme_account_id
    first = confirmed(world, services.suspend, running, named)
    with pytest.raises(ServiceError, match="confirm again"):
        confirmed(world, services.suspend, running, "second")
    assert confirmed(world, services.suspend, running) != first


def test_one_that_is_at_the_ca_is_waited_for(world: World, running: Subscription) -> None:
    claim = world.prepare(world.claim(confirmed(world, services.suspend, running)))
    with pytest.raises(ServiceError, match="Nothing was changed by this"):
        confirmed(world, services.reinstate, running)
    world.send(claim)
    assert done(world, services.reinstate, running).state == State.SUCCEEDED


def test_a_lost_call_for_the_opposite_that_works_late_is_undone(world: World, running: Subscription) -> None:
    done(world, services.suspend, running)
    world.ca.arm("UNSUSPENDACCOUNT", Fault.after_caller_gave_up(hold=True))
    assert done(world, services.reinstate, running).state == State.QUEUED
    assert done(world, services.suspend, running).state == State.SUCCEEDED
    world.ca.release()
    world.clock.advance(minutes=5)
    assert world.read(running).state == Subscription.State.RUNNING  # the pages say what the CA says

    world.clock.advance(minutes=11)
    [again] = Operation.objects.filter(lane="account", state=State.QUEUED)
    world.work(again)
    assert set(at_the_ca(world, running).values()) == {"suspended"}
    assert kept(running) == at_the_ca(world, running)
    assert Operation.objects.filter(state__in=Operation.UNSETTLED).count() == 0


def test_it_is_not_done_again_without_need(world: World, running: Subscription) -> None:
    done(world, services.suspend, running)
    world.ca.arm("UNSUSPENDACCOUNT", Fault.cut_before())
    done(world, services.reinstate, running)
    world.clock.advance(minutes=16)
    done(world, services.suspend, running)
    assert Operation.objects.filter(state__in=Operation.UNSETTLED).count() == 0


def test_an_answer_that_comes_after_it_was_replaced_is_told(world: World, running: Subscription) -> None:
    claim = world.prepare(world.claim(confirmed(world, services.suspend, running)))
    sent = execution.call(claim)
    assert sent is not None
    world.clock.advance(minutes=3)
    claiming.reap_dead_claims(world.clock.instant)
    done(world, services.reinstate, running)
    execution.record(claim, sent)
    assert list(world.findings()) == ["late_answer"]
    assert told(Finding.objects.get()).money == "No money moves by this."
    assert kept(running) == at_the_ca(world, running)


# --- Changes past the portal ----------------------------------------------------------------------------------------


def test_an_account_that_is_changed_elsewhere_is_a_finding(world: World, running: Subscription) -> None:
    named = world.binding(running).acme_account_id
    done(world, services.suspend, running)
    world.caas.reinstate_account(acme_account_id=named, whole_key=False, last_look=lambda: True)
    world.clock.advance(minutes=121)
    world.read_twice(running)
    assert world.findings() == {"account_state": [f"{named}:pending"]}
    [line] = told(Finding.objects.get()).lines
    assert "as “pending”; the last that was done to it here: Suspend ACME account with its key." in line.sentence

    done(world, services.suspend, running)
    world.clock.advance(minutes=121)
    world.read(running)
    assert world.findings() == {}


def test_one_that_somebody_else_suspends_is_too(world: World, running: Subscription) -> None:
    world.caas.suspend_account(acme_account_id="second", whole_key=False, last_look=lambda: True)
    world.read_twice(running)
    assert world.findings() == {"account_state": ["second:suspended"]}


def test_what_clients_do_themselves_is_none(world: World, running: Subscription) -> None:
    done(world, services.suspend, running)
    done(world, services.reinstate, running)
    world.deactivate("second")
    world.clock.advance(minutes=121)
    world.read_twice(running)
    assert world.findings() == {}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["suspend", "reinstate", "suspend-second", "reinstate-second", "wait", "read", "work", "kill"]),
        st.sampled_from(["", "", "cut-before", "cut-after", "held"]),
    ),
    max_size=9,
)
FAULTS = {
    "cut-before": Fault.cut_before(),
    "cut-after": Fault.cut_after(),
    "held": Fault.after_caller_gave_up(hold=True),
}


def _kill(world: World, due: Iterable[Operation], *, is_sent: bool) -> None:
    """Workers take up what is due and end, some of them with the call under way."""
    for operation in due:
        claim = world.prepare(world.claim(operation))
        if is_sent:
            execution.call(claim)


def _step(world: World, subscription: Subscription, step: str, fault: str) -> None:
    world.ca.disarm()
    if fault:
        for action in ("SUSPENDACCOUNT", "UNSUSPENDACCOUNT"):
            world.ca.arm(action, FAULTS[fault])
    waiting = Operation.objects.filter(lane="account", state=State.QUEUED)
    if step == "wait":
        world.clock.advance(minutes=2)
        claiming.reap_dead_claims(world.clock.instant)
    elif step == "read":
        world.read(subscription)
    elif step == "work":
        [world.work(operation) for operation in waiting]
    elif step == "kill":
        _kill(world, waiting.filter(not_before__lte=world.clock.instant), is_sent=bool(fault))
    else:
        name, _, account = step.partition("-")
        try:
            done(world, BY_NAME[name], subscription, account)
        except ServiceError:
            return


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_last_word_that_succeeded_stands(world: World, steps: Sequence[tuple[str, str]]) -> None:
    subscription = world.ready_subscription()
    world.register(subscription, "second")
    try:
        _play(world, subscription, steps)
    finally:
        with world.ca.state.transaction() as db:
            db.execute("DELETE FROM accounts WHERE acme_account_id = 'second'")
        AcmeAccount.objects.filter(acme_account_id="second").delete()


def _play(world: World, subscription: Subscription, steps: Sequence[tuple[str, str]]) -> None:
    world.read(subscription)
    for step, fault in steps:
        _step(world, subscription, step, fault)
    world.ca.disarm()
    world.ca.release()
    for _ in range(12):
        claiming.reap_dead_claims(world.clock.instant)
        for operation in Operation.objects.filter(lane="account", state=State.QUEUED):
            world.work(operation)
        world.clock.advance(minutes=2)
    world.read(subscription)

    assert not Operation.objects.filter(lane="account", state__in=[*Operation.WORKING]).exists()
    assert at_the_ca(world, subscription) == kept(subscription)
    if Operation.objects.filter(lane="account", state=State.ATTENTION).exists():
        return  # a late answer that a person looks at
    changes = Operation.objects.filter(lane="account", state=State.SUCCEEDED, subscription=subscription)
    last = changes.filter(arguments={"acme_account_id": ""}).order_by("finished_at", "pk").last()
    if last is not None:
        is_suspended = "suspend" in str(last.kind)
        assert (at_the_ca(world, subscription)[""] == "suspended") == is_suspended
