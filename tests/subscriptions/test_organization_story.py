"""The life of an organization's pre-validation, through the real pages, with the CA's clock moved on.

Recorded, names added under it, warned of at 60, 30 and 7 days, lapsed, followed by a new one to which its names are
moved: one at once, one whose answer is lost, one that the CA refuses first.
"""

import html
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.roles import CustomerRole
from subscriptions.models import AcmeServer, Operation, Prevalidation, Quote, Subscription
from subscriptions.sandbox import Fault
from subscriptions.worker import pricing
from tests import cast
from tests.ledger.world import World

DASHBOARD = reverse("subscriptions:dashboard")
OLD, NEW = "880000011", "880000012"
State = Operation.State


def text_of(response: Any) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


class Staff:
    """A reseller admin at the pages, a worker behind them."""

    def __init__(self, world: World) -> None:
        self.world, self.client = world, Client()
        self.sign_in()

    def sign_in(self) -> None:
        """Begin another day's work."""
        cast.sign_in(self.client, self.world.staff)

    def get(self, route: str, *codes: object) -> Any:
        """Open a page."""
        return self.client.get(reverse(f"subscriptions:{route}", args=codes))

    def post(self, route: str, *codes: object, **typed: Any) -> Any:
        """Send what was typed on a page."""
        return self.client.post(reverse(f"subscriptions:{route}", args=codes), typed)

    def days(self, number: int) -> None:
        """Days pass."""
        self.world.clock.advance(days=number)
        self.sign_in()

    def tasks(self) -> list[str]:
        """What the dashboard asks for about pre-validations."""
        tasks = self.client.get(DASHBOARD).context["tasks"]
        return [task.title for task in tasks if "pre-validation" in task.title]

    def record(self, number: str, days: int) -> Prevalidation:
        """Record a pre-validation that holds for so many days yet."""
        last = (timezone.now() + timedelta(days=days)).date()
        answer = self.post(
            "prevalidation-add",
            customer="Northwind Traders",
            type="OV",
            recorded_status="valid",
            organization_name="Northwind Traders Ltd",
            ov_anchor_order_number=number,
            valid_until=last.isoformat(),
        )
        assert answer.status_code == 302
        return Prevalidation.objects.get(ov_anchor_order_number=number)

    def new_subscription(self, prevalidation: Prevalidation, label: str) -> Subscription:
        """Have an ACME account made."""
        server = AcmeServer.objects.get(validation_type="OV")
        answer = self.post(
            "subscription-add", customer="Northwind Traders", server=server.code, term_years=1, label=label,
            prevalidation=prevalidation.code, form_token=uuid4(),
        )  # fmt: skip
        assert answer.status_code == 302
        subscription = Subscription.objects.get(label=label)
        self.world.work(subscription.operations.get())
        Subscription.objects.filter(pk=subscription.pk).update(shown_at=timezone.now())  # as after its hand-over
        return subscription

    def ask(self, subscription: Subscription, name: str, prevalidation: Prevalidation) -> Any:
        """Ask for the price of a name."""
        return self.post(
            "domain-add", subscription.code, names=name, prevalidation=prevalidation.code, form_token=uuid4()
        )

    def add(self, subscription: Subscription, name: str, prevalidation: Prevalidation) -> None:
        """Add a name: ask for its price, confirm it, and a worker adds it."""
        assert self.ask(subscription, name, prevalidation).status_code == 302
        quote = Quote.objects.latest("pk")
        pricing.price(quote.pk, client=self.world.caas)
        assert self.post("quote-confirm", quote.code).status_code == 302
        operation = subscription.operations.get(domain_name=name)
        self.world.work(operation)
        operation.refresh_from_db()
        assert operation.state == State.SUCCEEDED

    def move(self, old: Prevalidation) -> list[Operation]:
        """Confirm the move that the page offers."""
        form = self.get("prevalidation-move", old.code).context["form"]
        sent = {name: form[name].value() or "" for name in ("new", "seen", "reason")}
        before = list(Operation.objects.values_list("pk", flat=True))
        assert self.post("prevalidation-move", old.code, **sent).status_code == 302
        return list(Operation.objects.exclude(pk__in=before).order_by("pk"))


@pytest.fixture
def staff(world: World) -> Staff:
    world.prevalidation.delete()
    return Staff(world)


def test_from_the_record_to_the_move(world: World, staff: Staff) -> None:
    old = staff.record(OLD, days=70)
    three = [staff.new_subscription(old, label) for label in ("Shop", "Intranet", "Mail")]
    for subscription in three:
        staff.add(subscription, f"{subscription.label.lower()}.example.com", old)
    _is_warned(staff, old)
    _lapses(world, staff, old, three[0])

    new = staff.record(NEW, days=365)
    assert "Move them here" in text_of(staff.get("prevalidation-detail", new.code))
    charged = world.charged_by_ca()
    _is_moved(world, staff, old, three)

    assert world.charged_by_ca() == charged
    old.refresh_from_db()
    assert (old.recorded_status, old.replaced_by) == ("replaced", new)
    assert "Replaced" in text_of(staff.get("prevalidation-detail", old.code))
    staff.add(three[0], "new.example.com", new)
    assert [row.record.name for row in staff.get("prevalidation-detail", new.code).context["names"].rows] == [
        "intranet.example.com", "mail.example.com", "new.example.com", "shop.example.com",
    ]  # fmt: skip
    assert staff.tasks() == []
    assert world.charged_by_ca() == world.charged_in_ledger()
    for subscription in three:
        world.read_twice(subscription)
    assert world.findings() == {}


def _is_warned(staff: Staff, old: Prevalidation) -> None:
    seen = []
    for days in (9, 1, 29, 1, 22, 1):
        staff.days(days)
        seen.append(staff.tasks())
    assert seen == [
        [],
        ["1 pre-validation ends in 31 to 60 days"],
        ["1 pre-validation ends in 31 to 60 days"],
        ["1 pre-validation ends in 8 to 30 days"],
        ["1 pre-validation ends in 8 to 30 days"],
        ["1 pre-validation ends within 7 days"],
    ]
    staff.days(7)  # its last day
    assert staff.tasks() == ["1 pre-validation ends within 7 days"]
    assert "Expiring" in text_of(staff.get("prevalidation-detail", old.code))


def _lapses(world: World, staff: Staff, old: Prevalidation, subscription: Subscription) -> None:
    owner = cast.make_user("olga@northwind.example")
    cast.add_person(world.customer, owner, CustomerRole.OWNER)
    staff.days(1)
    assert staff.tasks() == ["1 pre-validation has lapsed"]

    refused = staff.ask(subscription, "later.example.com", old)
    assert "has passed: no name can be added under it until it is renewed." in text_of(refused)
    mine = text_of(cast.sign_in(Client(), owner).get(reverse("subscriptions:my-organizations")))
    assert "Ask your provider to have it validated anew" in mine

    staff.post("renewal-mode", mode="automatic")
    assert "the CA renews it by itself" in text_of(staff.get("domain-add", subscription.code))
    assert staff.ask(subscription, "later.example.com", old).status_code == 302
    staff.post("renewal-mode", mode="manual")
    quote = Quote.objects.latest("pk")
    pricing.price(quote.pk, client=world.caas)
    assert "Nothing was ordered" in text_of(staff.post("quote-confirm", quote.code))


def _is_moved(world: World, staff: Staff, old: Prevalidation, three: list[Subscription]) -> None:
    first, lost, refused = staff.move(old)
    world.work(first)
    world.ca.arm("UPDATEDOMAINS", Fault.cut_after())
    world.work(lost)
    world.ca.arm("UPDATEDOMAINS", Fault.error("permission"))
    world.work(refused)
    assert staff.get("prevalidation-detail", old.code).context["progress"].working == 1
    world.clock.advance(minutes=1)
    world.work(lost)
    world.settle(lost)

    page = staff.get("prevalidation-detail", old.code)
    assert [row.record.name for row in page.context["names"].rows] == ["mail.example.com"]
    assert "You do not have permission for this request." in text_of(page)
    assert "Not all of its names were moved" in text_of(page)
    assert Prevalidation.objects.get(pk=old.pk).recorded_status == "valid"

    (again,) = staff.move(old)
    assert again.subscription == three[2]
    world.work(again)
    assert world.changes("UPDATEDOMAINS") == 4
