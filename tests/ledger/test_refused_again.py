"""A refusal that follows a lost call, or comes late: settled by reading, and never sent again without end."""

import time
from copy import copy
from typing import Any

import pytest
from django.db import OperationalError

from subscriptions.caas.errors import Refused
from subscriptions.kinds import kind_of
from subscriptions.models import Finding, Operation
from subscriptions.sandbox import Fault
from subscriptions.selectors.operations import last_event_of
from subscriptions.services.operations import decide_send
from subscriptions.worker import claiming, execution, findings
from tests.ledger.world import WORKER, World

pytestmark = pytest.mark.servers

State = Operation.State


def test_what_is_refused_and_not_there_needs_a_person(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    assert world.settle_until_known(operation).state == State.QUEUED

    world.ca.arm("ADDDOMAIN", Fault.error("permission"), quoteOnly="N")
    world.work(operation)

    assert world.settle_until_known(operation).state == State.ATTENTION
    reason = operation.events.last()
    assert reason is not None
    assert "You do not have permission for this request" in reason.reason
    assert world.charged_by_ca() == 0


def test_a_person_can_have_it_sent_afterwards(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    for fault in (Fault.cut_before(), Fault.error("permission")):
        world.ca.arm("ADDDOMAIN", fault, quoteOnly="N")
        world.work(operation)
        world.settle_until_known(operation)
    decide_send(
        actor=world.staff,
        operation=operation,
        seen_event=last_event_of(operation),
        reason="The permission was granted.",
    )
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    assert world.settle_until_known(operation).state == State.QUEUED, "the refusal of before counts no more"
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert world.charged_in_ledger() == world.charged_by_ca() == operation.price


def test_a_late_refusal_of_what_was_settled_as_done_is_a_finding(world: World) -> None:
    subscription = world.ready_subscription()
    operation = world.order(subscription, ["example.com"]).operations.get()

    def slow(**given: object) -> object:
        assert given["last_look"]()  # type: ignore[operator]
        # Its worker is paused; meanwhile somebody else adds the name, and a reading takes that for this call's work.
        world.by_curl(subscription, "example.com")
        world.clock.advance(seconds=121)
        claiming.reap_dead_claims(world.clock.instant)
        assert world.settle(Operation.objects.get(pk=operation.pk)).state == State.SUCCEEDED
        raise Refused("The CA refused it: already there.", detail="already there")

    client = copy(world.caas)
    setattr(client, "add_domain", slow)  # noqa: B010 - a method of the client
    execution.execute(operation.pk, client=client, worker=WORKER)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert str(operation.events.last()).endswith("it refused the call. already there")
    [line] = Finding.objects.get(sort=Finding.Sort.LATE_ANSWER, state=Finding.State.OPEN).lines
    assert line["key"] == f"{operation.code}:refused"


@pytest.mark.django_db(transaction=True)
def test_a_late_refusal_is_noted_once_though_the_database_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    claim = world.prepare(world.claim(operation))
    world.send(claim)
    raise_at_once, answers = findings.raise_at_once, [OperationalError("gone"), None]

    def at_first_away(*args: Any, **given: Any) -> None:
        if problem := answers.pop(0):
            raise problem
        raise_at_once(*args, **given)

    monkeypatch.setattr(findings, "raise_at_once", at_first_away)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    claim.operation.was_unknown = True
    execution._refused(claim, kind_of(operation), Refused("No.", detail="No."))
    assert operation.events.filter(reason__endswith="it refused the call. No.").count() == 1
    assert Finding.objects.filter(sort=Finding.Sort.LATE_ANSWER).count() == 1


def test_a_late_refusal_of_what_a_later_call_did_contradicts_nothing(world: World) -> None:
    operation = world.order(world.ready_subscription(), ["example.com"]).operations.get()
    claim = world.prepare(world.claim(operation))
    world.clock.advance(seconds=121)
    claiming.reap_dead_claims(world.clock.instant)
    world.work(operation)
    execution._refused(claim, kind_of(operation), Refused("No.", detail="No."))
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert not Finding.objects.exists()
