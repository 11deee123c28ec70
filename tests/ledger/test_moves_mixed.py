"""Moves between pre-validations, mixed with additions, removals and lost answers in any order: CA and portal agree."""

from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest
from django.utils import timezone

from accounts.errors import ServiceError
from subscriptions.ledger import clock
from subscriptions.models import Domain, Operation, Prevalidation, Subscription
from subscriptions.sandbox import Fault
from subscriptions.selectors.anchor_moves import plan_of
from subscriptions.services.anchor_moves import confirm_move
from subscriptions.worker import claiming
from tests import cast
from tests.ledger.world import World

State = Operation.State
STEPS = 50
FAULTS = (
    ("UPDATEDOMAINS", Fault.cut_before()),
    ("UPDATEDOMAINS", Fault.cut_after()),
    ("UPDATEDOMAINS", Fault.error("permission")),
    ("UPDATEDOMAINS", Fault.server_error(after=True)),
    ("ADDDOMAIN", Fault.cut_before()),
    ("ADDDOMAIN", Fault.cut_after()),
    ("LISTDOMAINS", Fault.wrong_json()),
)


class Business:
    """Two OV subscriptions of one organization, with two pre-validations between which their names go."""

    def __init__(self, world: World, random: Random) -> None:
        self.world, self.random = world, random
        self.both = [world.prevalidation, cast.make_prevalidation(world.customer, number="880000002")]
        self.subscriptions = [world.run(world.ready_subscription("OV"), f"{one}.example.com") for one in ("a", "b")]
        self.number = 0

    def step(self) -> None:
        """Do one thing."""
        steps: list[Callable[[], object]] = [
            self.order,
            self.move,
            self.work,
            self.work,
            self.work,
            self.fail,
            self.wait,
        ]
        steps += [self.read, self.remove, self.kill]
        with suppress(ServiceError):
            self.random.choice(steps)()

    def order(self) -> None:
        """Order a name under one of the two."""
        subscription = self._one()
        subscription.prevalidation = self.random.choice(self.both)
        self.number += 1
        self.world.order(subscription, [f"n{self.number}.example.net"])

    def remove(self) -> None:
        """Have a name taken out."""
        subscription = self._one()
        if subscription.domains.present().count() > 1:
            self.world.removal(subscription, subscription.domains.present().order_by("name")[0].name)

    def move(self) -> None:
        """Confirm that the names go to the other one; one that was replaced is valid again."""
        old, new = self.random.sample(self.both, 2)
        Prevalidation.objects.update(recorded_status="valid")
        confirm_move(actor=self.world.staff, old=old, new=new, seen=plan_of(old, timezone.now()).seen)

    def work(self) -> None:
        """A worker takes something that is queued."""
        if queued := list(Operation.objects.filter(state=State.QUEUED)):
            self.world.work(self.random.choice(queued))

    def kill(self) -> None:
        """A worker claims something and is gone, before or after it was sent."""
        if queued := list(Operation.objects.filter(state=State.QUEUED)):
            claim = claiming.claim_operation(self.random.choice(queued).pk, client=self.world.caas, worker="gone")
            if claim is not None and self.random.random() < 0.5:
                claim.last_look()

    def fail(self) -> None:
        """The next call of an action goes wrong."""
        self.world.ca.arm(*self.random.choice(FAULTS))

    def wait(self) -> None:
        """Time passes; the sweeps run."""
        self.world.clock.advance(minutes=self.random.choice([1, 6, 20]))
        claiming.reap_dead_claims(clock.now())
        for operation in Operation.objects.filter(state=State.UNKNOWN):
            self.world.settle(operation)

    def read(self) -> None:
        """A reading of a subscription."""
        self.world.read(self._one())

    def _one(self) -> Subscription:
        return Subscription.objects.get(pk=self.random.choice(self.subscriptions).pk)

    def come_to_rest(self) -> None:
        """Nothing goes wrong any more, and all goes on until it is done or waits for a person."""
        self.world.ca.disarm()
        for _ in range(40):
            self.wait()
            self.world.clock.advance(minutes=10)
            for operation in Operation.objects.filter(state=State.QUEUED).order_by("pk"):
                self.world.work(operation)
            if not Operation.objects.filter(state__in=Operation.WORKING).exists():
                break
        for subscription in self.subscriptions:
            self.world.read(subscription)


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_ca_and_portal_agree(world: World, seed: int) -> None:
    business = Business(world, Random(seed))  # noqa: S311 - a story
    for _ in range(STEPS):
        business.step()
    business.come_to_rest()

    assert not Operation.objects.filter(state__in=Operation.WORKING).exists()
    for subscription in business.subscriptions:
        account = world.binding(subscription).acme_account_id
        at_the_ca = {one.name: one.ov_anchor_order_number for one in world.caas.list_domains(acme_account_id=account)}
        here = dict(subscription.domains.present().values_list("name", "ov_anchor_order_number"))
        assert here == at_the_ca
    assert world.charged_by_ca() <= world.charged_in_ledger()  # refunds are booked apart
    replaced = Prevalidation.objects.filter(recorded_status="replaced").values("ov_anchor_order_number")
    assert not Domain.objects.present().filter(ov_anchor_order_number__in=replaced).exists()
    assert world.changes("UPDATEDOMAINS") > 0
    assert world.findings() == {}
