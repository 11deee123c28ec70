"""Ordinary business raises no finding: what the portal does at the CA explains all that the CA lists."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.ledger.reading import current
from subscriptions.models import Domain, Finding, Operation, Subscription, Transaction
from subscriptions.rules.terms import extension_window
from subscriptions.selectors.terms import why_no_name_can_be_added
from subscriptions.services.names import remove_names
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
    operation = remove_names(actor=world.staff, domains=[domain])[0]
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED, operation.events.last()
    _read(world, subscription)


def _extend(world: World, subscription: Subscription) -> None:
    """Extend as soon as the CA takes it, or, after the end, as long as it does."""
    subscription.refresh_from_db()
    if subscription.expires_at is None or not _names(subscription):
        return
    window = extension_window(subscription.expires_at)
    if window.is_over(world.clock.instant):
        return
    world.clock.instant = max(world.clock.instant, window.opens_at)
    operation = world.extension(subscription, years=2)
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED, operation.events.last()
    subscription.refresh_from_db()
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
    world.clock.advance(days=32)  # until then the CA lets a term be extended only
    _read(world, subscription)
    _buy(world, subscription, "new.example.org")
    _buy(world, subscription, "shop.example.org", companions=True)  # of the first term as well
    _remove(world, subscription, "new.example.org")
    # The CA goes on listing what was there at the end of the first term, with the end of that.
    assert _names(subscription) == {"shop.example.org", "www.shop.example.org"}
    assert world.charged_by_ca() > 0


def test_the_last_name_of_a_second_term_is_removed(world: World) -> None:
    """The CA lists it with the end of the first term then, as the names that stood beside it there."""
    subscription = world.ready_subscription()
    _buy(world, subscription, "example.com", "shop.example.com")
    world.clock.advance(days=400)
    _read(world, subscription)
    _buy(world, subscription, "shop.example.com")
    world.clock.advance(days=30)
    _remove(world, subscription, "shop.example.com")
    _is_written_down(world, subscription)


DAYS = {"a day": 1, "29 days": 29, "31 days": 31, "400 days": 400}
STEPS = st.sampled_from(["add", "add with companions", "remove", "remove", "extend", *DAYS])


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEPS, min_size=2, max_size=7), data=st.data())
def test_any_order_of_business(world: World, steps: list[str], data: st.DataObject) -> None:
    Finding.objects.all().delete()
    subscription = world.ready_subscription()
    stem = f"business{subscription.pk}.com"
    candidates = [stem, f"www.{stem}", f"*.{stem}", f"shop.{stem}", f"other{stem}"]
    for step in steps:
        subscription.refresh_from_db()
        there, now = _names(subscription), world.clock.instant
        is_over = subscription.expires_at is not None and subscription.expires_at <= now
        if step in DAYS:
            world.clock.advance(days=DAYS[step])
            _read(world, subscription)
        elif step == "extend":
            _extend(world, subscription)
        elif is_over and why_no_name_can_be_added(subscription, now):
            continue
        elif step == "remove" and there and not is_over:
            _remove(world, subscription, data.draw(st.sampled_from(sorted(there))))
        elif free := [name for name in candidates if is_over or name not in there]:
            chosen = data.draw(st.lists(st.sampled_from(free), min_size=1, max_size=2, unique=True))
            _buy(world, subscription, *chosen, companions=step == "add with companions")
    _is_written_down(world, subscription)


def _is_written_down(world: World, subscription: Subscription) -> None:
    account = world.binding(subscription).acme_account_id
    listed = current(world.caas.list_domains(acme_account_id=account), world.clock.instant)
    gone = Domain.objects.filter(subscription=subscription, removal__isnull=False)
    removed = {name: at for name, at in gone.order_by("removed_at").values_list("name", "removed_at") if at}
    # What was removed in a later term is listed with the end of the one before.
    kept = {
        one.name
        for one in listed
        if not (one.name in removed and one.expires_at and one.expires_at < removed[one.name])
    }
    assert kept == _names(subscription)
    explained = Transaction.objects.filter(binding__subscription=subscription).exclude(explained="")
    # The CA lists those of the last term alone.
    numbers = {one.ca_order_number for one in world.caas.list_transactions(acme_account_id=account)}
    assert numbers <= set(explained.values_list("ca_order_number", flat=True))
    assert not Transaction.objects.filter(binding__subscription=subscription, explained="").exists()
