"""What the mail provider reports marks addresses, and clears them."""

import json
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import guessing, outbox, undeliverable
from accounts.models import AuditEvent, Customer, Mail, Telling, UndeliverableAddress, User
from accounts.told_notices import Topic
from subscriptions.models import Subscription
from tests import cast
from tests.accounts.clock import Clock
from tests.accounts.told import HeldNotice, hold_only, send, watch

pytestmark = pytest.mark.servers

SECRET = "mail:a-secret-of-the-tests-only"
ADDRESS = "olga@northwind.example"


@pytest.fixture(autouse=True)
def secret(settings: Any, db: None, no_broker: Any) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}
    cast.make_mail("sent", address=ADDRESS, notice="invitation")


def report(kind: str, *, secret: str = SECRET, at: datetime | None = None, provider: str = "postmark") -> HttpResponse:
    """Let the provider report, as Postmark does; `kind` is its Type of a bounce, or Delivery."""
    moment = (at or timezone.now()).isoformat()
    body = {"RecordType": "Bounce", "Type": kind, "Email": "Olga@Northwind.example", "BouncedAt": moment, "ID": 42}
    body |= {"Description": "The server was unable to deliver your message", "Details": "smtp;550 5.1.1 User unknown"}
    if kind == "Delivery":
        body = {"RecordType": "Delivery", "Recipient": ADDRESS, "DeliveredAt": moment}
    if kind == "SpamComplaint":
        body["RecordType"] = "SpamComplaint"
    login = f"Basic {b64encode(secret.encode()).decode()}"
    url = reverse("accounts:mail-events", args=[provider])
    answer: Any = Client().post(
        url, json.dumps(body), content_type="application/json", headers={"Authorization": login}
    )
    return answer  # type: ignore[no-any-return]


def marked() -> dict[str, str]:
    return dict(UndeliverableAddress.objects.marked().values_list("address", "reason"))


def test_it_works() -> None:
    assert report("HardBounce").status_code == 200
    mark = UndeliverableAddress.objects.get()
    assert (mark.address, mark.reason) == (ADDRESS, "bounced")
    assert "User unknown" in mark.words
    assert report("Delivery", at=timezone.now()).status_code == 200
    assert marked() == {}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("SpamComplaint", "complained"), ("BadEmailAddress", "rejected"), ("Transient", ""), ("AutoResponder", "")],
)
def test_what_is_final(kind: str, reason: str) -> None:
    assert report(kind).status_code == 200
    assert marked() == ({ADDRESS: reason} if reason else {})


def test_without_a_secret_nothing_answers(settings: Any) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": ""}
    assert report("HardBounce").status_code == 404
    assert marked() == {}


def test_only_who_has_the_secret_reports(caplog: pytest.LogCaptureFixture) -> None:
    assert report("HardBounce", secret="mail:another-guess").status_code == 400
    assert report("HardBounce", provider="mailgun").status_code == 404
    assert Client().post(reverse("accounts:mail-events", args=["postmark"])).status_code == 400
    assert marked() == {}
    assert SECRET not in caplog.text
    assert "another-guess" not in caplog.text


def test_who_guesses_the_secret_is_slowed_down() -> None:
    for _ in range(guessing.MAIL_EVENTS.at_once):
        assert report("HardBounce", secret="mail:guess").status_code == 400
    assert report("HardBounce").status_code == 429


def test_the_provider_is_never_slowed_down(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(guessing.MAIL_EVENTS.at_once + 5):
        assert report("Transient").status_code == 200


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"RecordType": "Bounce"}', "no JSON"])
def test_what_cannot_be_read(body: str) -> None:
    login = f"Basic {b64encode(SECRET.encode()).decode()}"
    url = reverse("accounts:mail-events", args=["postmark"])
    answer = Client().post(url, body, content_type="application/json", headers={"Authorization": login})
    assert answer.status_code in (200, 400)
    assert marked() == {}


def test_an_address_that_was_never_written_to_is_not_believed() -> None:
    Mail.objects.all().delete()
    assert report("HardBounce").status_code == 200
    assert not UndeliverableAddress.objects.exists()


def test_a_late_report_does_not_mark_anew(operator: User) -> None:
    bounced_at = timezone.now() - timedelta(minutes=5)
    report("HardBounce", at=bounced_at)
    undeliverable.clear(UndeliverableAddress.objects.get(), actor=operator)
    report("HardBounce", at=bounced_at)
    assert marked() == {}
    report("HardBounce", at=timezone.now())
    assert marked() == {ADDRESS: "bounced"}
    report("Delivery", at=bounced_at)
    assert marked() == {ADDRESS: "bounced"}


def test_a_marked_address_gets_no_notices_but_what_is_sent_by_hand(
    monkeypatch: pytest.MonkeyPatch, customer: Customer, owner: User, subscription: Subscription
) -> None:
    notice = HeldNotice()
    hold_only(monkeypatch, notice)
    notice.hold(customer_id=customer.pk)
    watch()
    cast.make_mark(owner.email)
    assert send() == [Mail.objects.get(address=ADDRESS)]  # the one on its way says why it was not sent
    assert "do not reach" in Mail.objects.get(state="not_needed").answer
    notice.hold("b", customer_id=customer.pk)
    watch()
    assert Telling.objects.get(matter__key="b").how == "bell"
    assert outbox.offer("request_answered", person=owner, about=subscription) is None
    outbox.queue("reset_requested", address=owner.email)
    send()
    assert [one.to for one in django_mail.outbox] == [[owner.email]]


def test_who_is_not_reached_does_not_count_as_the_one_who_is_told_of_money(
    monkeypatch: pytest.MonkeyPatch, customer: Customer, owner: User, member: User
) -> None:
    money = HeldNotice(topic=Topic.MONEY)
    hold_only(monkeypatch, money)
    owner.notice_choices.create(customer=customer, how="never")
    cast.make_mark(member.email)
    money.hold(customer_id=customer.pk)
    watch()
    ways = dict(Telling.objects.values_list("person__email", "how"))
    assert ways == {owner.email: "at_once", member.email: "bell"}


def test_what_was_due_when_the_address_was_marked_stands_in_the_portal(
    monkeypatch: pytest.MonkeyPatch, customer: Customer, owner: User
) -> None:
    notice = HeldNotice(is_urgent=False)
    hold_only(monkeypatch, notice)
    clock = Clock(monkeypatch)
    notice.hold(customer_id=customer.pk)
    watch()
    cast.make_mark(owner.email)
    clock.forward(days=1)
    watch()
    telling = Telling.objects.get()
    assert (telling.how, telling.due_at, telling.is_new) == ("bell", None, True)


def test_staff_see_it_and_clear_it(
    customer: Customer, owner: User, operator: User, auditor: User, stranger: User
) -> None:
    mark = cast.make_mark(owner.email)
    page = reverse("subscriptions:customer-detail", args=[customer.code])
    url = reverse("subscriptions:address-clear", args=[mark.code])
    client = cast.sign_in(Client(), operator)
    for address in (page, reverse("subscriptions:mail-list")):
        assert "Mails do not arrive" in client.get(address).content.decode()
    assert "Send notices again" not in cast.sign_in(Client(), auditor).get(page).content.decode()
    assert "Mails to you do not arrive" in cast.sign_in(Client(), owner).get("/profile/").content.decode()
    assert client.post(url).headers["Location"] == page
    assert marked() == {}
    assert AuditEvent.objects.filter(action="address.cleared", target_name=owner.email).count() == 1
    client.post(url)
    assert AuditEvent.objects.filter(action="address.cleared").count() == 1
    assert "Mails do not arrive" not in client.get(page).content.decode()


def test_a_changed_address_is_none_of_it(owner: User) -> None:
    cast.make_mark(owner.email)
    owner.email = "new@northwind.example"
    owner.save()
    assert undeliverable.mark_of(owner) is None


def test_customers_that_no_mail_reaches(customer: Customer, owner: User, member: User) -> None:
    def unreachable() -> list[Customer]:
        return list(undeliverable.unreachable_customers())

    assert unreachable() == []
    cast.make_subscription(customer)
    for person in (owner, member):
        assert unreachable() == []
        cast.make_mark(person.email)
    assert unreachable() == [customer]
    customer.contact_email = "certificates@northwind.example"
    customer.save()
    assert unreachable() == []
    cast.make_mark(customer.contact_email)
    assert unreachable() == [customer]
    invitation = customer.invitations.create(email="new@northwind.example", expires_at=timezone.now() + timedelta(1))
    assert unreachable() == []
    cast.make_mark(invitation.email)
    assert unreachable() == [customer]
    UndeliverableAddress.objects.filter(address=member.email).update(cleared_at=timezone.now())
    assert unreachable() == []
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert unreachable() == [customer]
    Customer.objects.update(archived_at=timezone.now())
    assert unreachable() == []
