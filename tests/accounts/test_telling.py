"""Each matter is told once, to those who are to know; "solved" once, to those who were told."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.test import Client
from django.utils import timezone

from accounts import telling
from accounts.models import Customer, Mail, Matter, Membership, NoticeChoice, NoticeCursor, Telling, User
from accounts.roles import CustomerRole
from accounts.told_notices import Audience, MatterFound, Topic
from subscriptions.models import Subscription
from tests import cast
from tests.accounts.clock import Clock
from tests.accounts.told import HeldNotice, hold_only, send, watch, watch_until_said

pytestmark = pytest.mark.servers


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(monkeypatch)
    clock.now = datetime(2026, 6, 10, 12, tzinfo=UTC)
    return clock


@pytest.fixture(autouse=True)
def notice(monkeypatch: pytest.MonkeyPatch, no_broker: Any, clock: Clock) -> HeldNotice:
    held = HeldNotice()
    hold_only(monkeypatch, held)
    return held


def subjects() -> list[str]:
    send()
    return [str(one.subject) for one in django_mail.outbox]


def test_it_works(notice: HeldNotice, subscription: Subscription, owner: User, clock: Clock) -> None:
    notice.hold(customer_id=subscription.customer_id, subscription_code=subscription.code)
    for _ in range(3):
        watch()
        clock.forward(minutes=5)
    assert subjects() == ["Thing a is wrong"]
    message = django_mail.outbox[0]
    assert message.to == [owner.email]
    assert "Somebody has to look at it." in message.body
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    notice.found.clear()
    watch_until_said(clock)
    watch_until_said(clock)
    assert subjects() == ["Thing a is wrong", "Solved: Thing a is wrong"]
    assert Matter.objects.get().closed_at is not None
    assert Telling.objects.filter(read_at=None).count() == 2
    for message in django_mail.outbox:
        link = re.findall(r"http://localhost:8000(/notices/[0-9a-f-]{36}/)", str(message.body))
        assert cast.sign_in(Client(), owner).get(link[0]).headers["Location"] == "/"
    assert Telling.objects.filter(read_at=None).count() == 0


def test_several_at_a_time_are_one_mail(notice: HeldNotice, customer: Customer, owner: User) -> None:
    for key in "abc":
        notice.hold(key, customer_id=customer.pk)
    watch()
    assert subjects() == ["3 notices: Thing a is wrong"]
    assert all(f"Thing {key} is wrong" in django_mail.outbox[0].body for key in "abc")


def test_what_was_solved_before_it_was_told_is_never_told(
    notice: HeldNotice, customer: Customer, owner: User, clock: Clock
) -> None:
    notice.hold(customer_id=customer.pk)
    watch()  # the mail waits: the server is away
    notice.found.clear()
    watch_until_said(clock)
    assert subjects() == []
    assert Mail.objects.get().state == Mail.State.NOT_NEEDED
    watch_until_said(clock)
    assert subjects() == []


def test_what_is_over_by_the_next_digest_is_not_in_it(
    notice: HeldNotice, customer: Customer, owner: User, clock: Clock
) -> None:
    NoticeChoice.objects.create(person=owner, customer=customer, how=NoticeChoice.How.DIGEST)
    notice.hold("a", customer_id=customer.pk)
    notice.hold("b", customer_id=customer.pk)
    watch()
    assert subjects() == []
    notice.found.pop()
    watch_until_said(clock)
    clock.forward(hours=20)
    watch()
    assert subjects() == ["Thing a is wrong"]


def test_a_digest_comes_at_seven_where_its_reader_is(
    notice: HeldNotice, customer: Customer, owner: User, clock: Clock
) -> None:
    owner.time_zone = "America/New_York"
    owner.save()
    NoticeChoice.objects.create(person=owner, customer=customer, how=NoticeChoice.How.DIGEST)
    for key in "ab":
        notice.hold(key, customer_id=customer.pk)
    watch()
    assert Telling.objects.values_list("due_at", flat=True)[0] == datetime(2026, 6, 11, 11, tzinfo=UTC)
    clock.now = datetime(2026, 6, 11, 10, 59, tzinfo=UTC)
    watch()
    assert subjects() == []
    clock.forward(minutes=1)
    watch()
    assert subjects() == ["Daily digest: 2 notices"]


def test_back_within_a_moment_is_the_same_matter(
    notice: HeldNotice, customer: Customer, owner: User, clock: Clock
) -> None:
    notice.hold(customer_id=customer.pk)
    for _ in range(5):
        watch()
        held, notice.found = notice.found, []
        clock.forward(minutes=5)
        watch()
        notice.found = held
        clock.forward(minutes=5)
    watch()
    assert subjects() == ["Thing a is wrong"]
    assert Matter.objects.get().solved_at is None


def test_what_flaps_is_told_once_a_day(notice: HeldNotice, customer: Customer, owner: User, clock: Clock) -> None:
    for _ in range(24):
        notice.hold(customer_id=customer.pk)
        watch()
        clock.forward(minutes=30)
        watch()
        send()
        notice.found.clear()
        watch_until_said(clock)
        clock.forward(minutes=30)
        watch()
        send()
    assert subjects() == ["Thing a is wrong", "Solved: Thing a is wrong"] * 2


def test_what_came_back_and_stays_is_told_a_day_after(
    notice: HeldNotice, customer: Customer, owner: User, clock: Clock
) -> None:
    notice.hold(customer_id=customer.pk)
    watch()
    send()
    notice.found.clear()
    watch_until_said(clock)
    assert len(subjects()) == 2
    notice.hold(customer_id=customer.pk)
    watch()
    assert len(subjects()) == 2
    clock.forward(days=1)
    watch()
    assert subjects()[2:] == ["Thing a is wrong"]


def test_solved_is_not_said_of_what_is_back(notice: HeldNotice, customer: Customer, owner: User, clock: Clock) -> None:
    notice.hold(customer_id=customer.pk)
    watch()
    send()
    held, notice.found = notice.found, []
    watch_until_said(clock)
    notice.found = held
    watch()
    assert subjects() == ["Thing a is wrong"]


def test_who_may_not_see_it_is_not_told(
    notice: HeldNotice, customer: Customer, owner: User, member: User, clock: Clock
) -> None:
    shown = cast.make_subscription(customer, label="Shown")
    hidden = cast.make_subscription(customer, label="Hidden", shown_at=None)
    place = Membership.objects.get(user=member)
    place.is_limited = True
    place.save()
    place.subscriptions.set([hidden])
    cast.add_person(cast.make_customer("Fabrikam"), cast.make_user("eve@fabrikam.example"), CustomerRole.OWNER)
    notice.hold("a", customer_id=customer.pk, subscription_code=shown.code)
    notice.hold("b", customer_id=customer.pk, subscription_code=hidden.code)
    notice.hold("c", customer_id=customer.pk)
    watch()
    assert sorted(Telling.objects.values_list("matter__key", "person__email")) == [
        ("a", owner.email),
        ("c", owner.email),
    ]


def test_who_lost_access_meanwhile_gets_nothing(
    notice: HeldNotice, customer: Customer, owner: User, member: User
) -> None:
    notice.hold(customer_id=customer.pk)
    telling.look(timezone.now())
    Membership.objects.filter(user=member).delete()
    telling.deliver(timezone.now())
    assert [one.address for one in Mail.objects.all()] == [owner.email]
    owner.is_active = False
    owner.save()
    assert subjects() == []
    assert Mail.objects.get().state == Mail.State.NOT_NEEDED


def test_who_joins_is_told_what_still_lasts(notice: HeldNotice, customer: Customer, owner: User, clock: Clock) -> None:
    notice.hold(customer_id=customer.pk)
    watch()
    cast.add_person(customer, cast.make_user("new@northwind.example"))
    clock.forward(days=1, minutes=5)
    watch()
    watch()
    send()
    assert [one.to for one in django_mail.outbox] == [[owner.email], ["new@northwind.example"]]


def test_an_ordinary_one_waits_for_the_digest(monkeypatch: pytest.MonkeyPatch, customer: Customer, owner: User) -> None:
    ordinary = HeldNotice(is_urgent=False)
    hold_only(monkeypatch, ordinary)
    ordinary.hold(customer_id=customer.pk)
    watch()
    assert Telling.objects.get().how == "digest"
    assert Mail.objects.count() == 0


def test_the_last_one_is_told_of_money_whatever_was_chosen(
    monkeypatch: pytest.MonkeyPatch, customer: Customer, owner: User, member: User
) -> None:
    money, business = HeldNotice("money", topic=Topic.MONEY), HeldNotice("business")
    hold_only(monkeypatch, money, business)
    NoticeChoice.objects.create(person=owner, customer=customer, how=NoticeChoice.How.NEVER)
    money.hold("a", customer_id=customer.pk)
    business.hold("b", customer_id=customer.pk)
    telling.look(timezone.now())
    assert dict(Telling.objects.filter(person=owner).values_list("matter__key", "how")) == {"a": "bell", "b": "bell"}
    NoticeChoice.objects.create(person=member, customer=customer, how=NoticeChoice.How.NEVER)
    money.hold("c", customer_id=customer.pk)
    business.hold("d", customer_id=customer.pk)
    telling.look(timezone.now())
    ways = dict(Telling.objects.filter(person=owner).values_list("matter__key", "how"))
    assert (ways["c"], ways["d"]) == ("at_once", "bell")


def test_a_role_address_gets_what_the_people_get(
    notice: HeldNotice, customer: Customer, owner: User, clock: Clock
) -> None:
    customer.contact_email = "certificates@northwind.example"
    customer.save()
    hidden = cast.make_subscription(customer, shown_at=None)
    shown = [cast.make_subscription(customer) for _ in range(2)]
    notice.hold(customer_id=customer.pk)
    notice.hold("shown", customer_id=customer.pk, subscription_code=shown[0].code)
    notice.hold("hidden", customer_id=customer.pk, subscription_code=hidden.code)
    notice.hold("own", customer_id=customer.pk, person_id=owner.pk)
    watch()
    send()
    sent = {one.to[0]: one for one in django_mail.outbox}
    assert sent["certificates@northwind.example"].subject == "2 notices: Thing a is wrong"
    assert sent[owner.email].subject == "3 notices: Thing a is wrong"
    customer.contact_email = "other@northwind.example"
    customer.save()
    notice.found.clear()
    watch_until_said(clock)
    assert [one.address for one in Mail.objects.order_by("pk")[2:]] == [owner.email]


def test_a_person_with_the_role_address_gets_one_mail(notice: HeldNotice, customer: Customer, owner: User) -> None:
    customer.contact_email = owner.email
    customer.save()
    notice.hold(customer_id=customer.pk)
    watch()
    assert len(subjects()) == 1


def test_more_than_a_few_a_day_wait_for_the_digest(
    notice: HeldNotice, customer: Customer, owner: User, clock: Clock
) -> None:
    for number in range(8):
        notice.hold(str(number), customer_id=customer.pk)
        watch()
        clock.forward(minutes=5)
    assert len(subjects()) == 5
    clock.now = datetime(2026, 6, 11, 7, tzinfo=UTC)
    watch()
    assert subjects()[5:] == ["Daily digest: 3 notices"]


def test_staff_are_told_by_their_role(
    monkeypatch: pytest.MonkeyPatch, operator: User, auditor: User, owner: User
) -> None:
    of_staff = HeldNotice(audience=Audience.STAFF)
    monkeypatch.setattr(type(of_staff), "permission", "buy", raising=False)
    hold_only(monkeypatch, of_staff)
    of_staff.hold()
    watch()
    send()
    assert [one.to for one in django_mail.outbox] == [[operator.email]]


def test_events_are_told_once_however_long_nobody_looked(
    monkeypatch: pytest.MonkeyPatch, customer: Customer, owner: User, clock: Clock
) -> None:
    events = HeldNotice(is_event=True)
    hold_only(monkeypatch, events)
    events.hold("long ago", customer_id=customer.pk, began_at=clock.now - timedelta(days=3))
    watch()
    events.hold("a", customer_id=customer.pk)
    clock.forward(days=9)
    events.hold("b", customer_id=customer.pk)
    for _ in range(3):
        watch()
        clock.forward(minutes=5)
    assert subjects() == ["2 notices: Thing a is wrong"]
    assert NoticeCursor.objects.get().looked_until == clock.now - timedelta(minutes=5)


def test_a_clock_ahead_leaves_no_event_out(monkeypatch: pytest.MonkeyPatch, customer: Customer, clock: Clock) -> None:
    hold_only(monkeypatch, events := HeldNotice(is_event=True))
    clock.forward(days=1)
    watch()
    clock.forward(days=-1)
    for hour in range(30):
        events.hold(str(hour), customer_id=customer.pk)
        watch()
        clock.forward(hours=1)
    assert Matter.objects.count() == 30


def test_a_look_that_was_cut_off_leaves_no_event_out(
    monkeypatch: pytest.MonkeyPatch, customer: Customer, owner: User, clock: Clock
) -> None:
    class Cut(HeldNotice):
        is_cut = False

        def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
            for number, one in enumerate(super().matters(now, since)):
                if self.is_cut and number == 2:
                    raise OSError
                yield one

    monkeypatch.setattr(telling, "BATCH", 1)
    events = Cut(is_event=True)
    hold_only(monkeypatch, events)
    watch()
    for key in "abcd":
        events.hold(key, customer_id=customer.pk)
    monkeypatch.setattr(events, "is_cut", True)
    clock.forward(hours=5)
    with pytest.raises(telling.TellingFailedError, match="held"):
        telling.look(timezone.now())
    assert Matter.objects.count() == 2
    monkeypatch.setattr(events, "is_cut", False)
    clock.forward(hours=5)
    watch()
    assert Matter.objects.count() == Telling.objects.count() == 4


def test_what_cannot_be_looked_at_is_not_solved(
    monkeypatch: pytest.MonkeyPatch, notice: HeldNotice, customer: Customer, owner: User, clock: Clock
) -> None:
    other = HeldNotice("other")
    hold_only(monkeypatch, notice, other)
    notice.hold(customer_id=customer.pk)
    watch()
    monkeypatch.setattr(notice, "matters", lambda *_: 1 / 0)
    other.hold("b", customer_id=customer.pk)
    clock.forward(hours=1)
    with pytest.raises(telling.TellingFailedError, match="Not looked at: held"):
        telling.look(timezone.now())
    assert set(Matter.objects.values_list("key", "solved_at")) == {("a", None), ("b", None)}


def test_what_cannot_be_judged_waits(notice: HeldNotice, customer: Customer, owner: User, clock: Clock) -> None:
    notice.hold("a", customer_id=customer.pk)
    judged: Any = notice
    judged.is_still_so = lambda _: 1 / 0
    watch()
    assert subjects() == []
    del judged.is_still_so
    watch()
    assert subjects() == ["Thing a is wrong"]


def test_an_event_that_does_not_matter_any_more_is_not_told(
    monkeypatch: pytest.MonkeyPatch, customer: Customer, owner: User
) -> None:
    events = HeldNotice(is_event=True)
    hold_only(monkeypatch, events)
    for key in "ab":
        events.hold(key, customer_id=customer.pk)
    watch()
    events.over.add("a")
    assert subjects() == ["Thing b is wrong"]
