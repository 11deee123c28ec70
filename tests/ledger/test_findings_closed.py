"""A finding that a person closes: what that explains, and that it is not raised again."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.errors import ServiceError
from accounts.models import AuditEvent, User
from subscriptions.caas.types import DomainAdded
from subscriptions.models import Domain, Finding, Subscription, Transaction
from subscriptions.selectors.findings import open_findings_of, seen_version
from subscriptions.services.findings import close_finding
from tests import cast
from tests.ledger.world import World

State, Sort = Finding.State, Finding.Sort


def by_curl(world: World, subscription: Subscription, name: str) -> DomainAdded:
    """Somebody adds a name past the portal."""
    account = world.binding(subscription).acme_account_id
    return world.caas.add_domain(acme_account_id=account, name=name, last_look=lambda: True)


def read_for(world: World, subscription: Subscription, *, minutes: int) -> None:
    """Readings five minutes apart."""
    for _ in range(minutes // 5):
        world.clock.advance(minutes=5)
        world.read(subscription)


def close(actor: User, finding: Finding, reason: str = "Their own order.", **more: Any) -> None:
    said: dict[str, Any] = {"seen": seen_version(finding), "reason": reason}
    close_finding(actor=actor, finding=finding, **said | more)


@pytest.fixture
def subscription(world: World) -> Subscription:
    """With a name that was bought here."""
    subscription = world.ready_subscription()
    world.work(world.order(subscription, ["ours.example.org"]).operations.get())
    return subscription


def test_what_somebody_else_did_is_found_told_and_closed(world: World, subscription: Subscription) -> None:
    by_curl(world, subscription, "odd.example.net")
    world.clock.advance(minutes=20)
    world.read(subscription)
    assert not open_findings_of(subscription).exists()  # one reading shows nothing yet
    read_for(world, subscription, minutes=5)
    assert {one.sort for one in open_findings_of(subscription)} == {Sort.UNEXPLAINED_CHARGE, Sort.UNKNOWN_NAME}

    for finding in open_findings_of(subscription):
        close(world.staff, finding)

    [charge] = Transaction.objects.exclude(explained="operation")
    assert (charge.explained, charge.explained_by, charge.reason) == ("person", world.staff, "Their own order.")
    assert Domain.objects.get(name="odd.example.net").is_taken_over
    assert not Domain.objects.get(name="ours.example.org").is_taken_over
    read_for(world, subscription, minutes=30)
    assert set(Finding.objects.values_list("state", flat=True)) == {State.CLOSED}
    assert Finding.objects.count() == 2
    assert AuditEvent.objects.filter(action="finding.closed", target_code=subscription.code).count() == 2


def test_the_next_one_is_raised_anew(world: World, subscription: Subscription) -> None:
    by_curl(world, subscription, "odd.example.net")
    read_for(world, subscription, minutes=30)
    for finding in open_findings_of(subscription):
        close(world.staff, finding)
    by_curl(world, subscription, "another.example.net")
    read_for(world, subscription, minutes=10)

    raised = [line["names"] for finding in open_findings_of(subscription) for line in finding.ripe_lines]
    assert raised == [["another.example.net"]] * 2


def test_a_line_that_one_reading_has_shown_is_neither_told_nor_closed(world: World, subscription: Subscription) -> None:
    by_curl(world, subscription, "odd.example.net")
    read_for(world, subscription, minutes=30)
    by_curl(world, subscription, "another.example.net")
    world.clock.advance(minutes=5)
    world.read(subscription)
    finding = Finding.objects.get(sort=Sort.UNKNOWN_NAME)
    assert len(finding.lines) == 2
    assert [line["key"] for line in finding.ripe_lines] == ["odd.example.net"]

    close(world.staff, finding)

    assert not Domain.objects.get(name="another.example.net").is_taken_over
    read_for(world, subscription, minutes=10)
    [again] = open_findings_of(subscription).filter(sort=Sort.UNKNOWN_NAME)
    assert [line["key"] for line in again.ripe_lines] == ["another.example.net"]


def test_a_finding_whose_shown_lines_are_gone_is_none_until_the_rest_is_shown_twice(
    world: World, subscription: Subscription
) -> None:
    by_curl(world, subscription, "odd.example.net")
    read_for(world, subscription, minutes=30)
    account = world.binding(subscription).acme_account_id
    world.caas.remove_domain(acme_account_id=account, name="odd.example.net", last_look=lambda: True)
    read_for(world, subscription, minutes=5)  # one list that lacks it says nothing
    by_curl(world, subscription, "another.example.net")
    read_for(world, subscription, minutes=5)

    finding = Finding.objects.get(sort=Sort.UNKNOWN_NAME)
    assert (finding.state, finding.ripe_lines) == (State.SEEN_ONCE, [])
    read_for(world, subscription, minutes=5)
    finding.refresh_from_db()
    assert (finding.state, len(finding.ripe_lines)) == (State.OPEN, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reason": "  "}, "Say why"),
        ({"seen": "what an older page showed"}, "have changed since this page was opened"),
    ],
)
def test_refused(world: World, subscription: Subscription, change: dict[str, str], message: str) -> None:
    finding = cast.make_finding(subscription)

    with pytest.raises(ServiceError, match=message):
        close(world.staff, finding, **change)

    finding.refresh_from_db()
    assert finding.state == State.OPEN
    assert not AuditEvent.objects.filter(action="finding.closed").exists()


def test_the_second_of_two_is_refused(world: World, subscription: Subscription) -> None:
    finding = cast.make_finding(subscription)
    seen = seen_version(finding)
    close(world.staff, finding, seen=seen)

    with pytest.raises(ServiceError, match="“Closed” by now"):
        close(world.staff, finding, "Another reason.", seen=seen)

    finding.refresh_from_db()
    assert finding.reason == "Their own order."


def test_it_explains_only_what_is_of_its_subscription_and_unexplained(world: World, subscription: Subscription) -> None:
    other = cast.make_subscription(world.customer)
    foreign = cast.make_transaction(other, "30.00")
    history = cast.make_transaction(subscription, "30.00", explained="history")
    mine = cast.make_transaction(subscription, "30.00", kind="refunddomain")
    ids = [foreign.pk, history.pk, mine.pk, 2**70, True, None, "1", [1]]
    lines = [{"key": str(one), "transaction": one} for one in ids]

    close(world.staff, cast.make_finding(subscription, Sort.UNEXPLAINED_REFUND, *lines, "odd"))

    explained = dict(
        Transaction.objects.filter(pk__in=[foreign.pk, history.pk, mine.pk]).values_list("pk", "explained")
    )
    assert explained == {foreign.pk: "", history.pk: "history", mine.pk: "person"}
    assert all(isinstance(line, dict) for line in Finding.objects.get().lines)


def test_a_closed_finding_stops_no_work(world: World, subscription: Subscription) -> None:
    cast.make_transaction(
        subscription, "30.00", kind="adddomain", names=["new.example.net"],
        first_seen_at=world.clock.instant - timedelta(hours=1),
    )  # fmt: skip
    charge = Transaction.objects.get(names=["new.example.net"])
    close(world.staff, cast.make_finding(subscription, Sort.UNEXPLAINED_CHARGE, {"key": "a", "transaction": charge.pk}))
    operation = world.order(subscription, ["new.example.net"]).operations.get()

    world.work(operation)

    operation.refresh_from_db()
    assert operation.state == "succeeded"
