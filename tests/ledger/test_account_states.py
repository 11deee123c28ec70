"""Suspending, reinstating and deactivating: one client or the whole key, at once, and what it means for charges."""

from typing import Any

import pytest

from accounts.errors import ServiceError
from subscriptions import tasks
from subscriptions.ledger import accounts
from subscriptions.models import EabBinding, Operation, Order, Subscription
from subscriptions.sandbox import Fault
from subscriptions.services import account_states as services
from subscriptions.services import operations as decisions
from subscriptions.services.orders import confirm_quote
from tests.ledger.account_states import CHANGES, OPEN, at_the_ca, confirmed, done, kept, with_two_clients
from tests.ledger.world import WORKER, World

State = Operation.State


@pytest.fixture
def running(world: World) -> Subscription:
    """A subscription with a name, whose key a second client has registered with."""
    return with_two_clients(world)


# --- What a change does ---------------------------------------------------------------------------------------------


def test_suspending_the_key_stops_all_and_reinstating_lets_them_go_on(world: World, running: Subscription) -> None:
    before = at_the_ca(world, running)
    operation = done(world, services.suspend, running)
    assert (operation.state, operation.attempts, operation.charged) == (State.SUCCEEDED, 1, None)
    assert set(at_the_ca(world, running).values()) == {"suspended"}
    assert at_the_ca(world, running) == kept(running)
    assert running.state == Subscription.State.SUSPENDED
    assert world.forms[-3]["includeAdditionalAccounts"] == ["Y"]

    assert done(world, services.reinstate, running).state == State.SUCCEEDED
    assert at_the_ca(world, running) == kept(running) == before
    assert str(running.state) == "running"


def test_readings_and_removals_go_on_while_the_key_is_suspended(world: World, running: Subscription) -> None:
    world.add(running, "second.example.com")
    done(world, services.suspend, running)
    world.read(running)
    assert (running.sync_problem, running.synced_at) == ("", world.clock.instant)
    assert world.remove(running, "second.example.com").state == State.SUCCEEDED
    assert done(world, services.reinstate, running).state == State.SUCCEEDED


def test_suspending_one_client_names_exactly_that_one(world: World, running: Subscription) -> None:
    named = world.binding(running).acme_account_id
    done(world, services.suspend, running, named)
    assert at_the_ca(world, running) == {"": "active", named: "suspended", "second": "valid"} == kept(running)
    form = next(form for form in world.forms if form["action"] == ["SUSPENDACCOUNT"])
    assert (form["acmeAccountID"], form["includeAdditionalAccounts"]) == ([named], ["N"])
    assert world.binding(running).acme_account_id == "second"
    assert (running.state, world.add(running, "more.example.com").state) == ("running", State.SUCCEEDED)

    done(world, services.reinstate, running, named)
    assert at_the_ca(world, running) == {"": "active", named: "pending", "second": "valid"} == kept(running)


def test_a_refusal_of_one_client_is_never_sent_under_another(world: World, running: Subscription) -> None:
    world.ca.arm("SUSPENDACCOUNT", Fault.error("invalid-argument", "acmeAccountID"))
    operation = done(world, services.suspend, running, "second")
    assert (operation.state, operation.error_reason) == (State.REFUSED, "account")
    assert world.changes("SUSPENDACCOUNT") == 1
    assert (kept(running)["second"], running.account_state) == ("valid", OPEN)


def test_the_whole_key_goes_again_under_another_account(world: World, running: Subscription) -> None:
    named = world.binding(running).acme_account_id
    world.ca.arm("SUSPENDACCOUNT", Fault.error("invalid-argument", "acmeAccountID"), acmeAccountID=named)
    operation = done(world, services.suspend, running)
    assert operation.state == State.QUEUED
    world.work(operation)
    assert set(at_the_ca(world, running).values()) == {"suspended"}


def test_a_client_that_was_stopped_alone_says_nothing_of_its_key(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    [only] = [account for account in at_the_ca(world, subscription) if account]
    done(world, services.suspend, subscription, only)
    world.read(subscription)
    assert (subscription.state, world.binding(subscription).acme_account_id) == ("running", only)
    assert world.add(subscription, "more.example.com").state == State.SUCCEEDED


def test_deactivated_is_for_good(world: World, running: Subscription) -> None:
    assert done(world, services.deactivate, running).state == State.SUCCEEDED
    assert set(at_the_ca(world, running).values()) == {"deactivated"} == set(kept(running).values())
    for change in CHANGES:
        with pytest.raises(ServiceError, match="Nothing was changed"):
            confirmed(world, change, running)
    world.register(running, "third")  # what a list shows does not bring it back
    world.clock.advance(minutes=1)
    assert world.read(running).state == Subscription.State.DEACTIVATED


def test_what_others_did_is_said_as_the_ca_says_it(world: World, running: Subscription) -> None:
    named = world.binding(running).acme_account_id
    world.caas.suspend_account(acme_account_id=named, whole_key=True, last_look=lambda: True)
    assert world.read(running).state == Subscription.State.SUSPENDED
    world.caas.reinstate_account(acme_account_id=named, whole_key=True, last_look=lambda: True)
    world.clock.advance(minutes=1)
    assert world.read(running).state == Subscription.State.RUNNING


def test_a_word_that_nobody_knows_suspends_nothing(world: World, running: Subscription) -> None:
    def reword(answer: dict[str, Any]) -> None:
        for row in answer["Accounts"]:
            row["accountStatus"] = "thinking"

    world.rewrite("LISTACCOUNTS", reword)
    assert world.read(running).state == Subscription.State.RUNNING
    assert set(kept(running).values()) == {"active", "thinking"}


def test_a_list_that_was_asked_for_before_does_not_take_it_back(world: World, running: Subscription) -> None:
    binding, listed = world.binding(running), world.caas.list_accounts(eab_key_id=world.binding(running).eab_key_id)
    before = world.clock.instant
    world.clock.advance(seconds=1)
    done(world, services.suspend, running)
    accounts.keep_accounts(binding, listed, began_at=before)
    assert at_the_ca(world, running) == kept(running)
    assert running.state == Subscription.State.SUSPENDED


@pytest.mark.parametrize("account", ["", "second"], ids=["key", "client"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_list_that_is_an_hour_old_takes_nothing_back(
    world: World, running: Subscription, change: Any, account: str
) -> None:
    """The CA's lists may be late: one that shows nothing of a change yet proves nothing, and is no finding."""
    if change is services.reinstate:
        done(world, services.suspend, running, account)
    before = at_the_ca(world, running)
    world.rewrite("LISTACCOUNTS", lambda answer: _as_in(before, answer["Accounts"]))
    done(world, change, running, account)
    for minutes in (0, 1, 19, 40):
        world.clock.advance(minutes=minutes)
        world.read(running)
        assert kept(running) == at_the_ca(world, running)
    assert world.findings() == {}
    opposite = services.suspend if change is services.reinstate else services.reinstate
    if change is not services.deactivate:
        assert done(world, opposite, running, account).state == State.SUCCEEDED


def _as_in(before: dict[str, str], listed: list[dict[str, Any]]) -> None:
    for one in listed:
        one["accountStatus"] = before[one["acmeAccountID"]]


def test_what_others_did_is_believed_once_no_list_can_be_older(world: World, running: Subscription) -> None:
    named = world.binding(running).acme_account_id
    done(world, services.suspend, running)
    world.clock.advance(minutes=1)
    world.caas.reinstate_account(acme_account_id=named, whole_key=True, last_look=lambda: True)
    assert world.read(running).state == Subscription.State.SUSPENDED
    world.clock.advance(hours=2)
    assert world.read(running).state == Subscription.State.RUNNING
    assert kept(running) == at_the_ca(world, running)


def test_a_client_that_ends_its_own_account_is_believed_at_once(world: World, running: Subscription) -> None:
    done(world, services.suspend, running)
    done(world, services.reinstate, running)
    world.deactivate("second")
    world.clock.advance(minutes=1)
    world.read(running)
    assert kept(running)["second"] == "deactivated"


def test_a_list_that_lags_makes_no_suspended_key_of_one_client(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    client = world.binding(subscription).acme_account_id
    with world.ca.state.transaction() as db:
        db.execute("UPDATE accounts SET status = 'valid' WHERE acme_account_id = ?", (client,))
    world.read(subscription)
    world.rewrite("LISTACCOUNTS", lambda answer: [one.update(accountStatus="valid") for one in answer["Accounts"]])
    done(world, services.suspend, subscription, client)
    world.rewrite("LISTACCOUNTS", None)
    world.clock.advance(minutes=20)
    assert world.read(subscription).state == Subscription.State.RUNNING
    assert kept(subscription)[client] == "suspended"


def test_where_the_named_one_is_over_another_is_named_while_all_are_suspended(
    world: World, running: Subscription
) -> None:
    named = world.binding(running).acme_account_id
    done(world, services.suspend, running)
    world.deactivate(named)
    world.clock.advance(minutes=1)
    world.read(running)
    assert world.binding(running).acme_account_id == "second"
    done(world, services.reinstate, running)
    assert at_the_ca(world, running) == {"": "active", named: "deactivated", "second": "valid"}


def test_a_ca_that_takes_no_suspended_account_is_asked_once_a_list(world: World, running: Subscription) -> None:
    for number in range(5):
        world.register(running, f"more-{number}")
    done(world, services.suspend, running)
    world.ca.arm(
        "LISTDOMAINS", Fault.error_body(403, "urn:sectigo:params:acme:error:unauthorized", "Account suspended")
    )
    world.forms.clear()
    world.read(running)
    assert [form["action"] for form in world.forms].count(["LISTDOMAINS"]) == 1
    assert done(world, services.reinstate, running).state == State.SUCCEEDED


# --- What it means for charges --------------------------------------------------------------------------------------


def waiting_order(world: World, subscription: Subscription) -> Order:
    """An order of two names that no worker has taken up."""
    return world.order(subscription, ["example.net", "example.org"])


@pytest.mark.parametrize(("change", "word"), [(services.suspend, "suspended"), (services.deactivate, "deactivated")])
def test_charges_that_wait_are_for_a_person_then(world: World, running: Subscription, change: Any, word: str) -> None:
    order = waiting_order(world, running)
    removal = world.removal(running, "first.example.com")
    done(world, change, running)
    assert set(order.operations.values_list("state", flat=True)) == {State.ATTENTION}
    for operation in order.operations.all():
        last = operation.events.last()
        assert last is not None
        assert word in last.reason
    world.work(removal)
    removal.refresh_from_db()
    assert removal.state == State.SUCCEEDED
    assert world.changes("ADDDOMAIN") == 1


def test_one_client_that_is_stopped_stops_no_charge(world: World, running: Subscription) -> None:
    order = waiting_order(world, running)
    done(world, services.suspend, running, "second")
    assert set(order.operations.values_list("state", flat=True)) == {State.QUEUED}


def test_a_person_has_them_go_on_after_reinstating(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    done(world, services.suspend, running)
    for is_reinstated in (False, True):
        if is_reinstated:
            done(world, services.reinstate, running)
        operation.refresh_from_db()
        decisions.decide_send(
            actor=world.staff,
            operation=operation,
            seen_event=operation.events.order_by("pk").values_list("pk", flat=True).last(),
            reason="They may.",
        )
        world.work(operation)
        operation.refresh_from_db()
        assert operation.state == (State.SUCCEEDED if is_reinstated else State.ATTENTION)
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_a_charge_that_is_on_its_way_to_the_last_look_is_not_sent(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    prepared = world.prepare(world.claim(operation))
    suspension = confirmed(world, services.suspend, running)
    assert world.work(suspension) is not None  # it waits for no charge, not even one that is claimed
    world.send(prepared)
    operation.refresh_from_db()
    assert (operation.state, world.changes("ADDDOMAIN")) == (State.QUEUED, 1)
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, world.changes("ADDDOMAIN")) == (State.ATTENTION, 1)


def test_nothing_is_asked_or_ordered_while_it_is_suspended(world: World, running: Subscription) -> None:
    quote = world.quote(running, ["example.net"])
    done(world, services.suspend, running)
    with pytest.raises(ServiceError, match="suspended with its key: reinstate it first"):
        world.quote(running, ["example.org"])
    with pytest.raises(ServiceError, match="Nothing was ordered"):
        confirm_quote(actor=world.staff, quote=quote)
    done(world, services.reinstate, running)
    assert confirm_quote(actor=world.staff, quote=quote).operations.count() == 1


# --- At once --------------------------------------------------------------------------------------------------------


def actions_of_workers(world: World, sent: list[tuple[str, tuple[Any, ...]]], monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker takes up the messages that are on their way, in their order."""
    monkeypatch.setattr(tasks, "ca_client", lambda **_: world.caas)
    monkeypatch.setattr(tasks, "worker_name", lambda: WORKER)
    while sent:
        name, arguments = sent.pop(0)
        if name == "execute_operation":
            tasks.execute_operation(*arguments)


def test_a_suspension_is_the_next_call_whatever_else_is_queued(
    world: World,
    running: Subscription,
    no_broker: list[tuple[str, tuple[Any, ...]]],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    first = world.order(running, ["example.net"]).operations.get()
    other = world.run(world.ready_subscription(), "elsewhere.example.com")
    template = world.order(other, ["example.org"]).operations.get()
    for subscription, like in ((running, first), (other, template)):
        more = [
            Operation(
                kind=like.kind, subscription=subscription, binding=like.binding, domain_name=f"{number}.example.net",
                registrable_domain="example.net", names=[f"{number}.example.net"], price=50, currency="USD",
                exclusive=f"name:{like.binding_id}:{number}.example.net", turn=number,
            )
            for number in range(250)
        ]  # fmt: skip
        Operation.objects.bulk_create(more)
    no_broker.clear()
    tasks.send_due_operations()  # as many messages as there is room for stand in the broker's queue
    ahead = len(no_broker)
    with django_capture_on_commit_callbacks(execute=True):
        confirmed(world, services.suspend, running)
    assert len(no_broker) == ahead + 1
    world.forms.clear()
    actions_of_workers(world, no_broker[:1], monkeypatch)
    assert world.forms[0]["action"] == ["SUSPENDACCOUNT"]
    assert set(at_the_ca(world, running).values()) == {"suspended"}


def test_only_the_binding_in_question_is_touched(world: World, running: Subscription) -> None:
    other = world.ready_subscription()
    done(world, services.suspend, running)
    assert set(at_the_ca(world, other).values()) == {"active", "pending"}
    assert EabBinding.objects.count() == 2
    assert "*" not in {form.get("includeAdditionalAccounts", [""])[0] for form in world.forms}
