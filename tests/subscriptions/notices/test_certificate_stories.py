"""What a customer is told while their clients renew, fail and stop: the CA's lists, the readings, and one clock."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail

from accounts import sending
from accounts.models import Customer
from subscriptions.models import Certificate, Subscription
from subscriptions.worker.certificates import reckon
from tests import cast
from tests.accounts.told import watch
from tests.ledger.conftest import *  # noqa: F403 - the world and its clock
from tests.ledger.test_certificates import order
from tests.ledger.world import World

NAME = "first.example.com"
LOOKS = 3  # within each span of a story
pytestmark = pytest.mark.servers


@pytest.fixture
def running(world: World) -> Subscription:
    """A subscription of three years with one name, whose owner gets everything at once."""
    owner = cast.make_user("olga@northwind.example", name="Olga Owner")
    cast.add_person(world.customer, owner, "owner")
    subscription = world.run(world.ready_subscription())
    watch()
    django_mail.outbox.clear()
    return subscription


class Told:
    """The days that pass, each with a reading and a look; and what was mailed in them."""

    def __init__(self, world: World, subscription: Subscription) -> None:
        self.world, self.subscription = world, subscription
        self.orders: list[dict[str, Any]] = []
        world.rewrite("GETLASTORDER", lambda answer: answer.update(Orders=list(self.orders)))

    def lists(self, *orders: dict[str, Any]) -> None:
        """From now on the CA lists these as the last orders."""
        self.orders = list(orders)

    def days(self, number: float) -> list[str]:
        """Let days pass; give the subjects of the mails about certificates in them."""
        django_mail.outbox.clear()
        for _ in range(LOOKS):
            self.world.clock.advance(days=number / LOOKS)
            self.world.read(self.subscription)
            watch()
            self.world.clock.advance(minutes=20)  # what is solved is said a little later
            watch()
            sending.send_due()
        return [title for one in django_mail.outbox for title in self._titles(str(one.body))]

    def _titles(self, body: str) -> list[str]:
        words = ("renewal", "order of", "certificate", "Solved")
        lines = [line.strip() for line in body.splitlines()]
        return [line for line in lines if any(word in line for word in words) and line.endswith(self._ENDS)]

    _ENDS = ("is late", "failed", "has expired", "was revoked", "has a new certificate", "was issued")

    def bodies(self) -> str:
        return "\n".join(str(one.body) for one in django_mail.outbox)


def test_not_renewed_it_is_told_late_then_why_then_expired_then_solved_and_then_quiet(
    world: World, running: Subscription
) -> None:
    told = Told(world, running)
    told.lists(order(world, 1))
    assert told.days(2) == [f"The first certificate of {running.title} was issued"]
    assert told.days(63) == [], "due, and quiet"

    assert told.days(6) == [f"The renewal of {NAME} is late"]
    assert "Look whether the ACME client still runs" in told.bodies()
    assert told.days(6) == []

    told.lists(order(world, 2, 3, statusDesc="CAA record prevents issuance"))
    assert told.days(2) == [f"The last order of {NAME} failed"]
    assert "code 3: CAA record prevents issuance" in told.bodies()
    assert told.days(5) == []

    assert told.days(9) == [f"The certificate of {NAME} has expired"]
    assert told.days(6) == []

    told.lists(order(world, 3))
    assert told.days(2) == [f"Solved: {NAME} has a new certificate"]
    assert told.days(20) == []


def test_a_revoked_one_is_told_and_the_next_one_solves_it(world: World, running: Subscription) -> None:
    told = Told(world, running)
    told.lists(order(world, 1))
    told.days(2)
    told.lists(order(world, 1, 8))
    assert told.days(2) == [f"The certificate of {NAME} was revoked"]
    assert told.days(4) == []

    told.lists(order(world, 2))
    assert told.days(2) == [f"Solved: {NAME} has a new certificate"]


def test_a_replaced_one_is_quiet_until_it_is_late(world: World, running: Subscription) -> None:
    told = Told(world, running)
    told.lists(order(world, 1))
    told.days(2)
    told.lists(order(world, 1, 14, age=2))
    assert told.days(40) == []
    assert told.days(32) == [f"The renewal of {NAME} is late"]


def test_of_two_clients_the_one_that_renews_keeps_it_quiet(world: World, running: Subscription) -> None:
    told = Told(world, running)
    told.lists(order(world, 1, acmeAccountID="client-1"))
    told.days(60)
    told.lists(order(world, 2, acmeAccountID="client-2"))
    assert told.days(40) == []


def test_the_end_of_the_term_is_no_new_certificate(world: World, running: Subscription) -> None:
    told = Told(world, running)
    told.lists(order(world, 1))
    told.days(2)
    assert told.days(72) == [f"The renewal of {NAME} is late"]
    Subscription.objects.filter(pk=running.pk).update(expires_at=world.clock.instant)
    reckon(running.pk)
    world.read = lambda subscription: subscription  # type: ignore[method-assign]
    assert told.days(6) == []


def test_what_nobody_has_read_since_is_not_called_late(world: World, running: Subscription) -> None:
    told = Told(world, running)
    told.lists(order(world, 1))
    told.days(60)
    read, world.read = world.read, lambda subscription: subscription  # type: ignore[method-assign]
    assert told.days(40) == [], "the CA was not asked: the client may well have renewed"
    world.read = read  # type: ignore[method-assign]
    told.lists(order(world, 2, age=30))
    assert told.days(2) == []


@pytest.mark.parametrize("how", ["lapsed", "suspended", "archived", "removed"])
def test_what_cannot_renew_is_not_called_late(world: World, running: Subscription, how: str) -> None:
    told = Told(world, running)
    told.lists(order(world, 1))
    told.days(30)
    if how == "lapsed":
        Subscription.objects.filter(pk=running.pk).update(expires_at=world.clock.instant + timedelta(days=1))
    elif how == "suspended":
        Subscription.objects.filter(pk=running.pk).update(account_state="suspended")
    elif how == "archived":
        Customer.objects.update(archived_at=world.clock.instant)
    else:
        world.remove(running, NAME)
    if how != "removed":
        reckon(running.pk)
    world.read = lambda subscription: subscription  # type: ignore[method-assign]  # as it is from here on
    assert told.days(70) == []


def test_one_that_goes_while_it_is_late_is_not_called_solved(world: World, running: Subscription) -> None:
    told = Told(world, running)
    told.lists(order(world, 1))
    told.days(2)
    assert told.days(70) == [f"The renewal of {NAME} is late"]
    told.lists()
    world.remove(running, NAME)
    assert told.days(3) == []


def test_a_name_under_a_wildcard_that_is_renewed_stays_quiet(world: World, running: Subscription) -> None:
    world.add(running, "*.example.com")
    told = Told(world, running)
    told.lists(order(world, 1), order(world, 2, name="*.example.com"))
    told.days(60)
    told.lists(order(world, 1, age=60), order(world, 3, name="*.example.com"))
    assert told.days(40) == []
    assert Certificate.objects.get(name=NAME).covered_by is not None


def test_many_that_are_late_at_once_are_one_mail(world: World, running: Subscription) -> None:
    for number in range(3):
        world.add(running, f"www{number}.example.com")
    names = [NAME, *(f"www{number}.example.com" for number in range(3))]
    told = Told(world, running)
    told.lists(*(order(world, 10 + number, name=name) for number, name in enumerate(names)))
    told.days(60)
    titles = told.days(12)
    assert sorted(titles) == sorted(f"The renewal of {name} is late" for name in names)
    assert [one.subject.split(":")[0] for one in django_mail.outbox] == ["4 notices"]
