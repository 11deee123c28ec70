"""Mails are rows first, in the transaction that wants them, and each address gets only so many a day."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import notices, outbox
from accounts.errors import ServiceError
from accounts.models import Customer, Invitation, Mail, User
from accounts.services import invite_person
from subscriptions.models import Subscription
from subscriptions.services.hand_over import hand_over
from tests import cast

pytestmark = pytest.mark.servers

Sent = list[tuple[str, tuple[Any, ...]]]
ADDRESS = "new@northwind.example"


def test_it_works(
    customer: Customer, no_broker: Sent, django_capture_on_commit_callbacks: Callable[..., Any], owner: User
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        outbox.queue("invitation", address=ADDRESS, person=owner, about=customer, facts={"ip": "192.0.2.1"})
        assert no_broker == []
    mail = Mail.objects.get()
    assert (mail.state, mail.notice, mail.address, mail.person) == ("queued", "invitation", ADDRESS, owner)
    assert (mail.about_kind, mail.about_code, mail.about_name) == ("customer", customer.code, "Northwind Traders")
    assert mail.facts == {"ip": "192.0.2.1"}
    assert no_broker == [("send_mails", ())]


def test_it_is_written_with_what_wants_it_or_not_at_all(db: None) -> None:
    with transaction.atomic():
        outbox.queue("reset_requested", address=ADDRESS)
        transaction.set_rollback(True)
    assert Mail.objects.count() == 0


def test_a_notice_that_is_not_there(db: None) -> None:
    with pytest.raises(KeyError):
        outbox.queue("no_such_notice", address=ADDRESS)


def test_an_address_has_a_share_of_each_notice_each_day(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices.notice_named("reset_requested"), "a_day", 5)
    for address in (ADDRESS, ADDRESS.upper()) * 2 + (ADDRESS,):
        outbox.queue("reset_requested", address=address)
    with pytest.raises(outbox.TooManyMailsError, match=r"has had its share of mails of this kind .*, 5 a day"):
        outbox.queue("reset_requested", address=ADDRESS)
    outbox.queue("reset_requested", address="other@northwind.example")
    outbox.queue("invitation", address=ADDRESS)
    assert Mail.objects.count() == 7
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    outbox.queue("reset_requested", address=ADDRESS)


@pytest.mark.django_db(transaction=True)
def test_the_share_holds_for_many_at_once(no_broker: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices.notice_named("reset_requested"), "a_day", 5)
    ready = threading.Barrier(12)

    def ask() -> None:
        ready.wait(timeout=10)
        try:
            outbox.queue("reset_requested", address=ADDRESS)
        except outbox.TooManyMailsError:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Mail.objects.count() == 5


def test_invitations_of_all_customers_count_together(operator: User, no_broker: Sent) -> None:
    for _ in range(10):
        invite_person(actor=operator, customer=cast.make_customer(), email=ADDRESS, role="owner")
    with pytest.raises(ServiceError, match=r"has had its share of mails of this kind .*, 10 a day"):
        invite_person(actor=operator, customer=cast.make_customer(), email=ADDRESS, role="owner")
    assert Invitation.objects.count() == 10


def test_the_page_says_that_an_address_had_its_share(staff_client: Client, customer: Customer, no_broker: Sent) -> None:
    for _ in range(10):
        outbox.queue("invitation", address=ADDRESS)
    response = staff_client.post(
        reverse("subscriptions:person-invite", args=[customer.code]), {"email": ADDRESS, "role": "owner"}
    )
    page = response.content.decode()
    assert f"{ADDRESS} has had its share of mails of this kind (“Invitation”), 10 a day. Try again later." in page
    assert f'value="{ADDRESS}"' in page


def test_a_hand_over_goes_to_all_or_to_nobody(
    subscription: Subscription, owner: User, member: User, operator: User, no_broker: Sent
) -> None:
    for _ in range(50):
        outbox.queue("handover", address=owner.email)
    with pytest.raises(ServiceError, match=r"has had its share of mails of this kind .*, 50 a day"):
        hand_over(actor=operator, subscriptions=[subscription])
    subscription.refresh_from_db()
    assert subscription.handed_over_at is None
    assert Mail.objects.count() == 50


def test_every_notice_can_be_told_from_the_others() -> None:
    known = notices.all_notices()
    assert len(known) > 5
    assert len({notice.label for notice in known}) == len(known)
    assert all(notice.a_day > 0 for notice in known)
