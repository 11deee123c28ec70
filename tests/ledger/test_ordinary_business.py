"""Ordinary business raises no finding: what the portal does at the CA explains all that the CA lists."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.models import Domain, Finding, Operation, Subscription, Transaction
from subscriptions.services.names import remove_name
from tests.ledger.world import World

State = Operation.State


def _read(world: World, subscription: Subscription) -> None:
    """One reading soon, and two late enough for anything that two of them are to show."""
    for minutes in (1, 17, 6):
        world.clock.advance(minutes=minutes)
        world.read(subscription)
        assert [(one.sort, one.state, one.lines) for one in Finding.objects.all()] == []


def _buy(world: World, subscription: Subscription, *names: str, companions: bool = False) -> None:
    subscription.refresh_from_db()
    for operation in world.order(subscription, names, add_companions=companions).operations.order_by("turn"):
        world.work(operation)
        operation.refresh_from_db()
        assert operation.state == State.SUCCEEDED, operation.events.last()
    _read(world, subscription)


def _remove(world: World, subscription: Subscription, name: str) -> None:
    domain = Domain.objects.present().get(subscription=subscription, name=name)
    operation = remove_name(actor=world.staff, domain=domain)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED, operation.events.last()
    _read(world, subscription)


def _names(subscription: Subscription) -> set[str]:
    return set(Domain.objects.present().filter(subscription=subscription).values_list("name", flat=True))


def test_two_terms(world: World) -> None:
    subscription = world.ready_subscription()
    _read(world, subscription)
    _buy(world, subscription, "example.com")
    _buy(world, subscription, "shop.example.org", "*.example.net", companions=True)
    world.clock.advance(days=29)
    _remove(world, subscription, "*.example.net")
    assert Transaction.objects.filter(kind=Transaction.REFUND).count() == 1
    _buy(world, subscription, "*.example.net")  # bought again, without the companion it had
    _buy(world, subscription, "example.net")  # which comes free now
    world.clock.advance(days=40)
    _remove(world, subscription, "shop.example.org")  # too late for a refund
    assert Transaction.objects.filter(kind=Transaction.REFUND).count() == 1
    _buy(world, subscription, "shop.example.org", companions=True)
    _remove(world, subscription, "shop.example.org")
    assert _names(subscription) == {"example.com", "*.example.net", "example.net"}

    subscription.refresh_from_db()
    assert subscription.expires_at is not None
    world.clock.instant = subscription.expires_at + timedelta(minutes=1)
    _read(world, subscription)
    world.clock.advance(days=31)  # until then the CA lets a term be extended only
    _read(world, subscription)
    # The first name after that starts another term; no page offers it yet.
    Subscription.objects.update(expires_at=None)
    _buy(world, subscription, "new.example.org")
    _buy(world, subscription, "shop.example.org", companions=True)  # of the first term as well
    _remove(world, subscription, "new.example.org")
    # The sandbox goes on listing what was there at the end of the first term.
    assert _names(subscription) >= {"shop.example.org", "www.shop.example.org"}
    assert "new.example.org" not in _names(subscription)
    assert world.charged_by_ca() > 0


STEPS = st.sampled_from(["add", "add with companions", "remove", "remove", "a day", "29 days", "31 days"])


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEPS, min_size=2, max_size=7), data=st.data())
def test_any_order_of_business(world: World, steps: list[str], data: st.DataObject) -> None:
    Finding.objects.all().delete()
    subscription = world.ready_subscription()
    stem = f"business{subscription.pk}.com"
    candidates = [stem, f"www.{stem}", f"*.{stem}", f"shop.{stem}", f"other{stem}"]
    for step in steps:
        there = _names(subscription)
        if step.endswith(("day", "days")):
            world.clock.advance(days={"a day": 1, "29 days": 29, "31 days": 31}[step])
            _read(world, subscription)
        elif step == "remove" and there:
            _remove(world, subscription, data.draw(st.sampled_from(sorted(there))))
        elif free := [name for name in candidates if name not in there]:
            chosen = data.draw(st.lists(st.sampled_from(free), min_size=1, max_size=2, unique=True))
            _buy(world, subscription, *chosen, companions=step == "add with companions")
    _is_written_down(world, subscription)


def _is_written_down(world: World, subscription: Subscription) -> None:
    account = world.binding(subscription).acme_account_id
    assert {one.name for one in world.caas.list_domains(acme_account_id=account)} == _names(subscription)
    explained = Transaction.objects.filter(binding__subscription=subscription).exclude(explained="")
    assert explained.count() == len(world.caas.list_transactions(acme_account_id=account))
