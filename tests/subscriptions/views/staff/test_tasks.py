"""The dashboard's tasks: each leads to exactly what it counts, can be marked as seen, and goes with its fact."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Customer, Invitation, Mail, Matter, User
from subscriptions.kinds import new_removal
from subscriptions.ledger import moves
from subscriptions.models import (
    Certificate,
    CustomerRequest,
    Domain,
    Finding,
    Operation,
    Order,
    Prevalidation,
    Quote,
    Subscription,
    UnassignedAccount,
)
from subscriptions.selectors.person_tasks import Task
from subscriptions.selectors.task_sorts import SORTS
from tests import cast

URL = reverse("subscriptions:dashboard")


class World:
    """Makes, for each task, a row that it counts, rows that it does not, and what takes a row out of it again."""

    def __init__(self, customer: Customer, operator: User) -> None:
        self.customer, self.operator, self.now = customer, operator, timezone.now()

    def order(self, state: str, **fields: Any) -> Operation:
        subscription = cast.make_subscription(self.customer)
        return cast.end_operation(cast.make_order(cast.make_quote(subscription)).operations.get(), state, **fields)

    def attention(self) -> Operation:
        self.order("refused")
        return self.order("attention", finished_at=None)

    def stopped(self) -> Order:
        as_confirmed, charged = (
            self.order("succeeded", charged=amount, charged_currency="USD") for amount in ("95.00", "96.00")
        )
        cast.make_domain(charged.subscription, charged.domain_name)
        yesterday = self.now - timedelta(days=1)
        both = Order.objects.filter(operations__in=[as_confirmed, charged])
        Order.objects.filter(pk__in=both).update(stopped_at=yesterday, stop_reason="Too much.")
        return Order.objects.get(operations=charged)

    def findings(self) -> Finding:
        cast.make_finding(cast.make_subscription(self.customer), state="closed")
        return cast.make_finding(cast.make_subscription(self.customer))

    def refunds_not_seen(self) -> Operation:
        ended = self.now - timedelta(days=2)
        removals = []
        for charged in (None, "95.00"):
            bought = self.order("succeeded", charged=charged, finished_at=self.now - timedelta(days=9))
            Subscription.objects.filter(pk=bought.subscription_id).update(expires_at=self.now + timedelta(days=300))
            name = cast.make_domain(bought.subscription, bought.domain_name, operation=bought)
            removal = new_removal(name, created_by=self.operator)
            moves.queue([removal], by=moves.Author(), reason="Confirmed.")
            cast.end_operation(removal, "succeeded", finished_at=ended)
            Domain.objects.filter(pk=name.pk).update(removal=removal, removed_at=ended)
            removals.append(removal)
        return removals[1]

    def unassigned(self) -> UnassignedAccount:
        cast.make_unassigned(state="not_ours")
        return cast.make_unassigned()

    def unread_keys(self) -> UnassignedAccount:
        cast.make_unassigned()
        made = Subscription.objects.create(customer=self.customer, server=cast.make_server(), term_years=1)
        return cast.make_unassigned(state="assigned", subscription=made, problem="The CA does not list it.")

    def lapsed(self) -> Subscription:
        cast.make_subscription(self.customer, expires_at=self.now - timedelta(days=40))
        return cast.make_subscription(self.customer, expires_at=self.now - timedelta(days=2))

    def lapsing(self) -> Subscription:
        cast.make_subscription(self.customer, expires_at=self.now + timedelta(days=150))
        return cast.make_subscription(self.customer, expires_at=self.now + timedelta(days=20))

    def not_created(self) -> Operation:
        long_ago, made = (cast.make_subscription(self.customer, is_ready=False) for _ in range(2))
        for subscription, days in ((long_ago, 8), (made, 1)):
            ended = self.now - timedelta(days=days)
            cast.end_operation(subscription.operations.get(), "refused", finished_at=ended)
            Subscription.objects.filter(pk=subscription.pk).update(creation="failed")
        return made.operations.get()

    def requests(self) -> CustomerRequest:
        for state in ("quoted", "done"):
            cast.make_request(cast.make_subscription(self.customer), "a.example.com", state=state)
        return cast.make_request(cast.make_subscription(self.customer), "b.example.com")

    def no_price(self) -> Quote:
        answered = cast.make_subscription(self.customer)
        for subscription in (answered, cast.make_subscription(self.customer)):
            quote = cast.make_quote(subscription, {"bad.example": None}, state="refused", created_by=self.operator)
        cast.make_quote(answered)  # the CA has given a price since
        return quote

    def waits_for_nobody(self) -> Subscription:
        contoso = cast.make_customer()
        Invitation.objects.create(
            customer=contoso, email="carla@contoso.example", expires_at=self.now + timedelta(days=1)
        )
        cast.make_subscription(contoso, hand_over_pending_since=self.now)
        cast.make_subscription(self.customer)
        return cast.make_subscription(self.customer, hand_over_pending_since=self.now)

    def late_mails(self) -> Mail:
        cast.make_mail("queued", tries=0)
        return cast.make_mail("queued", tries=2, answer="No answer.", created_at=self.now - timedelta(hours=1))

    def unsent_mails(self) -> Mail:
        cast.make_mail(ended_at=self.now - timedelta(days=9))
        return cast.make_mail()

    def unreachable(self) -> Customer:
        made = [cast.make_customer() for _ in range(2)]
        for customer, solved_at in zip(made, (None, self.now), strict=True):
            fields = {"notice": "customer_unreachable", "key": str(customer.code), "began_at": self.now}
            Matter.objects.create(customer=customer, solved_at=solved_at, **fields)
        return made[0]

    def alike(self) -> Customer:
        Customer.objects.get_or_create(name="Look alike")
        Customer.objects.create(name=f"Nobody’s twin {Customer.objects.count()}", is_look_alike=True)
        return Customer.objects.create(name=f"Look {' ' * Customer.objects.count()}alike", is_look_alike=True)

    def certificate(self, **fields: Any) -> Certificate:
        """One in trouble whose subscription runs, and one like it whose subscription is over."""
        over = cast.make_subscription(self.customer, expires_at=self.now - timedelta(days=90))
        running = cast.make_subscription(self.customer, expires_at=self.now + timedelta(days=200))
        long_ago = {"valid_from": self.now - timedelta(days=80)}
        for subscription in (over, running):
            made = cast.make_certificate(cast.make_domain(subscription, "www.example.com"), **long_ago | fields)
        return made

    def ending(self, days: int) -> Prevalidation:
        one, other = (
            cast.make_prevalidation(self.customer, valid_until=self.now.date() + timedelta(days=days)) for _ in range(2)
        )
        ov = cast.make_server("OV")
        anchors = (one.ov_anchor_order_number, other.ov_anchor_order_number)
        for anchor, expires in zip(anchors, (300, -40), strict=True):  # the other's names are out of reach
            of = cast.make_subscription(self.customer, ov, expires_at=self.now + timedelta(days=expires))
            cast.make_domain(of, f"n{anchor}.example.com", ov_anchor_order_number=anchor)
        return one


# For each task: what makes a row of it, and what ends the fact of all there are.
MAKERS: dict[str, tuple[Callable[[World], Any], Callable[[], object]]] = {
    "certificates-revoked": (
        lambda world: world.certificate(revoked_at=world.now),
        lambda: Certificate.objects.update(standing="issued"),
    ),
    "certificates-expired": (
        lambda world: world.certificate(days=-1),
        lambda: Domain.objects.update(removed_at="2026-01-01T00:00Z"),
    ),
    "certificates-failing": (
        lambda world: world.certificate(ordered_failed_since=world.now, failed_code=3),
        lambda: Subscription.objects.update(account_state="suspended"),
    ),
    "certificates-late": (lambda world: world.certificate(days=10), lambda: Certificate.objects.update(late_at=None)),
    "requests": (World.requests, lambda: CustomerRequest.objects.update(state="declined")),
    "attention": (World.attention, lambda: Operation.objects.update(state="canceled")),
    "stopped": (World.stopped, lambda: Domain.objects.update(removed_at=timezone.now())),
    "findings": (World.findings, lambda: Finding.objects.update(state="closed")),
    "refunds-not-seen": (World.refunds_not_seen, lambda: Domain.objects.update(removal=None)),
    "unassigned": (World.unassigned, lambda: UnassignedAccount.objects.update(state="not_ours")),
    "unread-keys": (World.unread_keys, lambda: UnassignedAccount.objects.update(problem="")),
    "lapsed": (World.lapsed, lambda: Subscription.objects.update(expires_at=timezone.now() + timedelta(days=365))),
    "ended": (lambda world: world.ending(-1), lambda: Domain.objects.update(removed_at=timezone.now())),
    "ending-7": (lambda world: world.ending(5), lambda: Prevalidation.objects.update(recorded_status="replaced")),
    "ending-30": (lambda world: world.ending(20), lambda: Prevalidation.objects.update(recorded_status="replaced")),
    "ending-60": (lambda world: world.ending(50), lambda: Prevalidation.objects.update(valid_until="2999-01-01")),
    "not-created": (World.not_created, lambda: Subscription.objects.update(creation="created")),
    "no-price": (World.no_price, lambda: Quote.objects.update(state="ready")),
    "waits-for-nobody": (
        World.waits_for_nobody,
        lambda: Subscription.objects.update(hand_over_pending_since=None),
    ),
    "unreachable": (World.unreachable, lambda: Matter.objects.update(closed_at=timezone.now())),
    "late-mails": (World.late_mails, lambda: Mail.objects.update(state="sent")),
    "unsent-mails": (World.unsent_mails, lambda: Mail.objects.update(state="sent")),
    "alike": (World.alike, lambda: Customer.objects.update(plain_name=F("code"))),
    "lapsing": (World.lapsing, lambda: Subscription.objects.update(expires_at=timezone.now() + timedelta(days=365))),
}


@pytest.fixture
def world(customer: Customer, operator: User) -> World:
    return World(customer, operator)


def task_of(client: Client, name: str, among: str = "tasks") -> Task | None:
    tasks = {task.name: task for task in client.get(URL).context[among]}
    return tasks.get(name)


def mark(client: Client, name: str) -> str:
    """Mark a task as seen as the page offers it, and give what the next page says."""
    task = task_of(client, name)
    assert task is not None
    response = client.post(reverse("subscriptions:task-seen", args=[name]), {"version": task.version}, follow=True)
    return response.content.decode()


def test_every_task_is_tried_here() -> None:
    # What has no list of its own is tried with its page (`test_schedule.py`).
    assert set(MAKERS) == {sort.name for sort in SORTS if not sort.page}


@pytest.mark.parametrize("name", MAKERS)
def test_it_leads_to_exactly_what_it_counts(admin_client: Client, world: World, name: str) -> None:
    make, _ = MAKERS[name]
    made = [make(world)]
    task = task_of(admin_client, name)
    assert task is not None
    assert (task.number, str(made[0].code) in task.url) == (1, True)
    assert admin_client.get(task.url).status_code == 200

    made += [make(world), make(world)]
    task = task_of(admin_client, name)
    assert task is not None
    listed = admin_client.get(task.url)
    assert {row.record for row in listed.context["table"].rows} == set(made)
    assert (
        task.number == len(made) == int("".join(one for one in task.title.split("in the last")[0] if one.isdigit())[:1])
    )
    assert "selected" in str(listed.context["filter"].form["task"])


@pytest.mark.parametrize("name", MAKERS)
def test_it_goes_with_its_fact(admin_client: Client, world: World, name: str) -> None:
    make, end = MAKERS[name]
    made = make(world)
    assert task_of(admin_client, name) is not None

    end()

    assert task_of(admin_client, name) is None
    kind = next(sort.of for sort in SORTS if sort.name == name)
    listed = admin_client.get(reverse(f"subscriptions:{kind}-list"), {"task": name})
    assert made not in [row.record for row in listed.context["table"].rows]


@pytest.mark.parametrize("name", MAKERS)
def test_seen_it_is_away_until_there_is_something_new(admin_client: Client, world: World, name: str) -> None:
    make, _ = MAKERS[name]
    make(world)
    make(world)

    assert "Marked as seen, for you." in mark(admin_client, name)

    assert task_of(admin_client, name) is None
    assert task_of(admin_client, name, "seen_tasks") is not None
    make(world)
    task = task_of(admin_client, name)
    assert task is not None
    assert task.number == 3


def test_it_is_seen_by_one_person(admin_client: Client, staff_client: Client, world: World) -> None:
    world.attention()

    mark(admin_client, "attention")

    assert task_of(staff_client, "attention") is not None


def test_what_is_settled_does_not_bring_it_back_but_what_becomes_of_a_row_does(
    admin_client: Client, world: World
) -> None:
    first, second = world.lapsing(), world.lapsing()
    mark(admin_client, "lapsing")

    Subscription.objects.filter(pk=first.pk).update(expires_at=world.now + timedelta(days=365))
    assert task_of(admin_client, "lapsing") is None
    Subscription.objects.filter(pk=second.pk).update(expires_at=world.now + timedelta(days=21))
    assert task_of(admin_client, "lapsing") is not None


def test_it_is_shown_again(admin_client: Client, world: World, reseller_admin: User) -> None:
    world.attention()
    mark(admin_client, "attention")
    assert "1 task that you have seen" in admin_client.get(URL).content.decode()

    admin_client.post(reverse("subscriptions:task-unseen", args=["attention"]))

    assert task_of(admin_client, "attention") is not None
    events = AuditEvent.objects.filter(actor_code=reseller_admin.code, action__startswith="task.").order_by("pk")
    title = "1 operation needs attention"
    assert [(event.action, event.detail["title"]) for event in events] == [
        ("task.seen", title),
        ("task.shown_again", title),
    ]


def test_what_came_after_the_page_is_not_marked_with_it(admin_client: Client, world: World) -> None:
    world.attention()
    task = task_of(admin_client, "attention")
    assert task is not None
    world.attention()

    url = reverse("subscriptions:task-seen", args=["attention"])
    page = admin_client.post(url, {"version": task.version}, follow=True).content.decode()

    assert "It was not marked as seen." in page
    assert task_of(admin_client, "attention") is not None
    gone = admin_client.post(reverse("subscriptions:task-seen", args=["findings"]), follow=True).content.decode()
    assert "there is nothing left to mark as seen" in gone


def test_of_very_many_it_comes_back_when_their_number_changes(
    admin_client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subscriptions.selectors.person_tasks.MOST_TOLD_APART", 2)
    for _ in range(3):
        world.attention()
    mark(admin_client, "attention")
    assert task_of(admin_client, "attention") is None

    world.attention()
    task = task_of(admin_client, "attention")
    assert task is not None
    assert task.number == 4
