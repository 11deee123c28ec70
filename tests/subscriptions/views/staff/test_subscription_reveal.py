"""Revealing the EAB HMAC key to reseller staff."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer, User
from subscriptions.models import Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown


@pytest.fixture
def url(subscription: Subscription) -> str:
    return reverse("subscriptions:subscription-reveal", args=[subscription.code])


def test_it_works(staff_client: Client, url: str, subscription: Subscription, operator: User) -> None:
    cast.confirm_password(staff_client)

    response = staff_client.post(url)

    assert response.status_code == 200
    assert cast.HMAC_KEY in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    event = AuditEvent.objects.get(action="key.revealed")
    assert (event.actor_code, event.target_code, event.ip_address) == (operator.code, subscription.code, "127.0.0.1")
    assert cast.HMAC_KEY not in str(event.detail)


def test_without_a_recent_sign_in_the_password_is_asked_first(staff_client: Client, url: str) -> None:
    response = staff_client.post(url)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert AuditEvent.objects.filter(action="key.revealed").count() == 0


def test_after_the_password_the_key_comes_in_the_answer_to_that_post(staff_client: Client, url: str) -> None:
    asked = staff_client.post(url)["Location"]

    response = staff_client.post(asked, {"password": cast.PASSWORD})

    assert response.status_code == 200
    assert cast.HMAC_KEY in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert AuditEvent.objects.filter(action="key.revealed").count() == 1


def test_there_is_nothing_to_reveal_before_the_account_is_made(staff_client: Client, customer: Customer) -> None:
    subscription = cast.make_subscription(customer, is_ready=False)
    cast.confirm_password(staff_client)

    response = staff_client.post(reverse("subscriptions:subscription-reveal", args=[subscription.code]))

    assert response.status_code == 404
    assert AuditEvent.objects.count() == 0


def test_access(url: str, owner: User, stranger: User, auditor: User, operator: User) -> None:
    for user, status in ((auditor, 403), (owner, 404), (stranger, 404)):
        client = cast.sign_in(Client(), user)
        cast.confirm_password(client)
        assert client.post(url).status_code == status
    assert status_for(None, url, "post") == 302
    assert AuditEvent.objects.filter(action="key.revealed").count() == 0


def test_unknown_and_wrong_method(url: str, operator: User) -> None:
    client = cast.sign_in(Client(), operator)
    cast.confirm_password(client)
    assert client.post(unknown("subscription-reveal")).status_code == 404
    assert client.get(url).status_code == 405
