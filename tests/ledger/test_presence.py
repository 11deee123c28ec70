"""Which names are in a subscription: what is not seen once is not gone."""

from typing import Any

import pytest

from subscriptions.models import Certificate, Domain, Operation, Subscription
from subscriptions.sandbox import Fault
from subscriptions.selectors.customer import progress_of
from tests.ledger.world import World


@pytest.fixture
def running(world: World) -> Subscription:
    """A subscription with two names, the last of them an hour old."""
    subscription = world.run(world.ready_subscription())
    world.add(subscription, "example.net")
    world.clock.advance(hours=1)
    return subscription


def _present(subscription: Subscription) -> list[str]:
    return list(subscription.domains.present().values_list("name", flat=True))


BOTH = ["example.net", "first.example.com"]


def _empty(answer: dict[str, Any]) -> None:
    answer["Domains"] = []


def _short(answer: dict[str, Any]) -> None:
    answer["Domains"] = [row for row in answer["Domains"] if row["domainName"] != "example.net"]


@pytest.mark.parametrize("change", [_empty, _short])
def test_one_list_without_a_name_leaves_it_present(world: World, running: Subscription, change: Any) -> None:
    world.rewrite("LISTDOMAINS", change)
    world.read(running)
    assert _present(running) == BOTH
    assert running.domains.get(name="example.net").not_listed_since == world.clock.instant
    world.rewrite("LISTDOMAINS", None)
    world.read(running)
    assert running.domains.get(name="example.net").not_listed_since is None


@pytest.mark.parametrize(("minutes", "is_present"), [(4.99, True), (5, False)])
def test_two_lists_without_it_five_minutes_apart_remove_it(
    world: World, running: Subscription, minutes: float, is_present: bool
) -> None:
    world.rewrite("LISTDOMAINS", _short)
    world.read_twice(running, minutes=minutes)
    assert ("example.net" in _present(running)) == is_present


def test_an_unreadable_list_says_nothing(world: World, running: Subscription) -> None:
    world.rewrite("LISTDOMAINS", _short)
    world.read(running)
    world.ca.arm("LISTDOMAINS", Fault.wrong_json(), count=None)
    world.clock.advance(hours=1)
    world.read_twice(running)
    assert _present(running) == BOTH


def test_listed_between_two_lists_without_it_it_is_present(world: World, running: Subscription) -> None:
    for change in (_short, None, _short):
        world.rewrite("LISTDOMAINS", change)
        world.read(running)
        world.clock.advance(minutes=5)
    assert _present(running) == BOTH


def test_vanished_and_back_it_is_the_same_row(world: World, running: Subscription) -> None:
    row = running.domains.get(name="example.net")
    world.rewrite("LISTDOMAINS", _empty)
    world.read_twice(running)
    assert _present(running) == []
    world.rewrite("LISTDOMAINS", None)
    world.read(running)
    assert _present(running) == BOTH
    back = running.domains.get(name="example.net")
    assert (back.pk, back.operation_id) == (row.pk, row.operation_id)
    assert row.operation_id is not None


def test_removed_and_bought_again_it_is_a_new_row_and_the_old_one_stays(world: World, running: Subscription) -> None:
    old = running.domains.get(name="example.net")
    removal = world.remove(running, "example.net")
    world.clock.advance(minutes=1)
    bought = world.add(running, "example.net")
    old.refresh_from_db()
    new = running.domains.present().get(name="example.net")
    assert (old.removal, old.removed_at is None) == (removal, False)
    assert (new.pk == old.pk, new.operation) == (False, bought)
    world.clock.advance(hours=1)
    world.read_twice(running)
    assert running.domains.filter(name="example.net").count() == 2


def _without_companion(answer: dict[str, Any]) -> None:
    answer["Domains"] = [row for row in answer["Domains"] if row["domainName"] != "www.example.org"]


def test_a_companion_that_the_settling_list_lacks_is_of_its_addition_all_the_same(
    world: World, running: Subscription
) -> None:
    world.rewrite("LISTDOMAINS", _without_companion)
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    addition = world.settle_until_known(world.add(running, "example.org", add_companions=True))
    assert (addition.state, _present(running)) == (Operation.State.SUCCEEDED, ["example.net", "example.org", BOTH[1]])
    world.rewrite("LISTDOMAINS", None)
    world.clock.advance(hours=1)
    world.read_twice(running)
    companion = running.domains.get(name="www.example.org")
    assert (companion.operation, companion.is_free) == (addition, True)
    assert companion.companion_of == running.domains.get(name="example.org")
    assert world.findings() == {}


def test_a_companion_that_somebody_adds_after_its_removal_is_unknown(world: World, running: Subscription) -> None:
    world.add(running, "example.org", add_companions=True)
    world.clock.advance(hours=1)
    world.remove(running, "example.org")
    world.clock.advance(hours=1)
    world.by_curl(running, "www.example.org")
    world.read_twice(running)
    assert running.domains.present().get(name="www.example.org").operation is None
    assert world.findings()["unknown_name"] == ["www.example.org"]


def test_a_list_begun_soon_after_an_operation_on_a_name_says_nothing_of_it(world: World, running: Subscription) -> None:
    """The CA's list may be behind: it neither lacks what was just added nor has what was just removed."""
    world.add(running, "example.org")
    world.remove(running, "example.net")
    late = [{"domainName": name} for name in BOTH]
    world.rewrite("LISTDOMAINS", lambda answer: answer.update(Domains=late))
    for _ in range(2):
        world.clock.advance(minutes=6)
        world.read(running)
    assert _present(running) == ["example.org", "first.example.com"]
    assert Domain.objects.count() == 3


def test_a_list_after_the_end_of_the_term_removes_nothing(world: World, running: Subscription) -> None:
    assert running.expires_at is not None
    world.clock.instant = running.expires_at
    world.rewrite("LISTDOMAINS", _empty)
    world.read_twice(running, minutes=30)
    assert _present(running) == BOTH


def _order(**fields: Any) -> dict[str, Any]:
    return {"domainName": "example.net", "acmeAccountID": "a", **fields}


ISSUED = _order(
    acmeOrderID="1",
    orderNumber=1,
    statusCode=6,
    statusDesc="Issued",
    serialNumber="0A0B",
    validNotBefore="2026-01-01T00:00:00Z",
    validNotAfter="2036-01-01T00:00:00Z",
)


@pytest.mark.parametrize(
    "renewal",
    [
        _order(acmeOrderID="2", orderNumber=2, statusCode=7, statusDesc="Rejected"),
        _order(acmeOrderID="2", orderNumber=2, statusCode=1, statusDesc="Pending"),
        _order(acmeOrderID="2"),
        _order(acmeOrderID="2", statusCode=3, serialNumber="0C0D"),
        _order(acmeOrderID="2", statusCode=3, serialNumber=None, validNotAfter=None),
    ],
    ids=["failed", "opened", "bare", "serial without dates", "nulls"],
)
def test_a_renewal_that_failed_or_was_opened_wipes_no_certificate(
    world: World, running: Subscription, renewal: dict[str, Any]
) -> None:
    world.rewrite("GETLASTORDER", lambda answer: answer.update(Orders=[ISSUED]))
    world.read(running)
    before = Certificate.objects.get(name="example.net")
    world.rewrite("GETLASTORDER", lambda answer: answer.update(Orders=[renewal]))
    world.read(running)
    after = Certificate.objects.get(name="example.net")
    assert after.serial_number == before.serial_number == "0A0B"
    assert (after.valid_from, after.valid_until) == (before.valid_from, before.valid_until)
    assert after.acme_order_id == "2"
    world.rewrite("GETLASTORDER", None)
    world.ca.arm("GETLASTORDER", Fault.server_error())
    world.read(running)
    assert Certificate.objects.get(name="example.net").serial_number == "0A0B"
    assert progress_of(running).has_certificate
