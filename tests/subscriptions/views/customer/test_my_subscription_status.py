"""The part of the subscription page that is polled."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from subscriptions.models import Operation, Subscription
from tests import cast

HTMX = {"HX-Request": "true"}


def status_of(subscription: Subscription) -> str:
    return reverse("subscriptions:my-subscription-status", args=[subscription.code])


@pytest.fixture(autouse=True)
def sent(no_broker: list[tuple[str, tuple[Any, ...]]]) -> list[tuple[str, tuple[Any, ...]]]:
    return no_broker


def test_it_works(client: Client, viewer: User, running_subscription: Subscription) -> None:
    response = cast.sign_in(client, viewer).get(status_of(running_subscription), {"q": "www"}, headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in text
    assert f'hx-get="{status_of(running_subscription)}?q=www"' in text
    assert 'hx-trigger="every 10s"' in text
    assert 'hx-swap-oob="true"' in text
    assert cast.HMAC_KEY not in text


def test_it_stops_with_the_first_certificate(client: Client, viewer: User, running_subscription: Subscription) -> None:
    cast.make_certificate(running_subscription.domains.get(name="example.com"))
    text = cast.sign_in(client, viewer).get(status_of(running_subscription), headers=HTMX).content.decode()
    assert "hx-get" not in text
    assert "1 of 2 certificates current." in text


def test_it_goes_on_while_names_are_added(client: Client, viewer: User, running_subscription: Subscription) -> None:
    cast.make_certificate(running_subscription.domains.get(name="example.com"))
    order = cast.make_order(cast.make_quote(running_subscription, {"shop.example.com": "95.00"}))
    cast.sign_in(client, viewer)
    text = client.get(status_of(running_subscription), headers=HTMX).content.decode()
    assert 'hx-trigger="every 10s"' in text
    assert "1 name being added at the CA." in text
    cast.end_operation(order.operations.get(), Operation.State.SUCCEEDED)
    assert "hx-get" not in client.get(status_of(running_subscription), headers=HTMX).content.decode()


def test_the_page_is_loaded_anew_when_the_account_is_there(
    client: Client, viewer: User, subscription: Subscription
) -> None:
    response = cast.sign_in(client, viewer).get(status_of(subscription), {"creating": "yes"}, headers=HTMX)
    assert response["HX-Refresh"] == "true"
    Subscription.objects.filter(pk=subscription.pk).update(creation=Subscription.Creation.CREATING)
    response = client.get(status_of(subscription), {"creating": "yes"}, headers=HTMX)
    assert "HX-Refresh" not in response
    assert "being created" in response.content.decode()


def test_each_poll_watches_but_the_ca_is_read_once_a_minute(
    client: Client,
    viewer: User,
    subscription: Subscription,
    sent: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    cast.sign_in(client, viewer)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            client.get(status_of(subscription), headers=HTMX)
    assert sent == [("sync_subscription", (subscription.pk,))]


def test_signed_out_meanwhile(client: Client, subscription: Subscription) -> None:
    response = client.get(status_of(subscription), headers=HTMX)
    assert (response.status_code, response.content) == (401, b"")


def test_strangers_get_404(client: Client, stranger: User, subscription: Subscription) -> None:
    assert cast.sign_in(client, stranger).get(status_of(subscription)).status_code == 404


def test_post_is_refused(client: Client, owner: User, subscription: Subscription) -> None:
    assert cast.sign_in(client, owner).post(status_of(subscription)).status_code == 405
