"""Handing a subscription over to the customer's people."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer, Invitation, Mail, User
from subscriptions.models import Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown

Sent = list[tuple[str, tuple[Any, ...]]]


@pytest.fixture
def url(subscription: Subscription) -> str:
    return reverse("subscriptions:subscription-hand-over", args=[subscription.code])


def test_it_works(
    staff_client: Client,
    url: str,
    subscription: Subscription,
    owner: User,
    viewer: User,
    no_broker: Sent,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = staff_client.post(url, follow=True)

    subscription.refresh_from_db()
    assert "Handed over: 2 mails on the way." in response.content.decode()
    assert subscription.handed_over_at is not None
    assert ("send_mails", ()) in no_broker
    mails = Mail.objects.filter(notice="handover", about_code=subscription.code)
    assert {(mail.address, mail.person) for mail in mails} == {(owner.email, owner), (viewer.email, viewer)}


def test_the_page_tells_who_gets_the_mail(staff_client: Client, url: str, owner: User, stranger: User) -> None:
    page = staff_client.get(url).content.decode()

    assert owner.email in page
    assert stranger.email not in page
    assert "Send 1 mail" in page


def test_with_nobody_to_tell_it_offers_to_invite(staff_client: Client, url: str, subscription: Subscription) -> None:
    response = staff_client.post(url)

    page = response.content.decode()
    assert "Nobody at Northwind Traders can sign in yet. Invite a person first." in page
    assert "Invite, and hand over when they accept" in page
    subscription.refresh_from_db()
    assert subscription.handed_over_at is None


def test_it_is_refused_before_the_account_is_ready(staff_client: Client, customer: Customer, owner: User) -> None:
    subscription = cast.make_subscription(customer, is_ready=False)

    response = staff_client.post(reverse("subscriptions:subscription-hand-over", args=[subscription.code]))

    assert "The ACME account is not ready yet" in response.content.decode()
    assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize("state", ["suspended", "deactivated"])
def test_one_that_is_stopped_says_so_at_once(
    staff_client: Client, url: str, subscription: Subscription, owner: User, state: str
) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(account_state=state)

    page = staff_client.get(url).content.decode()

    assert f"The ACME account is {state}" in page
    assert "Send 1 mail" not in page
    assert "Nothing was sent" in staff_client.post(url).content.decode()


def test_access(url: str, owner: User, stranger: User, auditor: User, subscription: Subscription) -> None:
    assert status_for(None, url, "post") == 302
    assert status_for(stranger, url, "post") == 404
    assert status_for(owner, url, "post") == 404
    assert status_for(auditor, url, "post") == 403
    subscription.refresh_from_db()
    assert subscription.handed_over_at is None


def test_unknown_and_wrong_method(url: str, operator: User) -> None:
    assert status_for(operator, unknown("subscription-hand-over")) == 404
    assert status_for(operator, url, "put") == 405


def test_a_person_is_invited_on_the_page(
    staff_client: Client, url: str, subscription: Subscription, no_broker: Sent
) -> None:
    Customer.objects.update(contact_email="carla@northwind.example")
    assert 'value="carla@northwind.example"' in staff_client.get(url).content.decode()

    page = staff_client.post(url, {"email": "carla@northwind.example", "role": "owner"}, follow=True).content.decode()

    assert "It is handed over when they accept." in page
    assert "Handed over when they accept" in page
    subscription.refresh_from_db()
    assert subscription.hand_over_pending_since is not None
    assert Mail.objects.get().notice == "invitation"
    again = staff_client.get(url).content.decode()
    assert "It waits for\n      carla@northwind.example" in again
    assert "Call the hand-over off" in again


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"email": "no address", "role": "owner"}, "no address"),
        ({"email": "operator@reseller.example", "role": "owner"}, "cannot be invited"),
    ],
)
def test_a_bad_invitation_changes_nothing(
    staff_client: Client, url: str, subscription: Subscription, typed: dict[str, str], message: str
) -> None:
    page = staff_client.post(url, typed).content.decode()
    assert message in page
    assert f'value="{typed["email"]}"' in page
    subscription.refresh_from_db()
    assert subscription.hand_over_pending_since is None
    assert not Invitation.objects.exists()


def test_it_is_called_off(staff_client: Client, url: str, subscription: Subscription, no_broker: Sent) -> None:
    off = reverse("subscriptions:hand-over-call-off", args=[subscription.code])
    assert "does not wait any more" in staff_client.post(off, follow=True).content.decode()
    staff_client.post(url, {"email": "carla@northwind.example", "role": "owner"})
    assert "The hand-over was called off" in staff_client.post(off, follow=True).content.decode()
    subscription.refresh_from_db()
    assert subscription.hand_over_pending_since is None
    assert Invitation.objects.get().state == "open"
