"""Revealing the EAB HMAC key."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from subscriptions.models import Subscription
from tests import cast


def reveal_of(subscription: Subscription) -> str:
    return reverse("subscriptions:my-key-reveal", args=[subscription.code])


@pytest.fixture(autouse=True)
def _no_broker(no_broker: list[tuple[str, tuple[Any, ...]]]) -> None:
    """Watching sends nothing."""


def reveals() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="key.revealed"))


@pytest.mark.parametrize("name", ["owner", "member"])
def test_it_works(client: Client, subscription: Subscription, name: str, request: pytest.FixtureRequest) -> None:
    user: User = request.getfixturevalue(name)
    cast.sign_in(client, user)
    cast.confirm_password(client)
    response = client.post(reveal_of(subscription), REMOTE_ADDR="192.0.2.7")
    assert response.status_code == 200
    assert cast.HMAC_KEY in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    [event] = reveals()
    assert (event.actor_code, event.target_code, event.ip_address) == (user.code, subscription.code, "192.0.2.7")
    assert cast.HMAC_KEY not in str(event.detail)
    page = client.get(reverse("subscriptions:my-subscription", args=[subscription.code]))
    assert cast.HMAC_KEY not in page.content.decode()
    assert f"Last revealed by {user}" in page.content.decode()


def test_the_password_is_asked_and_the_reveal_goes_on(client: Client, member: User, subscription: Subscription) -> None:
    cast.sign_in(client, member)
    response = client.post(reveal_of(subscription), REMOTE_ADDR="192.0.2.7")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert reveals() == []
    wrong = client.post(response["Location"], {"password": "wrong"})
    assert cast.HMAC_KEY not in wrong.content.decode()
    assert reveals() == []
    answer = client.post(response["Location"], {"password": cast.PASSWORD})
    assert answer.status_code == 200
    assert cast.HMAC_KEY in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert [event.ip_address for event in reveals()] == ["192.0.2.7"]


def test_the_password_asked_after_the_session_lost_the_request(
    client: Client, member: User, subscription: Subscription
) -> None:
    """Nothing is shown then: the person comes back to the page and presses again."""
    cast.sign_in(client, member)
    location = client.post(reveal_of(subscription))["Location"]
    session = client.session
    del session["account_reauthentication_state"]
    session.save()
    answer = client.post(location, {"password": cast.PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("subscriptions:my-subscription", args=[subscription.code])
    assert cast.HMAC_KEY not in answer.content.decode()
    assert cast.HMAC_KEY in client.post(reveal_of(subscription)).content.decode()


def test_a_sign_in_long_ago_is_not_recent(
    client: Client, member: User, subscription: Subscription, settings: Any
) -> None:
    cast.sign_in(client, member)
    cast.confirm_password(client)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1
    session.save()
    assert client.post(reveal_of(subscription)).status_code == 302
    assert reveals() == []


@pytest.mark.parametrize(("name", "status"), [("viewer", 403), ("stranger", 404), ("operator", 404)])
def test_others_may_not(
    client: Client, subscription: Subscription, name: str, status: int, request: pytest.FixtureRequest
) -> None:
    cast.sign_in(client, request.getfixturevalue(name))
    cast.confirm_password(client)
    response = client.post(reveal_of(subscription))
    assert response.status_code == status
    assert cast.HMAC_KEY not in response.content.decode()
    assert reveals() == []


def test_get_shows_no_key(client: Client, owner: User, subscription: Subscription) -> None:
    cast.sign_in(client, owner)
    cast.confirm_password(client)
    response = client.get(reveal_of(subscription), follow=True)
    assert response.redirect_chain == [(reverse("subscriptions:my-subscription", args=[subscription.code]), 302)]
    assert cast.HMAC_KEY not in response.content.decode()
    assert reveals() == []


def test_nothing_to_reveal_yet(client: Client, owner: User) -> None:
    subscription = cast.make_subscription(owner.customers.get(), is_ready=False)
    cast.sign_in(client, owner)
    cast.confirm_password(client)
    assert client.post(reveal_of(subscription)).status_code == 302
    assert reveals() == []


def test_a_foreign_site_cannot_reveal(owner: User, subscription: Subscription) -> None:
    client = cast.sign_in(Client(enforce_csrf_checks=True), owner)
    cast.confirm_password(client)
    assert client.post(reveal_of(subscription)).status_code == 403
    assert reveals() == []
